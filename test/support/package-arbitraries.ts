import fc from 'fast-check';
import type { PackageWish } from '../../proto/package-line.ts';
import type { Source } from '../../proto/source.ts';
import type { Spec } from '../../proto/spec.ts';
import type { PackageRecord } from '../../server/resolver/core/universe.ts';
import { deb } from './memory-catalogue.ts';

/** Small alphabets, so that things meet. */
const name = fc.constantFrom('p', 'q', 'r', 's', 't');
const version = fc.constantFrom('1', '2', '3');
const site = fc.constantFrom('a', 'b');

const relation = fc.oneof(
  name,
  fc.tuple(name, version).map(([one, bound]) => `${one} (>= ${bound})`),
  fc.tuple(name, name).map(([one, other]) => `${one} | ${other}`),
);
const record = fc
  .record({
    name,
    version,
    depends: fc.array(relation, { maxLength: 2 }),
    conflicts: fc.option(name, { freq: 6 }),
  })
  .map(({ name: own, version: at, depends, conflicts }) =>
    deb(own, at, {
      ...(depends.length > 0 && { depends: depends.join(', ') }),
      ...(conflicts !== null && conflicts !== own && { conflicts }),
    }),
  );

/** What a source offers: each name and version once. */
export const records: fc.Arbitrary<PackageRecord[]> = fc.uniqueArray(record, {
  maxLength: 10,
  selector: (one) => `${one.name} ${one.version}`,
});

const wish: fc.Arbitrary<PackageWish> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ name }) },
  fc.record({ name, version }),
  fc.record({ name, version: fc.constantFrom('>=2', '<3') }),
);

/** Specs that ask for packages. */
export const packageSpecs: fc.Arbitrary<Spec[]> = fc
  .array(
    fc.record({
      target: fc.oneof(fc.constant({}), fc.record({ site })),
      priority: fc.constantFrom(0, 0, 5),
      packages: fc.array(wish, { maxLength: 3 }),
    }),
    { maxLength: 3 },
  )
  .map((all) => all.map((spec, index) => ({ ...spec, id: `spec-${index}` })));

/** Sources for some of the devices. */
export const aptSources: fc.Arbitrary<Source[]> = fc
  .array(
    fc.record({
      target: fc.oneof(fc.constant({}), fc.record({ site })),
      priority: fc.constantFrom(500, 500, 900),
    }),
    { minLength: 1, maxLength: 2 },
  )
  .map((all) =>
    all.map((source, index) => ({
      ...{ ...source, id: `source-${index}`, type: 'apt', archs: ['amd64'], essential: false },
      url: `https://deb.example.org/${index}`,
    })),
  );

export const facts = { os: 'debian', arch: 'amd64', packages: 'apt' };
