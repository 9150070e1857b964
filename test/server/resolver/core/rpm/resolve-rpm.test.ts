import { describe, expect, it } from 'vitest';
import type {
  Installed,
  Request,
  Resolution,
} from '../../../../../server/resolver/core/resolution.ts';
import { resolve, trace } from '../../../../../server/resolver/core/resolve.ts';
import { rpmRecord as record, rpmRequest, rpmView } from '../../../../support/rpm-view.ts';

const wants = (...names: string[]): Partial<Request> => ({
  wants: names.map((name) => ({ name })),
});
const there = (...titles: string[]): Installed[] =>
  titles.map((title) => {
    const { name, version, arch } = record(title);
    return { name, version, arch, auto: false };
  });
const titles = ({ packages }: Resolution): string[] =>
  packages.map(({ name, version }) => `${name} ${version}`);

const records = [
  record('app 1-1', { depends: 'lib >= 1' }),
  record('app 2-1', { depends: 'lib >= 2', recommends: 'docs' }),
  record('lib 1-1'),
  record('lib 2-1'),
  record('docs 1-1'),
  record('lang 1-1', { supplements: 'docs' }),
];
const view = rpmView({ records });

describe('what a request for rpm packages brings', () => {
  it('the best versions with what they need, each with its reason', () => {
    const answer = resolve(view, rpmRequest(wants('app')));
    expect(answer.packages).toMatchObject([
      { name: 'app', version: '2-1', type: 'rpm', auto: false, reason: { kind: 'wanted' } },
      {
        name: 'lib',
        auto: true,
        reason: { kind: 'needed', by: 'app', relationKind: 'depends', relation: 'lib >= 2' },
      },
    ]);
  });

  it('weak dependencies both ways, where they are followed', () => {
    const answer = resolve(view, rpmRequest({ ...wants('app'), recommends: true }));
    expect(titles(answer)).toEqual(['app 2-1', 'docs 1-1', 'lang 1-1', 'lib 2-1']);
    expect(answer.packages[1]?.reason).toMatchObject({ by: 'app', relationKind: 'recommends' });
    expect(answer.packages[2]?.reason).toMatchObject({ by: 'docs', relationKind: 'supplements' });
    const want = { name: 'app', recommended: true };
    expect(titles(resolve(view, rpmRequest({ wants: [want] })))).toContain('docs 1-1');
    const source = rpmView({ records, recommended: true });
    expect(titles(resolve(source, rpmRequest(wants('app'))))).toContain('lang 1-1');
  });

  it.each([
    ['1.*', []],
    ['1-*', ['app 1-1']],
    ['<2', ['app 1-1']],
    ['>=1 <2', ['app 1-1']],
    ['2', ['app 2-1']],
    ['2-1', ['app 2-1']],
    ['2-7', []],
  ])('versions within the range %s', (version, expected) => {
    const answer = resolve(view, rpmRequest({ wants: [{ name: 'app', version }] }));
    expect(titles(answer).filter((title) => title.startsWith('app'))).toEqual(expected);
    expect(answer.unresolved).toEqual(expected.length === 0 ? ['app'] : []);
  });

  it('locked versions, and nothing else of the name', () => {
    const locked = new Map([['lib', '1-1']]);
    expect(titles(resolve(view, rpmRequest({ ...wants('app'), locked })))).toEqual([
      'app 1-1',
      'lib 1-1',
    ]);
    const gone = resolve(
      view,
      rpmRequest({ ...wants('app', 'docs'), locked: new Map([['lib', '7-1']]) }),
    );
    expect(gone.unresolved).toEqual(['app']);
    expect(titles(gone)).toEqual(['docs 1-1']);
    expect(gone.problems[0]?.sentences.join(' ')).toContain(
      'lib is locked to version 7-1; the sources offer 1-1, 2-1.',
    );
  });

  it('names alone, without prerequisites', () => {
    const answer = resolve(view, rpmRequest({ ...wants('app'), prerequisites: false }));
    expect(titles(answer)).toEqual(['app 2-1']);
  });

  it('what provides a capability or has a file', () => {
    const provider = record('server 1-1', { provides: 'cap' }, { files: ['/usr/bin/serve'] });
    const of = (name: string) =>
      titles(resolve(rpmView({ records: [provider] }), rpmRequest(wants(name))));
    expect(of('cap')).toEqual(['server 1-1']);
    expect(of('/usr/bin/serve')).toEqual(['server 1-1']);
  });

  it('members of a group, those that no source has apart', () => {
    const group = record('@web 0', {
      depends: 'app\nmissing',
      recommends: 'docs\n(lang if nobody)',
    });
    const answer = resolve(rpmView({ records: [...records, group] }), rpmRequest(wants('@web')));
    expect(titles(answer)).toEqual(['app 2-1', 'docs 1-1', 'lib 2-1']);
    expect(answer.packages[0]?.reason).toMatchObject({ kind: 'needed', by: '@web' });
    expect(answer.unresolved).toEqual([]);
  });

  it('of a source with higher priority first, whatever the versions', () => {
    const two = rpmView(
      { records: [record('a 9-1')], priority: 400 },
      { records: [record('a 1-1')], priority: 600 },
    );
    expect(titles(resolve(two, rpmRequest(wants('a'))))).toEqual(['a 1-1']);
  });

  it('the native architecture first, and others on demand', () => {
    const both = rpmView({ records: [record('a 1-1.x86_64'), record('a 2-1.i686')] });
    const arch = (request: Partial<Request>) =>
      resolve(both, rpmRequest(request)).packages.map((one) => one.arch);
    expect(arch(wants('a'))).toEqual(['x86_64']);
    expect(arch({ wants: [{ name: 'a', arch: 'i686' }] })).toEqual(['i686']);
  });

  it('paths that nobody is known to own', () => {
    const needy = rpmView({
      records: [
        record('a 1-1', { depends: '/opt/tool\n/bin/sh' }),
        record('sh 1-1', {}, { files: ['/bin/sh'] }),
      ],
    });
    const answer = resolve(needy, rpmRequest(wants('a')));
    expect(answer.unownedPaths).toEqual(['/opt/tool']);
    expect(answer.problems[0]?.hint).toContain('/opt/tool');
    expect(resolve(view, rpmRequest(wants('app')))).not.toHaveProperty('unownedPaths');
  });
});

