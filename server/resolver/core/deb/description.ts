import type { ResolvedPackage } from '../resolution.ts';
import type { View } from '../view.ts';

/** What an answer says of a version, whatever the request was. */
export type Description = Omit<ResolvedPackage, 'auto' | 'reason'>;

/** Describes versions of a view; each once. */
export function createDescribe(view: View): (version: number) => Description {
  const known = new Array<Description | undefined>(view.count + 1).fill(undefined);
  return (version) => {
    let description = known[version];
    if (!description) {
      description = describe(view, version);
      known[version] = description;
    }
    return description;
  };
}

function describe(view: View, version: number): Description {
  const universe = view.universe(version);
  const index = view.index(version);
  return {
    name: view.name(version),
    version: view.version(version),
    arch: view.arch(version),
    type: 'deb',
    source: view.source(version).id,
    size: universe.size(index),
    installedSize: universe.installedSize(index),
    location: universe.location(index),
    checksum: universe.checksum(index),
  };
}
