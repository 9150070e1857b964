import type { Machine } from './machine.ts';

/** What a `-t` or `/release` names: a release, or something that only fields say which the recording lacks. */
export type ReleaseChoice =
  | { kind: 'release'; release: string }
  | { kind: 'unknown' }
  | { kind: 'unrecorded' };

/** apt's name for what is installed. */
export const INSTALLED_RELEASE = 'now';

/** The scripts' archive calls unstable sid; other releases have the same name and codename. */
const codenames: Readonly<Record<string, string>> = { sid: 'unstable' };

/** By name or codename, plain or as `a=` or `n=` (apt_preferences(5)). Versions, labels and globs were not recorded. */
export function releaseChoice(written: string, { releases }: Machine): ReleaseChoice {
  const [, field = '', value = ''] = /^(?:([a-z])=)?(.*)$/.exec(written) ?? [];
  if (!['', 'a', 'n'].includes(field) || /^[\d*]|[*?[]/.test(value)) return { kind: 'unrecorded' };
  const byCodename = field === 'a' ? undefined : codenames[value];
  const release = byCodename ?? value;
  return releases.has(release) || release === INSTALLED_RELEASE
    ? { kind: 'release', release }
    : { kind: 'unknown' };
}
