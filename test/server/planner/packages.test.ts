import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../proto/digest.ts';
import { type InstalledPackage, installedDigest } from '../../../proto/lock.ts';
import { makePacket } from '../../support/make.ts';
import { deb } from '../../support/memory-catalogue.ts';
import { createPlannerWorld, type PlannerWorld } from '../../support/planner-world.ts';

const debian = {
  id: 'debian',
  type: 'apt',
  url: 'https://deb.example.org/debian',
  suite: 'stable',
  archs: ['amd64'],
  target: {},
  essential: false,
};
const facts = { os: 'debian', arch: 'amd64', packages: 'apt' };
const nginx = [
  deb('nginx', '1.22-1', { depends: 'libssl3 (>= 3.0), libc6' }),
  deb('libssl3', '3.0-1', { depends: 'libc6' }),
  deb('libc6', '2.36-9'),
  deb('curl', '7.88-1', { depends: 'libc6' }),
  deb('broken', '1.0-1', { depends: 'nothing-has-this' }),
];

async function worldWith(records = nginx): Promise<PlannerWorld> {
  const world = await createPlannerWorld();
  await world.putSources(debian);
  world.catalogue.offer('debian', records);
  await world.planner.settled();
  return world;
}

const names = (list: readonly { name: string; version: string | null }[]): string[] =>
  list.map(({ name, version }) => `${name} ${version}`);

