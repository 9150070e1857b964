import { describe, expect, it } from 'vitest';
import { validateRpm } from '../../../../../server/resolver/core/rpm/validate.ts';
import type { PackageRecord } from '../../../../../server/resolver/core/universe.ts';
import { rpmRecord as record } from '../../../../support/rpm-view.ts';

const faults = (...records: PackageRecord[]): string[] =>
  validateRpm(
    records.map(({ name, version, arch, relations, files }) => ({
      ...{ name, version, arch, isInstalled: false, isBeside: name === 'kernel' },
      relation: (kind) => relations[kind] ?? '',
      files: () => files ?? [],
    })),
  );

describe('the validator of rpm answers', () => {
  it('lets what may stand beside its own older versions stand there', () => {
    expect(faults(record('kernel 1-1'), record('kernel 2-1'))).toEqual([]);
    expect(faults(record('a 1-1'), record('a 2-1'))).toHaveLength(2);
  });

  it('finds nothing where all is well', () => {
    expect(
      faults(
        record('a 1-1', {
          depends: 'b >= 1\n/bin/sh\n(c if d)\nrpmlib(X) <= 1',
          conflicts: 'a < 1',
        }),
        record('b 1-1', {}, { files: ['/bin/sh'] }),
        record('b 1-1.i686'),
      ),
    ).toEqual([]);
  });

  it.each([
    ['a need', [record('a 1-1', { depends: 'b' })], 'a-1-1.noarch lacks b'],
    ['a version', [record('a 1-1', { depends: 'a > 1' })], 'a-1-1.noarch lacks a > 1'],
    [
      'a conflict',
      [record('a 1-1', { conflicts: 'cap' }), record('b 1-1', { provides: 'cap' })],
      'a-1-1.noarch conflicts with cap',
    ],
    [
      'what is obsoleted',
      [record('a 1-1', { obsoletes: 'b' }), record('b 1-1')],
      'a-1-1.noarch obsoletes b-1-1.noarch',
    ],
    [
      'a rich need',
      [record('a 1-1', { depends: '(c if b)' }), record('b 1-1')],
      'a-1-1.noarch lacks (c if b)',
    ],
    [
      'two that are one only apart',
      [
        record('a 1-1', { depends: '(x with y)' }),
        record('b 1-1', { provides: 'x' }),
        record('c 1-1', { provides: 'y' }),
      ],
      'a-1-1.noarch lacks (x with y)',
    ],
  ])('finds %s', (_, records, fault) => {
    expect(faults(...records)).toEqual([fault]);
  });

  it('finds two versions of a name', () => {
    expect(faults(record('a 1-1'), record('a 2-1'))).toHaveLength(2);
  });
});
