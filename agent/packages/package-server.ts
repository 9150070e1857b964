import type { DeviceResolveRequest, Lock, LockRef } from '../../proto/lock.ts';

/** What the server tells a device about packages. Throws JamesError, or the signal's reason. */
export interface PackageServer {
  /** The lock of that digest. `digest-mismatch` if the server gives another one. */
  lock(ref: LockRef, signal: AbortSignal): Promise<Lock>;
  secret(name: string, signal: AbortSignal): Promise<{ username: string; password: string }>;
  /** An answer for this device alone. `installed-list-needed` if the list has to be in the request. */
  resolve(request: DeviceResolveRequest, signal: AbortSignal): Promise<Lock>;
}

/** Where there is no server, as for installing by hand. */
export const noPackageServer: PackageServer = {
  lock: () => Promise.reject(new Error('There is no server to ask for a lock.')),
  secret: () => Promise.reject(new Error('There is no server to ask for a secret.')),
  resolve: () => Promise.reject(new Error('There is no server to ask for an answer.')),
};
