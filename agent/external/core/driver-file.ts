const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;
const ANYBODY_EXECUTES = 0o111;
const OTHERS_WRITE = 0o022;

interface Entry {
  type: string;
  mode: number;
  uid: number;
}

/** Why an entry of the directory of drivers is not used, as the end of a sentence; null if it is. */
export function whyNotUsed(name: string, entry: Entry, user: { uid: number }): string | null {
  if (!NAME.test(name))
    return 'names of drivers have lower-case letters, digits and "-", at most 64';
  if (entry.type !== 'file') return 'it is no regular file';
  if ((entry.mode & ANYBODY_EXECUTES) === 0) return 'it is not executable';
  return whyNotTrusted(entry, user);
}

/** Why somebody else could change an entry; null if only root and the agent's user can. */
export function whyNotTrusted({ mode, uid }: Entry, user: { uid: number }): string | null {
  if (uid !== 0 && uid !== user.uid) return `it belongs to another user (${uid})`;
  return (mode & OTHERS_WRITE) === 0 ? null : 'other users may write to it';
}
