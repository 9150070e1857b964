import { JamesError } from '../../proto/errors.ts';
import {
  type DeviceResolveRequest,
  type InstalledPackage,
  installedDigest,
} from '../../proto/lock.ts';

/** Lists of installed packages that devices sent, by digest; those that were not asked for longest go first. */
export interface InstalledLists {
  /** The list of a request. Throws `installed-list-needed`, and `bad-request` where list and digest do not agree. */
  take(request: DeviceResolveRequest): readonly InstalledPackage[];
}

/** The lists that are remembered hold at most this many packages together (about 100 bytes each). */
const MAX_PACKAGES = 300_000;

export function createInstalledLists(): InstalledLists {
  const known = new Map<string, readonly InstalledPackage[]>();
  let weight = 0;

  const keep = (digest: string, list: readonly InstalledPackage[]): void => {
    if (known.delete(digest)) weight -= list.length;
    known.set(digest, list);
    weight += list.length;
    for (const [key, { length }] of known) {
      if (weight <= MAX_PACKAGES || key === digest) return;
      known.delete(key);
      weight -= length;
    }
  };

  return {
    take({ installedDigest: digest, installed }) {
      const list = known.get(digest) ?? installed;
      if (!list)
        throw new JamesError(
          'installed-list-needed',
          'The server does not know this list of installed packages; send it with the request.',
        );
      if (list === installed && installedDigest(list) !== digest)
        throw new JamesError(
          'bad-request',
          'The digest of the installed packages is not that of the list.',
        );
      keep(digest, list);
      return list;
    },
  };
}