describe('what is installed', () => {
  it('is kept where it satisfies, and upgraded where it does not', () => {
    const installed = there('app 1-1', 'lib 1-1');
    expect(titles(resolve(view, rpmRequest({ ...wants('app'), installed })))).toEqual([]);
    const newer = { wants: [{ name: 'app', version: '2' }], installed };
    expect(titles(resolve(view, rpmRequest(newer)))).toEqual(['app 2-1', 'lib 2-1']);
    expect(titles(resolve(view, rpmRequest({ installed, upgrade: 'all' })))).toEqual([
      'app 2-1',
      'lib 2-1',
    ]);
  });

  it('is not downgraded unless that is allowed', () => {
    const request = { wants: [{ name: 'lib', version: '1' }], installed: there('lib 2-1') };
    expect(resolve(view, rpmRequest(request)).unresolved).toEqual(['lib']);
    const allowed = resolve(view, rpmRequest({ ...request, downgrade: true }));
    expect(titles(allowed)).toEqual(['lib 1-1']);
    expect(allowed.removed).toEqual([]);
  });

  it('on hold stays as it is', () => {
    const installed = there('app 1-1', 'lib 1-1').map((one) => ({
      ...one,
      hold: one.name === 'lib',
    }));
    expect(titles(resolve(view, rpmRequest({ installed, upgrade: 'all' })))).toEqual([]);
  });

  it('goes only if that is allowed, and then as little as can be', () => {
    const enemies = rpmView({
      records: [
        record('new 1-1', { conflicts: 'old' }),
        record('old 1-1'),
        record('user 1-1', { depends: 'old' }),
        record('other 1-1'),
      ],
    });
    const request = { ...wants('new', 'other'), installed: there('old 1-1', 'user 1-1') };
    const kept = resolve(enemies, rpmRequest(request));
    expect(kept).toMatchObject({ unresolved: ['new'], removed: [] });
    expect(titles(kept)).toEqual(['other 1-1']);
    expect(kept.problems[0]?.sentences).toContain('old 1-1 is installed and must not be removed.');
    const gone = resolve(enemies, rpmRequest({ ...request, remove: true }));
    expect(titles(gone)).toEqual(['new 1-1', 'other 1-1']);
    expect(gone.removed.map(({ name }) => name)).toEqual(['old', 'user']);
    const autos = request.installed.map((one) => ({ ...one, auto: true }));
    const limited = { ...request, remove: true, removeManual: false };
    expect(resolve(enemies, rpmRequest(limited)).removed).toEqual([]);
    expect(resolve(enemies, rpmRequest({ ...limited, installed: autos })).removed).toHaveLength(2);
  });

  it('goes when the request says so, with what needs it', () => {
    const installed = there('app 2-1', 'lib 2-1', 'docs 1-1');
    const answer = resolve(view, rpmRequest({ installed, removals: [{ name: 'lib' }] }));
    expect(answer.removed.map(({ name }) => name)).toEqual(['app', 'lib']);
    expect(answer.unresolved).toEqual([]);
  });

  it('stays where something on hold needs it', () => {
    const installed = there('app 2-1', 'lib 2-1').map((one) => ({
      ...one,
      hold: one.name === 'app',
    }));
    const answer = resolve(
      view,
      rpmRequest({ ...wants('docs'), installed, removals: [{ name: 'lib' }] }),
    );
    expect(answer).toMatchObject({ removed: [], unresolved: ['lib'] });
    expect(titles(answer)).toEqual(['docs 1-1']);
    expect(answer.problems[0]?.sentences).toContain('app would go too, on hold.');
  });

  it('is replaced by what obsoletes it', () => {
    const renamed = rpmView({ records: [record('new 2-1', { obsoletes: 'old < 2' })] });
    const answer = resolve(renamed, rpmRequest({ installed: there('old 1-1'), upgrade: 'all' }));
    expect(titles(answer)).toEqual(['new 2-1']);
    expect(answer.removed).toEqual([{ name: 'old', version: '1-1', arch: 'noarch' }]);
  });

  it('is alone upgraded where nothing may come besides', () => {
    const installed = there('app 1-1');
    const answer = resolve(view, rpmRequest({ installed, upgrade: 'all', additions: false }));
    expect(titles(answer)).toEqual([]);
    const both = rpmRequest({
      installed: there('app 1-1', 'lib 1-1'),
      upgrade: 'all',
      additions: false,
    });
    expect(titles(resolve(view, both))).toEqual(['app 2-1', 'lib 2-1']);
  });
});

