import type { Request } from '../../server/resolver/core/resolution.ts';
import type { PackageRecord } from '../../server/resolver/core/universe.ts';
import { createUniverseBuilder } from '../../server/resolver/core/universe-builder.ts';
import { createView, type View, type ViewSource } from '../../server/resolver/core/view.ts';

/** The architectures of a 64-bit machine, the best first. */
export const rpmArchs = ['x86_64', 'i686', 'i586', 'i486', 'i386'] as const;

/** A view of rpm sources, each with its packages; in the order given. */
export function rpmView(
  ...sources: (Partial<ViewSource> & { records: readonly PackageRecord[] })[]
): View {
  return createView({
    family: 'rpm',
    archs: rpmArchs,
    sources: sources.map(({ records, ...rest }, index) => {
      const builder = createUniverseBuilder('rpm');
      for (const record of records) builder.add(record);
      return {
        id: `source-${index + 1}`,
        universes: [builder.build()],
        ...{ priority: 500, recommended: false, essential: false, include: [], exclude: [] },
        ...{ onlyIndependent: false, notAutomatic: false, butAutomaticUpgrades: false },
        ...rest,
      };
    }),
  });
}

/** A request for rpm packages on an empty machine. */
export function rpmRequest(request: Partial<Request> = {}): Request {
  return {
    ...{ wants: [], policy: 'rpm', recommends: null, essential: false, installed: [] },
    ...{ locked: new Map(), prerequisites: true, downgrade: false, remove: false },
    upgrade: 'needed',
    ...request,
  };
}

/** A record from `name version[.arch]`; it provides itself. */
export function rpmRecord(
  title: string,
  relations: PackageRecord['relations'] = {},
  more: Partial<PackageRecord> = {},
): PackageRecord {
  const [name = '', rest = ''] = title.split(' ');
  const [, version = rest, arch = 'noarch'] = /^(.*)\.(x86_64|i686|noarch|src)$/.exec(rest) ?? [];
  const own = `${name} = ${version}`;
  const provides = relations.provides === undefined ? own : `${own}\n${relations.provides}`;
  return { name, version, arch, relations: { ...relations, provides }, ...more };
}
