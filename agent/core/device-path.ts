/** Paths below the root, beginning with `/`, as text. The root itself is `/`. */

export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';

/** All directories above a path, the nearest first, the root last. */
export function ancestorsOf(path: string): string[] {
  const ancestors: string[] = [];
  for (let at = path; at !== '/'; ) {
    at = parentOf(at);
    ancestors.push(at);
  }
  return ancestors;
}

export const isBelow = (path: string, directory: string): boolean =>
  directory === '/' ? path !== '/' : path.startsWith(`${directory}/`);

export const joinPath = (directory: string, name: string): string =>
  directory === '/' ? `/${name}` : `${directory}/${name}`;

/** The path on the host of a path below `root`. */
export const onHost = (root: string, path: string): string => (root === '/' ? path : root + path);

/** Names of the things that a transaction puts beside others for its duration. */
const TEMPORARY = '.jamesc-';

/** Where the new version of a path waits. */
export const stagedName = (transaction: string, n: number): string =>
  `${TEMPORARY}${transaction}-${n}`;

/** Where the old version of a path waits until the commit. */
export const savedName = (transaction: string, n: number): string =>
  `${TEMPORARY}${transaction}-${n}.old`;

/** Whether packets may not bring a path because its name is one of the agent's own. */
export const isTemporary = (path: string): boolean =>
  path.slice(path.lastIndexOf('/') + 1).startsWith(TEMPORARY);

/** Where the new version of a configuration file goes that was changed on the device. */
export const besideOf = (path: string): string => `${path}.jamesd-new`;
