import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differencesOf } from '../../../agent/packages/core/differences.ts';
import { findingsOf } from '../../../agent/packages/core/findings.ts';
import { planPackages } from '../../../agent/packages/core/package-plan.ts';
import type { PresentPackage } from '../../../agent/packages/core/present-package.ts';
import { managedAfter, reportedPackages } from '../../../agent/packages/core/reported-packages.ts';
import { stillNeeded } from '../../../agent/packages/core/still-needed.ts';
import { wayBack } from '../../../agent/packages/core/way-back.ts';
import { LOCK_SCHEMA, type Lock, type LockedPackage } from '../../../proto/lock.ts';
import { MAX_WRONG_PACKAGES } from '../../../proto/reported.ts';

const present = (name: string, rest: Partial<PresentPackage> = {}): PresentPackage => ({
  name,
  version: '1',
  arch: 'amd64',
  auto: false,
  protected: false,
  broken: false,
  installedBytes: 0,
  needs: [],
  provides: [],
  ...rest,
});
const wanted = (name: string, rest: Partial<LockedPackage> = {}): LockedPackage => ({
  name,
  version: '1',
  arch: 'amd64',
  auto: false,
  verify: true,
  source: null,
  size: 0,
  installedSize: 0,
  ...rest,
});
const lockOf = (packages: LockedPackage[], keep: string[] = []): Lock => ({
  schema: LOCK_SCHEMA,
  type: 'deb',
  packages,
  keep: keep.map((name) => ({ name, problem: 'unresolvable' })),
});
const policy = { version: 'locked', downgrade: false, unmanaged: 'keep' } as const;
const plan = (
  has: PresentPackage[],
  lock: Lock,
  managed: string[] = [],
  how: Partial<typeof policy> | { unmanaged: 'remove' } = {},
) => planPackages({ present: has, lock, policy: { ...policy, ...how }, managed: new Set(managed) });
const names = (list: readonly { name: string }[]): string[] => list.map(({ name }) => name);

describe('the plan of packages', () => {
  it('installs what is missing, other or stuck, and leaves what is right', () => {
    const has = [
      present('right'),
      present('other', { version: '2' }),
      present('stuck', { broken: true }),
      present('epoch', { version: '0:1' }),
    ];
    const lock = lockOf(
      ['right', 'other', 'stuck', 'missing', 'epoch'].map((name) => wanted(name)),
    );
    expect(names(plan(has, lock).install)).toEqual(['other', 'stuck', 'missing']);
  });

  it('takes any version where the lock says none, and any architecture for all', () => {
    const has = [present('free', { version: '7' }), present('doc', { arch: 'all' })];
    expect(plan(has, lockOf([wanted('free', { version: null }), wanted('doc')])).install).toEqual(
      [],
    );
  });

  it('says what is held, and removes only what is ours, unprotected and not needed', () => {
    const has = [
      present('held', { hold: true, version: '2' }),
      present('ours'),
      present('ours-needed', { provides: ['api'] }),
      present('ours-essential', { protected: true }),
      present('ours-held', { hold: true }),
      present('theirs', { needs: ['api'] }),
    ];
    const managed = ['ours', 'ours-needed', 'ours-essential', 'ours-held'];
    const result = plan(has, lockOf([wanted('held')]), managed);
    expect(names(result.remove)).toEqual(['ours']);
    expect(names(result.released)).toEqual(['ours-needed']);
    expect(result.refusals).toEqual(['held is held at 2 on the device, and the lock wants 1.']);
  });

  it('removes what nobody asked for where the policy says so, but not what the wanted needs', () => {
    const has = [
      present('app', { needs: ['libx'] }),
      present('libx', { auto: true }),
      present('stray'),
    ];
    expect(names(plan(has, lockOf([wanted('app')]), [], { unmanaged: 'remove' }).remove)).toEqual([
      'stray',
    ]);
  });

  it('keeps kept names and all that may be their prerequisites', () => {
    const has = [present('app'), present('libx', { auto: true }), present('gone')];
    const result = plan(has, lockOf([], ['app']), ['app', 'libx', 'gone']);
    expect(names(result.remove)).toEqual(['gone']);
    expect(names(plan(has.slice(1), lockOf([], ['app']), ['libx', 'gone']).remove)).toEqual([
      'libx',
      'gone',
    ]);
  });

  it('marks what came with us as automatic, and not what somebody else asked for', () => {
    const has = [present('theirs'), present('ours'), present('asked', { auto: true })];
    const lock = lockOf([
      wanted('theirs', { auto: true }),
      wanted('ours', { auto: true }),
      wanted('new', { auto: true }),
      wanted('asked'),
    ]);
    const { markAuto, markManual } = plan(has, lock, ['ours']);
    expect(markAuto).toEqual(['ours', 'new']);
    expect(markManual).toEqual(['asked']);
  });

  it('never removes what stays needs, whatever depends on what', () => {
    const some = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 6 });
    const graph = fc.array(fc.record({ needs: some, ours: fc.boolean() }), {
      minLength: 6,
      maxLength: 6,
    });
    fc.assert(
      fc.property(graph, (rows) => {
        const has = rows.map(({ needs }, index) => present('abcdef'[index] as string, { needs }));
        const ours = has.filter((_, index) => rows[index]?.ours);
        const { remove } = plan(has, lockOf([]), names(ours));
        const gone = new Set(names(remove));
        for (const one of has.filter(({ name }) => !gone.has(name)))
          for (const need of one.needs) expect(gone.has(need)).toBe(false);
        expect(names(remove).every((name) => names(ours).includes(name))).toBe(true);
      }),
    );
  });
});

