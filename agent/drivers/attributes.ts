import type { Attributes } from '../core/operation.ts';
import type { Device } from './device.ts';

/** Whether the agent can and need not give up on an owner: it is root, or the owner is itself. */
export const canOwn = ({ user }: Device, owner: { uid: number; gid: number }): boolean =>
  user.uid === 0 || (owner.uid === user.uid && owner.gid === user.gid);

/**
 * Sets owner, permission bits and time of a file or directory, in the order that keeps setuid (a change of owner drops it).
 * The owner is left out if the agent is not root.
 */
export async function setAttributes(
  device: Device,
  path: string,
  { mode, uid, gid, modifiedMs }: Attributes,
): Promise<void> {
  if (device.user.uid === 0) await device.files.chown(path, uid, gid);
  await device.files.chmod(path, mode);
  if (modifiedMs !== null) await device.files.setModified(path, modifiedMs);
}

/** The same for a symlink, which has no permission bits of its own. */
export async function setLinkAttributes(
  device: Device,
  path: string,
  { uid, gid, modifiedMs }: Attributes,
): Promise<void> {
  if (device.user.uid === 0) await device.files.chown(path, uid, gid);
  if (modifiedMs !== null) await device.files.setModified(path, modifiedMs);
}
