import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { SOCKET_NAME } from './local-protocol.ts';

/** `sockaddr_un` has room for so many bytes of a path, with the NUL. */
const MAX_PATH_BYTES = 107;

/**
 * Calls `use` with a path of the agent's socket that a socket address can hold. A path that is too long is said by way of
 * an open directory, which lasts while `use` runs.
 */
export async function withSocketPath<Result>(
  state: string,
  use: (path: string) => Promise<Result>,
): Promise<Result> {
  const path = join(state, SOCKET_NAME);
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return await use(path);
  const directory: FileHandle = await open(state, 'r');
  try {
    return await use(`/proc/self/fd/${directory.fd}/${SOCKET_NAME}`);
  } finally {
    await directory.close();
  }
}