describe('what cannot be', () => {
  it('is left out, the fewest wants, and told in sentences', () => {
    const source = rpmView({
      records: [
        record('a 1-1', { depends: 'x > 7' }),
        record('x 1-1'),
        record('one 1-1', { conflicts: 'two\nthree' }),
        record('two 1-1'),
        record('three 1-1'),
      ],
    });
    const answer = resolve(source, rpmRequest(wants('a', 'one', 'two', 'three', 'nobody')));
    expect(answer.unresolved).toEqual(['a', 'nobody', 'one']);
    expect(titles(answer)).toEqual(['three 1-1', 'two 1-1']);
    const sentences = new Map(answer.problems.map((one) => [one.name, one.sentences]));
    expect(sentences.get('a')).toEqual([
      'a is asked for: a 1-1.',
      'a 1-1 needs x > 7, of which the sources offer only x 1-1.',
    ]);
    expect(sentences.get('one')).toContain('one 1-1 conflicts with two: that is two 1-1.');
    expect(sentences.get('nobody')).toEqual(['No source of these devices offers nobody.']);
  });

  it('comes with a hint: excluded, another architecture, a source missing', () => {
    const hint = (name: string, source: Parameters<typeof rpmView>[0]) =>
      resolve(rpmView(source), rpmRequest(wants(name))).problems[0]?.hint;
    expect(hint('a', { records: [record('a 1-1')], exclude: ['a'] })).toBe(
      'a is excluded by the source source-1.',
    );
    const foreign = { ...record('a 1-1'), arch: 's390x' };
    expect(hint('a', { records: [foreign] })).toContain(
      'which is no architecture of these devices',
    );
    expect(hint('b', { records: [record('b 1-1', { depends: 'gone' })] })).toBe(
      'No source has gone: is a source missing?',
    );
  });
});

describe('the trace', () => {
  it('follows the answer from its wants', () => {
    const source = rpmView({
      records: [
        record('app 1-1', { depends: 'cap\nlib' }),
        record('lib 1-1'),
        record('server 1-1', { provides: 'cap', depends: 'lib' }),
      ],
    });
    expect(trace(source, rpmRequest(wants('app')))).toEqual([
      "Package app: adding new deps ['cap', 'lib']",
      "VPackage cap: got provides ['server']",
    ]);
  });
});

describe('kernels and what else stands beside older versions of its own', () => {
  const kernels = rpmView({
    records: [
      record('kernel 1-1'),
      record('kernel 2-1'),
      record('module 1-1', { provides: 'installonlypkg(kernel-module)', depends: 'kernel = 1-1' }),
      record('module 2-1', { provides: 'installonlypkg(kernel-module)', depends: 'kernel = 2-1' }),
    ],
  });

  it('come with an upgrade, and the older ones stay', () => {
    const installed = there('kernel 1-1', 'module 1-1');
    const answer = resolve(kernels, rpmRequest({ installed, upgrade: 'all' }));
    expect(answer).toMatchObject({ removed: [], unresolved: [] });
    expect(titles(answer)).toEqual(['kernel 2-1', 'module 2-1']);
    expect(titles(resolve(kernels, rpmRequest({ installed, ...wants('kernel') })))).toEqual([]);
  });

  it('come beside newer ones where a version is asked for, or two at once', () => {
    const installed = there('kernel 2-1');
    const older = { wants: [{ name: 'module', version: '1-1' }] };
    const answer = resolve(kernels, rpmRequest({ installed, ...older }));
    expect(answer).toMatchObject({ removed: [], unresolved: [] });
    expect(titles(answer)).toEqual(['kernel 1-1', 'module 1-1']);
    const both = { wants: ['1-1', '2-1'].map((version) => ({ name: 'kernel', version })) };
    expect(titles(resolve(kernels, rpmRequest(both))).sort()).toEqual(['kernel 1-1', 'kernel 2-1']);
  });
});