describe('differences', () => {
  const install = (name: string, to = '1') => ({
    kind: 'install' as const,
    name,
    arch: 'amd64',
    from: null,
    to,
  });
  const would = (
    ...changes: Parameters<typeof differencesOf>[1] extends infer A
      ? A extends { kind: 'would'; simulation: { changes: infer C } }
        ? C
        : never
      : never
  ) => ({ kind: 'would' as const, simulation: { changes, downloadBytes: 0, diskBytes: 0 } });

  it('are none where exactly the lock is done', () => {
    const wish = plan([present('old')], lockOf([wanted('app')]), ['old']);
    const remove = { kind: 'remove' as const, name: 'old', arch: null, from: '1', to: null };
    expect(differencesOf(wish, would(install('app'), remove), policy)).toEqual([]);
  });

  it('name what is too much, other, lower or not done', () => {
    const wish = plan([], lockOf([wanted('app'), wanted('never'), wanted('low')]));
    const answer = would(
      install('app', '2'),
      install('extra'),
      { kind: 'downgrade', name: 'low', arch: 'amd64', from: '2', to: '1' },
      { kind: 'remove', name: 'dear', arch: null, from: '3', to: null },
    );
    expect(differencesOf(wish, answer, policy)).toEqual([
      'It would install 2 of app instead of 1.',
      'It would also install extra 1, which the lock does not name.',
      'It would go back to 1 of low, and the policy forbids lower versions.',
      'It would remove dear 3, which nobody asks for.',
      'It would not install never 1.',
    ]);
  });

  it('leave versions and prerequisites free where the policy does, but not removals', () => {
    const auto = { ...policy, version: 'auto' } as const;
    const wish = plan([], lockOf([wanted('app', { version: null })]));
    const remove = { kind: 'remove' as const, name: 'dear', arch: null, from: '3', to: null };
    expect(differencesOf(wish, would(install('app', '9'), install('libx')), auto)).toEqual([]);
    expect(differencesOf(wish, would(install('app', '9'), remove), auto)).toHaveLength(1);
  });

  it('tell of many by their number', () => {
    const wish = plan([], lockOf([]));
    const many = Array.from({ length: 30 }, (_, index) => install(`p${index}`));
    const told = differencesOf(wish, would(...many), policy);
    expect(told).toHaveLength(21);
    expect(told.at(-1)).toBe('There are 10 more differences.');
  });

  it('tell what the package manager says that it cannot do', () => {
    const answer = { kind: 'cannot' as const, lines: ['E: no'] };
    expect(differencesOf(plan([], lockOf([])), answer, policy)).toEqual([
      'The package manager cannot do what the lock says: E: no',
    ]);
  });
});

describe('the way back', () => {
  it('restores what was, removes what came, and puts marks back', () => {
    const before = [
      present('same'),
      present('up', { version: '1' }),
      present('lost'),
      present('marked', { auto: true }),
    ];
    const now = [
      present('same'),
      present('up', { version: '2' }),
      present('came'),
      present('came-essential', { protected: true }),
      present('marked'),
    ];
    const back = wayBack(before, now);
    expect(names(back.restore)).toEqual(['up', 'lost']);
    expect(names(back.remove)).toEqual(['came']);
    expect(back.markAuto).toEqual(['marked']);
  });

  it('is empty where nothing changed', () => {
    const all = [present('a'), present('b', { auto: true })];
    expect(wayBack(all, all)).toEqual({ restore: [], remove: [], markAuto: [], markManual: [] });
  });
});

describe('what is still needed', () => {
  it('goes through what must therefore stay', () => {
    const [a, b, c] = [present('a', { needs: ['b'] }), present('b'), present('c')];
    expect(stillNeeded([a, b, c], [present('stays', { needs: ['a'] })])).toEqual(new Set([a, b]));
  });
});

describe('findings', () => {
  it('tell what is kept, then what the lock misses, and what is too much', () => {
    const lock = lockOf([wanted('app'), wanted('other')], ['kept', 'absent']);
    const has = [present('kept', { version: '3' }), present('app'), present('stray')];
    const files = new Map([['app amd64', [{ path: '/a', missing: false }]]]);
    const found = findingsOf({ present: has, lock, findings: files, extra: has.slice(2) });
    expect(found.map(({ name, status }) => [name, status])).toEqual([
      ['kept', 'wrong-version'],
      ['app', 'modified'],
      ['other', 'missing'],
      ['stray', 'extra'],
    ]);
    expect(found[0]?.error).toMatch(/^3 is kept: .*unresolvable/);
  });
});

describe('what is reported', () => {
  it('counts what is right, lists at most fifty that are not, and what was chosen', () => {
    const lock = lockOf([
      ...Array.from({ length: 60 }, (_, index) => wanted(`p${index}`)),
      wanted('free', { version: null }),
    ]);
    const findings = lock.packages
      .slice(0, 55)
      .map(({ name }) => ({ name, status: 'missing' as const, error: null }));
    const reported = reportedPackages(lock, [present('free', { version: '9' })], findings);
    expect(reported.installed).toBe(6);
    expect(reported.wrong).toHaveLength(MAX_WRONG_PACKAGES);
    expect(reported.chosen).toEqual([{ name: 'free', version: '9', arch: 'amd64' }]);
  });

  it('takes for ours what came, and keeps what was', () => {
    expect(
      managedAfter(
        new Set(['ours', 'gone']),
        [present('ours'), present('gone'), present('theirs')],
        [present('ours'), present('theirs'), present('new')],
      ),
    ).toEqual(['new', 'ours']);
  });
});
