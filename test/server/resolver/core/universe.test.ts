import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  multiArchs,
  type PackageRecord,
  packagePriorities,
  type Universe,
} from '../../../../server/resolver/core/universe.ts';
import { createUniverseBuilder } from '../../../../server/resolver/core/universe-builder.ts';
import { fromSnapshot, toSnapshot } from '../../../../server/resolver/core/universe-snapshot.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const record: fc.Arbitrary<PackageRecord> = fc.record({
  name: fc.constantFrom('a', 'b', 'libc6', 'ü'),
  version: text,
  arch: fc.constantFrom('amd64', 'all'),
  relations: fc.record(
    { depends: text, provides: fc.constantFrom('mta', 'mta (= 1), x', 'y | z'), obsoletes: text },
    { requiredKeys: [] },
  ),
  multiArch: fc.constantFrom(...multiArchs),
  essential: fc.boolean(),
  protected: fc.boolean(),
  priority: fc.constantFrom(...packagePriorities),
  section: text,
  sourcePackage: text,
  location: text,
  size: fc.maxSafeNat(),
  installedSize: fc.maxSafeNat(),
  checksum: text,
  summary: text,
  files: fc.array(text, { maxLength: 3 }),
});

function universeOf(records: readonly PackageRecord[]): Universe {
  const builder = createUniverseBuilder('deb');
  for (const one of records) builder.add(one);
  return builder.build();
}

/** The record that a package was made of, read back. */
function readBack(universe: Universe, index: number): PackageRecord {
  const relation = (kind: 'depends' | 'provides' | 'obsoletes'): string =>
    universe.text(universe.relation(index, kind));
  return {
    name: universe.name(index),
    version: universe.version(index),
    arch: universe.arch(index),
    relations: {
      depends: relation('depends'),
      provides: relation('provides'),
      obsoletes: relation('obsoletes'),
    },
    multiArch: universe.multiArch(index),
    essential: universe.essential(index),
    protected: universe.protected(index),
    priority: universe.priority(index),
    section: universe.section(index),
    sourcePackage: universe.sourcePackage(index),
    location: universe.location(index),
    size: universe.size(index),
    installedSize: universe.installedSize(index),
    checksum: universe.checksum(index),
    summary: universe.summary(index),
    files: universe.files(index),
  };
}

const withAllRelations = (one: PackageRecord): PackageRecord => ({
  ...one,
  relations: { depends: '', provides: '', obsoletes: '', ...one.relations },
});

describe('a universe', () => {
  it('gives back what was added, also from its snapshot', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 8 }), (records) => {
        const universe = universeOf(records);
        const loaded = fromSnapshot(toSnapshot(universe));
        for (const one of [universe, loaded]) {
          expect(one.count).toBe(records.length);
          expect(records.map((_, index) => readBack(one, index))).toEqual(
            records.map(withAllRelations),
          );
        }
      }),
    );
  });

  it('finds packages by name, by what they provide and by file', () => {
    const package_ = (name: string, provides: string, files: string[]): PackageRecord => ({
      ...{ name, version: '1', arch: 'all', files },
      relations: { provides },
    });
    const universe = universeOf([
      package_('postfix', 'mail-transport-agent, x (= 1)', ['/usr/sbin/sendmail']),
      package_('exim4', 'mail-transport-agent', []),
      package_('postfix', '', ['/usr/sbin/sendmail']),
    ]);
    expect(universe.named('postfix')).toEqual([0, 2]);
    expect(universe.named('none')).toEqual([]);
    expect(universe.providers('mail-transport-agent')).toEqual([0, 1]);
    expect(universe.providers('x')).toEqual([0]);
    expect(universe.owners('/usr/sbin/sendmail')).toEqual([0, 2]);
  });

  it('ranks names by their first mention, in the order of the relations that apt reads', () => {
    const universe = universeOf([
      {
        ...{ name: 'a', version: '1', arch: 'all' },
        relations: { provides: 'p', depends: 'd (>= 1) | e:any, f', enhances: 'n', conflicts: 'c' },
      },
    ]);
    const names = ['a', 'd', 'e', 'f', 'c', 'n', 'p'];
    expect(names.map((name) => universe.mention(name))).toEqual(names.map((_, rank) => rank));
    expect(universe.mention('nowhere')).toBe(-1);
  });
});

describe('a damaged snapshot', () => {
  const snapshot = toSnapshot(
    universeOf([{ name: 'a', version: '1', arch: 'all', relations: { depends: 'b' } }]),
  );

  it('is an error wherever a bit is flipped', () => {
    fc.assert(
      fc.property(fc.nat(snapshot.length - 1), fc.nat(7), (at, bit) => {
        const bytes = snapshot.slice();
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
        expect(() => fromSnapshot(bytes)).toThrowError(/cannot be used/);
      }),
    );
  });

  it('is an error wherever it is cut', () => {
    for (let length = 0; length < snapshot.length; length += 1)
      expect(() => fromSnapshot(snapshot.slice(0, length))).toThrowError(/cannot be used/);
  });
});
