import { describe, expect, it } from 'vitest';
import { owningSpecs, plannedPackages } from '../../../server/core/package-reasons.ts';
import { answerOf } from '../../../server/resolver/core/answer.ts';
import type { ResolvedPackage } from '../../../server/resolver/core/resolution.ts';

const want = (name: string, spec: string) => ({
  ...{ name, verify: true, manual: false },
  reason: { spec, revision: 1, packets: [] },
});

function resolved(name: string, by?: string): ResolvedPackage {
  return {
    ...{ name, version: '1', arch: 'amd64', type: 'deb', source: 'debian', auto: true },
    ...{ size: 1, installedSize: 1, location: '', checksum: '' },
    reason: by
      ? { kind: 'needed', by, relationKind: 'depends', relation: name }
      : { kind: 'wanted' },
  };
}

describe('the specs that packages are there for', () => {
  const packages = [
    resolved('a'),
    resolved('b', 'a'),
    resolved('c', 'b:amd64'),
    resolved('loop1', 'loop2'),
    resolved('loop2', 'loop1'),
    resolved('orphan', 'gone'),
    resolved('unasked'),
    resolved('z'),
  ];
  const answer = answerOf({ packages, removed: [], unresolved: [], problems: [] });
  const wants = [want('a', 'one'), want('z', 'two')];

  it('are those at the top of chains; null where a chain ends elsewhere', () => {
    expect(owningSpecs(answer, wants)).toEqual([
      ...['one', 'one', 'one', null, null, null, null],
      'two',
    ]);
  });

  it('are the same as with the chains', () => {
    const specs = plannedPackages({ packages }, wants, false).map(({ reason }) => reason.spec);
    expect(owningSpecs(answer, wants)).toEqual(specs);
  });
});