describe('packages of a plan', () => {
  it('a device gets what its specs list, with all that it needs, and the sources for it', async () => {
    const world = await worldWith();
    world.devices.report('d1', facts);
    await world.put({ id: 'web', target: {}, packages: ['nginx'] });
    const document = await world.document('d1');
    const lock = await world.lock('d1');
    expect(names(lock.packages)).toEqual(['libc6 2.36-9', 'libssl3 3.0-1', 'nginx 1.22-1']);
    expect(lock.packages.map(({ auto }) => auto)).toEqual([true, true, false]);
    expect(document.lock).toEqual({
      digest: digestOf(lock),
      url: `/v1/locks/${digestOf(lock)}`,
      count: 3,
    });
    expect(document.sources.map(({ id, urls }) => [id, urls.map(({ url }) => url)])).toEqual([
      ['debian', ['https://deb.example.org/debian/dists/stable/main/binary-amd64/']],
    ]);
    expect(document.requires).toEqual(['packages/1']);
    expect(document.policy).toEqual({
      packages: { version: 'locked', downgrade: false, unmanaged: 'keep' },
    });
    await world.planner.stop();
  });

  it('a device that lists nothing has neither lock nor sources', async () => {
    const world = await worldWith();
    world.devices.report('d1', facts);
    await world.put({ id: 'web', target: { role: 'web' }, packages: ['nginx'] });
    expect(await world.document('d1')).toMatchObject({ lock: null, sources: [], requires: [] });
    await world.planner.stop();
  });

  it('a package that cannot be served holds up no other and is kept', async () => {
    const world = await worldWith();
    world.devices.report('d1', facts);
    await world.put({ id: 'web', target: {}, packages: ['nginx', 'broken', 'unheard-of'] });
    const lock = await world.lock('d1');
    expect(names(lock.packages)).toContain('nginx 1.22-1');
    expect(lock.keep).toEqual([
      { name: 'broken', problem: 'unresolvable' },
      { name: 'unheard-of', problem: 'unresolvable' },
    ]);
    const problems = world.planner.desiredOf('d1')?.problems ?? [];
    expect(problems.map(({ code, name }) => `${code} ${name}`)).toEqual([
      'unresolvable broken',
      'unresolvable unheard-of',
    ]);
    expect(problems[0]?.detail).toContain('nothing-has-this');
    await world.planner.stop();
  });

  it('without a source the problem names the nearest and the condition that fails', async () => {
    const world = await createPlannerWorld();
    await world.putSources({ ...debian, target: { site: 'berlin' } });
    world.devices.report('d1', { ...facts, site: 'paris' });
    await world.put({ id: 'web', target: {}, packages: ['nginx'] });
    const [problem] = world.planner.desiredOf('d1')?.problems ?? [];
    expect(problem?.code).toBe('no-source');
    expect(problem?.detail).toContain('source debian wants site=berlin, the device has site=paris');
    expect((await world.lock('d1')).keep).toEqual([{ name: 'nginx', problem: 'no-source' }]);
    await world.planner.stop();
  });

  it('a device of an architecture that no source has gets only packages for any', async () => {
    const world = await worldWith([...nginx, deb('docs', '1', {}, { arch: 'all' })]);
    world.devices.report('d1', { ...facts, arch: 'riscv64' });
    await world.put({ id: 'web', target: {}, packages: ['docs', 'nginx'] });
    expect(names((await world.lock('d1')).packages)).toEqual(['docs 1']);
    const [problem] = world.planner.desiredOf('d1')?.problems ?? [];
    expect(problem).toMatchObject({ code: 'no-arch', name: 'nginx' });
    expect(problem?.detail).toContain('riscv64');
    await world.planner.stop();
  });

  it('the highest priority decides per package; contradictions at one priority are a conflict', async () => {
    const world = await worldWith([...nginx, deb('nginx', '1.26-1'), deb('nginx', '1.18-1')]);
    world.devices.report('d1', facts);
    const high = { id: 'high', target: {}, priority: 5 };
    await world.put(
      { id: 'low', target: {}, packages: ['curl', { name: 'nginx', version: '1.18-1' }] },
      { ...high, packages: [{ name: 'nginx', version: '1.22-1' }] },
    );
    expect(names((await world.lock('d1')).packages)).toContain('nginx 1.22-1');
    await world.put({
      ...{ id: 'other', target: {}, priority: 5 },
      packages: [{ name: 'nginx', version: '1.26-1' }],
    });
    const lock = await world.lock('d1');
    expect(lock.keep).toEqual([{ name: 'nginx', problem: 'conflict' }]);
    expect(names(lock.packages)).toContain('curl 7.88-1');
    await world.planner.stop();
  });

  it('a packet brings the packages that it needs', async () => {
    const world = await worldWith();
    world.devices.report('d1', facts);
    world.packets.add(makePacket({ name: 'shop', packages: ['curl'] }));
    await world.put({ id: 'shop', target: {}, apps: [{ name: 'shop' }] });
    expect(names((await world.lock('d1')).packages)).toEqual(['curl 7.88-1', 'libc6 2.36-9']);
    const { packages } = world.planner.compute(facts);
    expect(packages.map(({ name, reason }) => [name, reason.packets, reason.neededBy])).toEqual([
      ['curl', ['shop'], []],
      ['libc6', ['shop'], ['curl']],
    ]);
    await world.planner.stop();
  });

  it('lines of another type of packages are not for the device', async () => {
    const world = await worldWith();
    world.devices.report('d1', facts);
    const packages = ['curl', { name: 'httpd', type: 'rpm' as const }];
    await world.put({ id: 'web', target: {}, packages });
    expect((await world.lock('d1')).keep).toEqual([]);
    await world.planner.stop();
  });

  it('version: auto names packages without versions, and is refused where the device cannot pick', async () => {
    const world = await worldWith();
    world.devices.report('d1', facts);
    world.devices.report('d2', { ...facts, packages: 'portage' });
    await world.put({ id: 'web', target: {}, version: 'auto', packages: ['nginx'] });
    expect(names((await world.lock('d1')).packages)).toEqual(
      ['libc6', 'libssl3', 'nginx'].map((name) => `${name} null`),
    );
    expect((await world.document('d1')).policy.packages?.version).toBe('auto');
    expect(world.planner.desiredOf('d2')?.problems[0]?.code).toBe('unsupported');
    await world.planner.stop();
  });

  it('resolver: false adds no prerequisites, of a spec or a source; a source without index leaves versions open', async () => {
    const world = await worldWith();
    world.devices.report('d1', facts);
    const spec = { id: 'web', target: {}, packages: ['nginx'] };
    await world.put({ ...spec, resolver: false });
    expect(names((await world.lock('d1')).packages)).toEqual(['nginx 1.22-1']);
    await world.put(spec);
    await world.putSources({ ...debian, resolver: false });
    expect(names((await world.lock('d1')).packages)).toEqual(['nginx 1.22-1']);
    await world.putSources({ ...debian, metadata: false, resolver: false });
    world.catalogue.offer('debian', []);
    await world.planner.settled();
    expect(names((await world.lock('d1')).packages)).toEqual(['nginx null']);
    await world.planner.stop();
  });

  it('devices whose labels differ only where no document looks share one lock, stored once', async () => {
    const world = await worldWith();
    for (const id of ['d1', 'd2', 'd3']) world.devices.report(id, { ...facts, hostname: id });
    await world.put({ id: 'web', target: {}, packages: ['nginx'] });
    const digests = await Promise.all(
      ['d1', 'd2', 'd3'].map(async (id) => (await world.document(id)).lock?.digest),
    );
    expect(new Set(digests).size).toBe(1);
    expect(await countKeys(world, 'lock/')).toBe(1);
    await world.put({ id: 'web', target: {}, packages: ['curl'] });
    expect(await countKeys(world, 'lock/')).toBe(1);
    await world.put({ id: 'web', target: null });
    expect(await countKeys(world, 'lock/')).toBe(0);
    await world.planner.stop();
  });

  it('a refresh plans again only the labelsets that the source serves', async () => {
    const world = await worldWith();
    await world.putSources({ ...debian, id: 'other', target: { site: 'other' } });
    world.catalogue.offer('other', nginx);
    world.devices.report('d1', facts);
    world.devices.report('d2', { ...facts, site: 'other' });
    await world.put({ id: 'web', target: {}, packages: ['curl'] });
    const revisions = () => ['d1', 'd2'].map((id) => world.planner.desiredOf(id)?.revision);
    const [first, second] = revisions();
    world.catalogue.offer('other', [...nginx, deb('curl', '8.0-1', { depends: 'libc6' })]);
    await world.planner.settled();
    expect(revisions()).toEqual([first, (second ?? 0) + 1]);
    expect(names((await world.lock('d2')).packages)).toContain('curl 8.0-1');
    await world.planner.stop();
  });

  it('the lock survives a restart', async () => {
    const world = await worldWith();
    world.devices.report('d1', facts);
    await world.put({ id: 'web', target: {}, packages: ['nginx'] });
    const before = await world.document('d1');
    await world.restart();
    expect(await world.document('d1')).toEqual(before);
    expect((await world.lock('d1')).packages).toHaveLength(3);
    await world.planner.stop();
  });
});

