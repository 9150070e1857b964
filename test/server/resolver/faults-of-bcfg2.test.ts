import { describe, expect, it } from 'vitest';
import { ask, debIndex, debUniverse, debView, sentences, told } from './small-world.ts';

describe('faults of Bcfg2’s resolver that cannot happen here', () => {
  it('a version in a dependency counts', () => {
    const answer = ask(debView(debIndex('app Depends: lib (>= 9)', 'lib')), ['app']);
    expect(told(answer)).toBe('!app');
    expect(sentences(answer)).toMatch(/app.*lib \(>= 9\)/);
    const newer = debView(debIndex('app Depends: lib (>= 9)', 'lib Version: 10', 'lib Version: 9'));
    expect(told(ask(newer, ['app']))).toBe('app lib=10');
  });

  it('of alternatives the first that can be had is chosen', () => {
    const view = debView(debIndex('app Depends: a | b', 'a', 'b', 'c Depends: gone | b'));
    expect(told(ask(view, ['app']))).toBe('a app');
    expect(told(ask(view, ['c']))).toBe('b c');
    expect(told(ask(view, ['app', 'b']))).toBe('app b');
  });

  it('alternatives of which none exists are told', () => {
    const answer = ask(debView(debIndex('app Depends: n1 | n2')), ['app']);
    expect(told(answer)).toBe('!app');
    expect(sentences(answer)).toContain('n1 | n2');
  });

  it('alternatives in several fields of a package all count', () => {
    const index = debIndex(
      'app Pre-Depends: a | x; Depends: b | x, c | x; Recommends: d | x',
      'a',
      'b',
      'c',
      'd',
    );
    expect(told(ask(debView(index), ['app']))).toBe('a app b c');
    expect(told(ask(debView(index), ['app'], { recommends: true }))).toBe('a app b c d');
  });

  it('a virtual name with several providers gets one of them', () => {
    const index = debIndex('app Depends: mta', 'exim Provides: mta', 'postfix Provides: mta');
    const answer = ask(debView(index), ['app']);
    expect(answer.unresolved).toEqual([]);
    expect(answer.packages).toHaveLength(2);
    expect(told(ask(debView(index), ['app', 'exim']))).toBe('app exim');
    expect(told(ask(debView(index), ['app', 'postfix']))).toBe('app postfix');
  });

  it('a versioned provide serves', () => {
    const index = debIndex(
      'app Depends: v',
      'old Depends: v (>= 3)',
      'new Depends: v (>= 2)',
      'p Provides: v (= 2)',
    );
    expect(told(ask(debView(index), ['app']))).toBe('app p');
    expect(told(ask(debView(index), ['new']))).toBe('new p');
    expect(told(ask(debView(index), ['old']))).toBe('!old');
  });

  it('an unversioned provide does not serve a versioned dependency', () => {
    const index = debIndex('app Depends: v (>= 1)', 'p Provides: v');
    expect(told(ask(debView(index), ['app']))).toBe('!app');
  });

  it('a name that nobody has is unresolved and no package', () => {
    const answer = ask(debView(debIndex('app')), ['app', 'ghost']);
    expect(told(answer)).toBe('app !ghost');
    expect(sentences(answer)).toContain('ghost');
  });

  it('packages in conflict do not come together', () => {
    const index = debIndex('a Conflicts: b', 'b', 'c Breaks: d (<< 2)', 'd', 'd Version: 2');
    const answer = ask(debView(index), ['a', 'b']);
    expect(answer.packages).toHaveLength(1);
    expect(answer.unresolved).toHaveLength(1);
    expect(sentences(answer)).toMatch(/conflict/i);
    expect(told(ask(debView(index), ['c', 'd']))).toBe('c d=2');
  });

  it('a conflict far down leads to another alternative', () => {
    const index = debIndex(
      'app Depends: x | y, z',
      'x Depends: deep',
      'deep',
      'y',
      'z Conflicts: deep',
    );
    expect(told(ask(debView(index), ['app']))).toBe('app y z');
  });

  it('a folded field is read whole', () => {
    const text =
      'Package: app\nVersion: 1\nArchitecture: amd64\nDepends: a,\n b (>= 1),\n\tc\n\nPackage: a\nVersion: 1\nArchitecture: all\n\nPackage: b\nVersion: 1\nArchitecture: all\n\nPackage: c\nVersion: 1\nArchitecture: all\n';
    expect(told(ask(debView(debUniverse(text)), ['app']))).toBe('a app b c');
  });

  it('of several versions in an index the highest counts, not the last', () => {
    const index = debIndex('app Version: 1.10', 'app Version: 1.9', 'app Version: 1.2');
    expect(told(ask(debView(index), ['app']))).toBe('app=1.10');
  });

  it('of several sources the newest version counts, not the first source', () => {
    const [main, security] = [debIndex('app Version: 1-50'), debIndex('app Version: 1-56')];
    expect(told(ask(debView(main, security), ['app']))).toBe('app=1-56');
    const pinned = debView({ index: main, priority: 700 }, security);
    expect(told(ask(pinned, ['app']))).toBe('app=1-50');
  });

  it('a package of another architecture is not available', () => {
    const index = debIndex('app Depends: lib', 'lib Architecture: i386');
    const answer = ask(debView(index), ['app']);
    expect(told(answer)).toBe('!app');
    expect(sentences(answer)).toContain('i386');
  });

  it('qualifiers of architecture are understood', () => {
    const index = debIndex('app Depends: py:any, lib:amd64', 'py Multi-Arch: allowed', 'lib');
    expect(told(ask(debView(index), ['app']))).toBe('app lib py');
  });

  it('an excluded package is no unknown: another serves, or its exclusion is named', () => {
    const index = debIndex('app Depends: a | b', 'a', 'b', 'c Depends: a');
    const view = debView({ index, exclude: ['a'] });
    expect(told(ask(view, ['app']))).toBe('app b');
    const answer = ask(view, ['c', 'a']);
    expect(told(answer)).toBe('!a !c');
    expect(sentences(answer)).toMatch(/exclude/);
  });

  it('an excluded package does not serve as a provider either', () => {
    const index = debIndex('app Depends: mta', 'exim Provides: mta', 'postfix Provides: mta');
    expect(told(ask(debView({ index, exclude: ['exim'] }), ['app']))).toBe('app postfix');
  });

  it('with an include list other sources still serve', () => {
    const vendor = { index: debIndex('app Depends: lib', 'lib Version: 9'), include: ['app'] };
    expect(told(ask(debView(vendor, debIndex('lib')), ['app']))).toBe('app lib');
  });

  it('whether recommends are followed is part of the question', () => {
    const view = debView(debIndex('a Recommends: b', 'b', 'c Recommends: d', 'd'));
    const wants = (recommended: boolean) => ({
      wants: [{ name: 'a', recommended }, { name: 'c' }],
    });
    expect(told(ask(view, [], wants(true)))).toBe('a b c');
    expect(told(ask(view, [], wants(false)))).toBe('a c');
    expect(told(ask(view, [], wants(true)))).toBe('a b c');
  });

  it('suggested packages never come', () => {
    const view = debView(debIndex('a Suggests: b', 'b Enhances: a'));
    expect(told(ask(view, ['a'], { recommends: true }))).toBe('a');
  });

  it('essential packages belong to the answer where a source counts them', () => {
    const index = debIndex('app', 'base Essential: yes; Depends: libc', 'libc');
    expect(told(ask(debView(index), ['app'], { essential: true }))).toBe('app base libc');
    const view = debView({ index, essential: false });
    expect(told(ask(view, ['app'], { essential: true }))).toBe('app');
  });

  it('an impossible package blocks no other', () => {
    const index = debIndex(
      'good Depends: lib',
      'lib',
      'bad Depends: lib (>= 2)',
      'worse Depends: bad',
    );
    expect(told(ask(debView(index), ['good', 'bad', 'worse']))).toBe('good lib !bad !worse');
  });

  it('every package has its reason', () => {
    const index = debIndex('app Depends: web', 'nginx Provides: web; Depends: lib (>= 1)', 'lib');
    const { packages } = ask(debView(index), ['app']);
    expect(packages.map(({ name, reason }) => [name, reason])).toEqual([
      ['app', { kind: 'wanted' }],
      ['lib', { kind: 'needed', by: 'nginx', relationKind: 'depends', relation: 'lib (>= 1)' }],
      ['nginx', { kind: 'needed', by: 'app', relationKind: 'depends', relation: 'web' }],
    ]);
  });

  it('the order of the question makes no difference to the order of the answer', () => {
    const index = debIndex('a Depends: d', 'b Depends: c', 'c', 'd');
    const [first, second] = [ask(debView(index), ['a', 'b']), ask(debView(index), ['b', 'a'])];
    expect(told(first)).toBe('a b c d');
    expect(second).toEqual(first);
  });
});
