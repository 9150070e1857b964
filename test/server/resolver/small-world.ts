import type { Request, Resolution } from '../../../server/resolver/core/resolution.ts';
import { resolve } from '../../../server/resolver/core/resolve.ts';
import type {
  Family,
  PackageRecord,
  RelationKind,
  Universe,
} from '../../../server/resolver/core/universe.ts';
import { createUniverseBuilder } from '../../../server/resolver/core/universe-builder.ts';
import { createView, type View, type ViewSource } from '../../../server/resolver/core/view.ts';
import { readDebPackages } from '../../../server/sources/core/deb-packages.ts';

/**
 * The index of an APT repository from lines such as `app Depends: a | b; Provides: x`: a stanza each, version 1 and
 * amd64 if the line says no other.
 */
export function debIndex(...lines: readonly string[]): Universe {
  return debUniverse(lines.map(stanza).join('\n'));
}

function stanza(line: string): string {
  const [, name = '', rest = ''] = /^(\S+) ?(.*)$/s.exec(line) ?? [];
  const fields = new Map([
    ['Package', name],
    ['Version', '1'],
    ['Architecture', 'amd64'],
  ]);
  for (const part of rest.split('; ').filter((text) => text !== '')) {
    const [field = '', ...value] = part.split(': ');
    fields.set(field, value.join(': '));
  }
  return [...fields].map(([field, value]) => `${field}: ${value}\n`).join('');
}

const RPM_FIELDS: Record<string, RelationKind> = {
  Requires: 'depends',
  Recommends: 'recommends',
  Supplements: 'supplements',
  Conflicts: 'conflicts',
  Obsoletes: 'obsoletes',
  Provides: 'provides',
};

/**
 * The index of a YUM repository from lines such as `app Requires: lib >= 2, /usr/bin/awk; Files: /etc/app`: version 1 and
 * x86_64 if the line says no other. Every package provides its own name and version, as rpm's do.
 */
export function rpmIndex(...lines: readonly string[]): Universe {
  const builder = createUniverseBuilder('rpm');
  for (const line of lines) builder.add(rpmRecord(line));
  return builder.build();
}

function rpmRecord(line: string): PackageRecord {
  const fields = new Map(
    stanza(line)
      .trim()
      .split('\n')
      .map((one) => one.split(': ') as [string, string]),
  );
  const [name, version, arch] = ['Package', 'Version', 'Architecture'].map(
    (key) => fields.get(key) ?? '',
  ) as [string, string, string];
  const relations: PackageRecord['relations'] = { provides: `${name} = ${version}` };
  for (const [field, kind] of Object.entries(RPM_FIELDS)) {
    const entries = fields.get(field)?.split(', ') ?? [];
    if (entries.length > 0)
      relations[kind] = [...(relations[kind] ? [relations[kind]] : []), ...entries].join('\n');
  }
  return {
    ...{ name, version, relations, files: fields.get('Files')?.split(', ') ?? [] },
    arch: arch === 'amd64' ? 'x86_64' : arch,
  };
}

/** From the text of a Packages file. */
export function debUniverse(text: string): Universe {
  const builder = createUniverseBuilder('deb');
  readDebPackages(Buffer.from(text), (record) => builder.add(record));
  return builder.build();
}

type SourceOrIndex = Universe | ({ index: Universe } & Partial<ViewSource>);

/** A view of sources in order; each is an index, or an index with more about its source. */
export const debView = (...sources: readonly SourceOrIndex[]): View =>
  viewOf('deb', 'amd64', sources);
export const rpmView = (...sources: readonly SourceOrIndex[]): View =>
  viewOf('rpm', 'x86_64', sources);

function viewOf(family: Family, arch: string, sources: readonly SourceOrIndex[]): View {
  return createView({
    family,
    archs: [arch],
    sources: sources.map((source, number) => {
      const { index, ...some } = 'index' in source ? source : { index: source };
      return {
        ...{ id: `s${number + 1}`, universes: [index as Universe], priority: 500 },
        ...{ recommended: false, essential: true, include: [], exclude: [] },
        ...{ onlyIndependent: false, notAutomatic: false, butAutomaticUpgrades: false },
        ...some,
      } as ViewSource;
    }),
  });
}

/** The answer for some names. */
export function ask(view: View, names: readonly string[], some: Partial<Request> = {}): Resolution {
  return resolve(view, {
    wants: names.map((name) => ({ name })),
    ...{ policy: 'apt', recommends: null, essential: false, installed: [], locked: new Map() },
    ...{ prerequisites: true, downgrade: false, remove: false, upgrade: 'needed' },
    ...some,
  });
}

/** The names of an answer with their versions where they are not 1; after `!` what was left out. */
export function told({ packages, unresolved }: Resolution): string {
  const chosen = packages.map(({ name, version }) =>
    version === '1' ? name : `${name}=${version}`,
  );
  return [...chosen, ...unresolved.map((name) => `!${name}`)].join(' ');
}

/** Every sentence and hint about what was left out. */
export function sentences({ problems }: Resolution): string {
  return problems.flatMap((one) => [...one.sentences, one.hint ?? '']).join('\n');
}