describe('packages of rpm', () => {
  it('a file that no index lists is looked for in the lists of files, once', async () => {
    const world = await createPlannerWorld();
    const asked: unknown[] = [];
    Object.assign(world.catalogue, {
      needPaths: async (...some: unknown[]) => void asked.push(some),
    });
    await world.putSources({
      ...{ id: 'el', type: 'yum', url: 'https://rpm.example.org/el', suite: '9' },
      ...{ components: ['base'], archs: ['x86_64'], target: {}, essential: false },
    });
    const rpm = { version: '1-1', arch: 'x86_64' };
    const app = { ...rpm, name: 'app', relations: { depends: '/opt/tool' } };
    world.catalogue.offer('el', [app], 'rpm', ['x86_64']);
    const centos = { os: 'centos', arch: 'amd64', packages: 'dnf' };
    world.devices.report('r1', centos);
    world.devices.report('r2', { ...centos, hostname: 'x' });
    await world.put({ id: 'apps', target: {}, packages: ['app'] });
    expect((await world.lock('r1')).keep).toEqual([{ name: 'app', problem: 'unresolvable' }]);
    expect(asked).toEqual([[['el'], new Set(['/opt/tool'])]]);
    const tool = { ...rpm, name: 'tool', relations: {}, files: ['/opt/tool'] };
    world.catalogue.offer('el', [app, tool], 'rpm', ['x86_64']);
    await world.planner.settled();
    const lock = await world.lock('r1');
    expect([lock.type, ...names(lock.packages)]).toEqual(['rpm', 'app 1-1', 'tool 1-1']);
    await world.planner.stop();
  });
});

