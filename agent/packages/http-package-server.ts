import Value from 'typebox/value';
import { digestOf } from '../../proto/digest.ts';
import { JamesError } from '../../proto/errors.ts';
import { parseJson } from '../../proto/json.ts';
import { Lock } from '../../proto/lock.ts';
import { Credentials } from '../../proto/secret.ts';
import { problemOf } from '../transports/http-answers.ts';
import type { HttpClient, HttpRequest } from '../transports/http-client.ts';
import type { PackageServer } from './package-server.ts';

const TIMEOUT_MS = 60_000;
/** A lock of the greatest length that its schema allows stays below this. */
const MAX_LOCK_BYTES = 32 * 1024 * 1024;
const MAX_SECRET_BYTES = 64 * 1024;

/** The server over HTTP, with the device's own credentials. */
export function createHttpPackageServer(options: {
  http: HttpClient;
  /** The device's id, once it has one. */
  device: () => string;
}): PackageServer {
  const { http, device } = options;

  const ask = async (request: Omit<HttpRequest, 'timeoutMs'>, limit: number): Promise<unknown> => {
    const answer = await http.fetch({ ...request, timeoutMs: TIMEOUT_MS }, limit);
    if (answer.status !== 200) throw problemOf(answer);
    return parseJson(Buffer.from(answer.content).toString('utf8'));
  };

  return {
    async lock({ url, digest }, signal) {
      const lock = lockOf(await ask({ method: 'GET', url, signal }, MAX_LOCK_BYTES));
      if (digestOf(lock) === digest) return lock;
      throw new JamesError('digest-mismatch', `The server's lock is not the one of ${digest}.`);
    },
    async secret(name, signal) {
      const url = `/v1/secrets/${encodeURIComponent(name)}`;
      const value = await ask({ method: 'GET', url, signal }, MAX_SECRET_BYTES);
      const { username, password } = (value ?? {}) as Record<string, unknown>;
      if (Value.Check(Credentials, { username, password }))
        return { username: String(username), password: String(password) };
      throw new JamesError('bad-message', `The secret ${name} holds no user and password.`);
    },
    async resolve(request, signal) {
      const url = `/v1/devices/${encodeURIComponent(device())}/resolve`;
      const headers = { 'content-type': 'application/json' };
      const body = Buffer.from(JSON.stringify(request));
      return lockOf(await ask({ method: 'POST', url, headers, body, signal }, MAX_LOCK_BYTES));
    },
  };
}

function lockOf(value: unknown): Lock {
  if (Value.Check(Lock, value)) return value as Lock;
  throw new JamesError('bad-message', 'The server gave something that is no lock.');
}