describe('a question about packages', () => {
  it('takes name:arch=version', async () => {
    const world = await worldWith([deb('a', '1'), deb('a', '2')]);
    const ask = (name: string) => world.planner.resolve({ names: [name], labels: facts });
    expect(names(ask('a:amd64=1').packages)).toEqual(['a 1']);
    expect(names(ask('a:amd64').packages)).toEqual(['a 2']);
    expect(ask('a:armhf')).toMatchObject({ packages: [], unresolved: ['a'] });
  });

  it('names a source that applies and was never read, not a missing one', async () => {
    const world = await worldWith([deb('a', '1', { depends: 'nobody' })]);
    await world.putSources({ ...debian, id: 'late' });
    const answer = world.planner.resolve({ names: ['a', 'other'], labels: facts });
    const hint = 'Source late has not been read yet. See "jamesd-ctl source status".';
    expect(answer.problems.map(({ name, ...rest }) => [name, rest.hint])).toEqual([
      ['a', hint],
      ['other', hint],
    ]);
    world.catalogue.offer('late', []);
    await world.planner.settled();
    const [first] = world.planner.resolve({ names: ['a'], labels: facts }).problems;
    expect(first?.hint).toBe('No source has nobody: is a source missing?');
  });

  it('without names tells what specs disagree on', async () => {
    const world = await worldWith([deb('a', '1'), deb('a', '2'), deb('b', '1')]);
    await world.put({ id: 's1', target: {}, packages: [{ name: 'a', version: '1' }, 'b'] });
    await world.put({ id: 's2', target: {}, packages: [{ name: 'a', version: '2' }] });
    const all = world.planner.resolve({ labels: facts });
    expect(names(all.packages)).toEqual(['b 1']);
    expect(all).toMatchObject({ unresolved: ['a'], problems: [{ code: 'conflict', name: 'a' }] });
    expect(world.planner.resolve({ labels: facts, names: ['b'] }).problems).toEqual([]);
  });

  it('that no source serves names no spec', async () => {
    const world = await createPlannerWorld();
    const answer = world.planner.resolve({ names: ['nginx'], labels: facts });
    expect(answer.problems.map(({ sentences }) => sentences)).toEqual([
      [
        'The question asks for package nginx, and no source applies to the device. There are no sources; apply a document of kind Source.',
      ],
    ]);
    await world.planner.stop();
  });
});

describe('a device with a list of its own', () => {
  const spec = { id: 'web', target: {}, packages: ['mailer'] };
  const records = [
    deb('mailer', '1', { depends: 'exim | mta' }),
    deb('exim', '4'),
    deb('postfix', '3', { provides: 'mta' }),
  ];
  const installed: InstalledPackage[] = [
    { name: 'postfix', version: '3', arch: 'amd64', auto: true },
  ];

  it('gets an answer for it, and the list is asked for once', async () => {
    const world = await worldWith(records);
    world.devices.report('d1', facts);
    await world.put(spec);
    const lock = (await world.document('d1')).lock?.digest ?? '';
    expect(names((await world.lock('d1')).packages)).toEqual(['exim 4', 'mailer 1']);
    const request = { lock, installedDigest: installedDigest(installed) };
    const ask = (more: object = {}) => world.planner.resolveFor('d1', { ...request, ...more });
    expect(() => ask()).toThrowError(expect.objectContaining({ code: 'installed-list-needed' }));
    const answer = ask({ installed });
    expect(names(JSON.parse(answer).packages)).toEqual(['mailer 1', 'postfix 3']);
    expect(ask()).toBe(answer);
    expect(() => ask({ lock: digestOf('other') })).toThrowError(
      expect.objectContaining({ code: 'not-found' }),
    );
    expect(() => ask({ installedDigest: digestOf('x'), installed })).toThrowError(
      expect.objectContaining({ code: 'bad-request' }),
    );
    await world.planner.stop();
  });

  it('what is installed of the lock comes to its versions, and is not downgraded', async () => {
    const world = await worldWith(nginx);
    world.devices.report('d1', facts);
    await world.put({ id: 'web', target: {}, packages: ['nginx'] });
    const lock = (await world.document('d1')).lock?.digest ?? '';
    const list: InstalledPackage[] = [
      { name: 'nginx', version: '1.20-1', arch: 'amd64', auto: false },
      { name: 'libssl3', version: '3.0-0', arch: 'amd64', auto: true },
      { name: 'libc6', version: '2.40-1', arch: 'amd64', auto: true },
    ];
    const request = { lock, installed: list, installedDigest: installedDigest(list) };
    const { packages } = JSON.parse(world.planner.resolveFor('d1', request));
    expect(names(packages)).toEqual(['libc6 2.40-1', 'libssl3 3.0-1', 'nginx 1.22-1']);
    expect(packages.map((one: { auto: boolean }) => one.auto)).toEqual([true, true, false]);
    await world.planner.stop();
  });
});

async function countKeys(world: PlannerWorld, prefix: string): Promise<number> {
  let count = 0;
  for await (const _ of world.store.range({ gte: prefix, lt: `${prefix}~` })) count += 1;
  return count;
}
