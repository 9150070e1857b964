import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../proto/digest.ts';
import type { Source } from '../../../proto/source.ts';
import { createLockHistory } from '../../../server/locks/lock-history.ts';
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
const manual = { id: 'web', target: {}, updates: 'manual' as const };
const old = [deb('nginx', '1.22-1', { depends: 'libssl3' }), deb('libssl3', '3.0-1')];
const newer = [deb('nginx', '1.24-1', { depends: 'libssl3' }), deb('libssl3', '3.1-1')];

async function worldWith(records = old): Promise<PlannerWorld> {
  const world = await createPlannerWorld();
  await world.putSources(debian);
  world.catalogue.offer('debian', records);
  world.devices.report('d1', facts);
  await world.planner.settled();
  return world;
}

async function offer(world: PlannerWorld, records: typeof old): Promise<void> {
  world.catalogue.offer('debian', records);
  await world.planner.settled();
}

async function versions(world: PlannerWorld, device = 'd1'): Promise<Record<string, string>> {
  const { packages } = await world.lock(device);
  return Object.fromEntries(packages.map(({ name, version }) => [name, version ?? 'null']));
}

const logger = (version: string, seq: number) =>
  makePacket({ name: 'logger', labels: { version }, seq });
const idOf = async (world: PlannerWorld, device = 'd1') =>
  (await world.document(device)).packets.map((line) => ('id' in line ? line.id : 'keep'));

describe('updates: auto', () => {
  it('a refresh renews the lock, with history and an event', async () => {
    const world = await worldWith();
    await world.put({ id: 'web', target: {}, packages: ['nginx'] });
    const first = await world.planner.updates.lock('web');
    expect(first).toMatchObject({ revision: 1, specRevision: 1, cause: 'planned' });
    expect(first.rows).toMatchObject([
      {
        devices: 1,
        packages: [
          { name: 'libssl3', version: '3.0-1' },
          { name: 'nginx', version: '1.22-1' },
        ],
      },
    ]);
    await offer(world, [...old, ...newer]);
    expect(await versions(world)).toEqual({ nginx: '1.24-1', libssl3: '3.1-1' });
    const second = await world.planner.updates.lock('web');
    expect(second).toMatchObject({ revision: 2, specRevision: 1, cause: 'renewed' });
    expect(second.digest).not.toBe(first.digest);
    expect(await world.planner.updates.history('web', { limit: 10 })).toMatchObject([
      { revision: 2, digest: second.digest },
      { revision: 1, digest: first.digest },
    ]);
    expect((await world.planner.updates.lock('web', 1)).rows).toEqual(first.rows);
    expect(world.events.map(({ kind }) => kind)).toContain('lock-renewed');
    await world.planner.stop();
  });

  it('a lock that is the same again is not written again', async () => {
    const world = await worldWith();
    await world.put({ id: 'web', target: {}, packages: ['nginx'] });
    await world.planner.updates.lock('web');
    await offer(world, [...old, deb('unrelated', '1')]);
    expect((await world.planner.updates.lock('web')).revision).toBe(1);
    await world.planner.stop();
  });
});

describe('updates: manual', () => {
  it('an upload and a refresh make a proposal; devices change when it is promoted', async () => {
    const world = await worldWith();
    world.packets.add(logger('1.0', 1));
    const apps = [{ name: 'logger', version: '*' }];
    await world.put({ ...manual, apps, packages: ['nginx'] });
    const before = await world.document('d1');
    world.packets.add(logger('1.1', 2));
    await offer(world, [...old, ...newer]);
    expect(await world.document('d1')).toEqual(before);

    const proposal = await world.planner.updates.updates('web');
    expect(proposal.proposed).not.toBe(proposal.lock);
    expect(proposal.rows).toMatchObject([
      {
        devices: 1,
        packets: [{ name: 'logger', from: { labels: { version: '1.0' } } }],
        packages: {
          installs: [],
          removals: [],
          upgrades: [
            { from: { name: 'libssl3', version: '3.0-1' }, to: { version: '3.1-1' } },
            { from: { name: 'nginx', version: '1.22-1' }, to: { version: '1.24-1' } },
          ],
        },
      },
    ]);
    expect(proposal.impact).toMatchObject({ devices: 1, upgrades: 1, removals: 0 });

    await world.planner.updates.promote('web', { author: 'ann' });
    await world.planner.settled();
    expect(await versions(world)).toEqual({ nginx: '1.24-1', libssl3: '3.1-1' });
    expect(await idOf(world)).toEqual([logger('1.1', 2).id]);
    const lock = await world.planner.updates.lock('web');
    expect(lock).toMatchObject({ cause: 'promoted', author: 'ann', revision: 2 });
    expect(lock.digest).toBe(proposal.proposed);
    const after = await world.planner.updates.updates('web');
    expect(after.rows).toEqual([]);
    expect(after.proposed).toBe(after.lock);
    await expect(world.planner.updates.promote('web', { author: 'ann' })).rejects.toMatchObject({
      code: 'nothing-to-promote',
    });
    await world.planner.stop();
  });

  it('what was locked stays locked over a restart', async () => {
    const world = await worldWith();
    await world.put({ ...manual, packages: ['nginx'] });
    await offer(world, [...old, ...newer]);
    await world.restart();
    expect(await versions(world)).toEqual({ nginx: '1.22-1', libssl3: '3.0-1' });
    await world.planner.stop();
  });

  it('a device without a row gets one by a fresh plan, which then stays', async () => {
    const world = await worldWith();
    await world.put({ ...manual, packages: ['nginx'] }, { id: 'x', target: { site: 'berlin' } });
    await offer(world, [...old, ...newer]);
    world.devices.report('d2', { ...facts, site: 'berlin' });
    await world.planner.settled();
    expect(await versions(world, 'd1')).toMatchObject({ nginx: '1.22-1' });
    expect(await versions(world, 'd2')).toMatchObject({ nginx: '1.24-1' });
    expect((await world.planner.updates.lock('web')).rows.map(({ devices }) => devices)).toEqual([
      1, 1,
    ]);
    await offer(world, [...old, ...newer, deb('nginx', '1.26-1')]);
    expect(await versions(world, 'd2')).toMatchObject({ nginx: '1.24-1' });
    await world.planner.stop();
  });

  it('a key that a document mentions later takes no row from a device', async () => {
    const world = await worldWith();
    world.devices.report('d1', { ...facts, board: 'b1' });
    await world.put({ ...manual, packages: ['nginx'] });
    await offer(world, [...old, ...newer]);
    await world.put({ id: 'other', target: { board: 'b2' }, packages: ['nginx'] });
    expect(await versions(world)).toMatchObject({ nginx: '1.22-1' });
    await world.put({ id: 'other', target: null });
    expect(await versions(world)).toMatchObject({ nginx: '1.22-1' });
    await world.planner.stop();
  });

  it('a row is completed with what could not be served when it was made, and floats no more', async () => {
    const world = await createPlannerWorld();
    await world.putSources(debian);
    world.devices.report('d1', facts);
    await world.put({
      ...manual,
      packages: ['curl', 'nginx'],
      apps: [{ name: 'logger', version: '*' }],
    });
    expect((await world.planner.updates.lock('web')).rows).toMatchObject([{ packages: [] }]);
    await offer(world, old);
    expect(await versions(world)).toEqual({ nginx: '1.22-1', libssl3: '3.0-1' });
    world.packets.add(logger('1.0', 1));
    const curl = [
      deb('curl', '8-1', { depends: 'libcurl4 | libcurl3' }),
      ...[deb('libcurl4', '8-1'), deb('libcurl3', '8-1')],
    ];
    await offer(world, [...old, ...newer, ...curl]);
    const expected = { nginx: '1.22-1', libssl3: '3.0-1', curl: '8-1', libcurl4: '8-1' };
    expect(await versions(world)).toEqual(expected);
    world.packets.add(logger('1.1', 2));
    await offer(world, [...old, ...newer, ...curl, deb('curl', '9-1'), deb('libcurl4', '9-1')]);
    expect(await versions(world)).toEqual(expected);
    expect(await idOf(world)).toEqual([logger('1.0', 1).id]);
    expect(await world.planner.updates.lock('web')).toMatchObject({
      revision: 3,
      cause: 'planned',
    });
    expect((await world.planner.updates.updates('web')).rows).toHaveLength(1);
    await world.restart();
    expect(await versions(world)).toEqual(expected);
    await world.planner.stop();
  });

  it('what another spec stood for stays decided when that spec goes', async () => {
    const world = await worldWith([...old, deb('curl', '7-1', { depends: 'libssl3' })]);
    const all = [...old, ...newer, deb('curl', '7-1', { depends: 'libssl3' })];
    await world.put({ ...manual, packages: ['nginx'] });
    await world.put({ ...manual, id: 'a', priority: 1, packages: ['curl'] });
    await offer(world, all);
    await world.put({ id: 'a', target: null });
    await offer(world, [...all, deb('libssl3', '3.2-1')]);
    expect(await versions(world)).toEqual({ nginx: '1.22-1', libssl3: '3.0-1' });
    await world.planner.stop();
  });

  it('a spec that takes updates no longer begins with what it chose last, before its lock was written', async () => {
    const world = await worldWith();
    const line = { name: 'nginx', version: '1.22-1' };
    await world.put({ id: 'web', target: {}, packages: [line] });
    await world.planner.updates.lock('web');
    await world.put({ id: 'web', target: {}, packages: ['nginx'] });
    await offer(world, [...old, ...newer]);
    expect(await versions(world)).toMatchObject({ nginx: '1.24-1' });
    world.catalogue.offer('debian', [...old, ...newer, deb('nginx', '1.26-1')]);
    await world.put({ ...manual, packages: ['nginx'] });
    expect(await versions(world)).toMatchObject({ nginx: '1.24-1' });
    await world.planner.settled();
    world.devices.report('d2', facts);
    await world.planner.settled();
    expect(await versions(world, 'd2')).toMatchObject({ nginx: '1.24-1' });
    expect((await world.planner.updates.updates('web')).rows).toMatchObject([
      { packages: { upgrades: [{ from: { version: '1.24-1' }, to: { version: '1.26-1' } }] } },
    ]);
    await world.planner.stop();
  });

  it('a changed spec keeps what its lines still allow, and a return to it brings its lock back', async () => {
    const world = await worldWith();
    await world.put({ ...manual, packages: ['nginx'] });
    await offer(world, [...old, ...newer, deb('curl', '8-1')]);
    await world.put({ ...manual, packages: ['nginx', 'curl'] });
    expect(await versions(world)).toEqual({ nginx: '1.22-1', libssl3: '3.0-1', curl: '8-1' });
    await world.put({ ...manual, packages: [{ name: 'nginx', version: '>=1.24' }] });
    expect(await versions(world)).toMatchObject({ nginx: '1.24-1' });
    await world.put({ ...manual, packages: ['nginx'] });
    expect(await versions(world)).toEqual({ nginx: '1.22-1', libssl3: '3.0-1' });
    expect(await world.planner.updates.lock('web')).toMatchObject({
      cause: 'returned',
      specRevision: 4,
    });
    await world.planner.stop();
  });

  it('a locked version that is no longer offered is unresolvable, names what is, and is kept', async () => {
    const world = await worldWith();
    await world.put({ ...manual, packages: ['nginx'] });
    await offer(world, newer);
    const [problem] = world.planner.desiredOf('d1')?.problems ?? [];
    expect(problem).toMatchObject({ code: 'unresolvable', name: 'nginx' });
    expect(problem?.detail).toContain('nginx 1.22-1');
    expect(problem?.detail).toContain('1.24-1');
    expect((await world.lock('d1')).keep).toEqual([{ name: 'nginx', problem: 'unresolvable' }]);
    await world.restart();
    expect((await world.lock('d1')).keep).toHaveLength(1);
    await world.planner.updates.promote('web', { author: 'ann' });
    await world.planner.settled();
    expect(await versions(world)).toEqual({ nginx: '1.24-1', libssl3: '3.1-1' });
    await world.planner.stop();
  });

  it('a promotion that takes too much away has to be confirmed', async () => {
    const world = await worldWith();
    await world.put({ ...manual, packages: ['nginx'] });
    await offer(world, [...old, deb('nginx', '1.24-1')]);
    const promote = (confirmRemovals?: number) =>
      world.planner.updates.promote('web', { author: 'ann', confirmRemovals });
    await expect(promote()).rejects.toMatchObject({
      code: 'removals-unconfirmed',
      members: { removals: 1, devices: 1 },
    });
    await promote(1);
    await world.planner.settled();
    expect(await versions(world)).toEqual({ nginx: '1.24-1' });
    await world.planner.stop();
  });

  it('another spec that takes updates by itself is not held back', async () => {
    const world = await worldWith([...old, deb('curl', '7-1')]);
    await world.put({ ...manual, packages: ['nginx'] });
    await world.put({ id: 'tools', target: {}, packages: ['curl'] });
    await offer(world, [...old, ...newer, deb('curl', '7-1'), deb('curl', '8-1')]);
    expect(await versions(world)).toEqual({ nginx: '1.22-1', libssl3: '3.0-1', curl: '8-1' });
    await world.planner.stop();
  });
});

describe('an earlier lock', () => {
  const ann = { author: 'ann', confirmRemovals: 0 };
  const promoted = async () => {
    const world = await worldWith();
    world.packets.add(logger('1.0', 1));
    const apps = [{ name: 'logger', version: '*' }];
    await world.put({ ...manual, apps, packages: ['nginx'] });
    const first = await world.document('d1');
    world.packets.add(logger('1.1', 2));
    await offer(world, [...old, ...newer]);
    await world.planner.updates.promote('web', ann);
    await world.planner.settled();
    return { world, first, apps };
  };

  it('is taken again, with guard, event and history, and stays over a restart', async () => {
    const { world, first } = await promoted();
    const view = await world.planner.updates.promote('web', { ...ann, lock: 1, message: 'slow' });
    expect(view).toMatchObject({
      rows: [
        {
          packets: [{ from: { labels: { version: '1.1' } }, to: { labels: { version: '1.0' } } }],
          packages: { upgrades: [{ from: { version: '3.1-1' }, to: { version: '3.0-1' } }, {}] },
        },
      ],
      impact: { devices: 1 },
    });
    await world.planner.settled();
    const after = await world.document('d1');
    expect([after.packets, after.lock]).toEqual([first.packets, first.lock]);
    const [third, , lock] = await world.planner.updates.history('web', { limit: 10 });
    expect(third).toMatchObject({ revision: 3, cause: 'returned', author: 'ann' });
    expect(third?.digest).toBe(lock?.digest);
    expect(view.proposed).toBe(lock?.digest);
    expect(world.events.at(-1)).toMatchObject({
      ...{ kind: 'lock-returned', actor: 'token:ann', subject: 'web' },
      detail: 'lock 3 of revision 1: what lock 1 chose: slow',
    });
    await world.restart();
    expect((await world.document('d1')).lock).toEqual(first.lock);
    expect((await world.planner.updates.updates('web')).rows).toHaveLength(1);
    await world.planner.stop();
  });

  it.each([true, false])(
    'tells of lower versions where the spec allows them: %s',
    async (downgrade) => {
      const { world, apps } = await promoted();
      await world.put({ ...manual, apps, packages: ['nginx'], downgrade });
      const { impact } = await world.planner.updates.promote('web', { ...ann, lock: 1 });
      const counts = { installs: 0, upgrades: 0, removals: 0 };
      expect(impact.packages).toEqual({ ...counts, ...(downgrade && { downgrades: 2 }) });
      await world.planner.stop();
    },
  );

  it('that has nothing but lower versions changes no device where the spec does not allow them', async () => {
    const world = await worldWith();
    await world.put({ ...manual, packages: ['nginx'] });
    await offer(world, [...old, ...newer]);
    await world.planner.updates.promote('web', ann);
    await world.planner.settled();
    const { impact } = await world.planner.updates.promote('web', { ...ann, lock: 1 });
    expect(impact).toMatchObject({ devices: 0, labelsets: [] });
    await world.planner.stop();
  });

  it('is refused where it is there already, was never there, or the spec takes updates by itself', async () => {
    const { world, apps } = await promoted();
    const take = (lock: number) => world.planner.updates.promote('web', { ...ann, lock });
    await expect(take(2)).rejects.toMatchObject({ code: 'nothing-to-promote' });
    await expect(take(9)).rejects.toMatchObject({ code: 'not-found' });
    await world.put({ id: 'web', target: {}, apps, packages: ['nginx'] });
    await expect(take(1)).rejects.toMatchObject({
      code: 'nothing-to-promote',
      message: expect.stringContaining('Say updates: manual'),
    });
    await world.planner.stop();
  });

  it('of a spec that said something else holds as far as the lines allow', async () => {
    const { world, apps } = await promoted();
    const line = { name: 'nginx', version: '>=1.24' };
    await world.put({ ...manual, apps, packages: [line], downgrade: true });
    await world.planner.updates.promote('web', { ...ann, lock: 1 });
    await world.planner.settled();
    expect(await versions(world)).toEqual({ nginx: '1.24-1', libssl3: '3.0-1' });
    expect(await idOf(world)).toEqual([logger('1.0', 1).id]);
    await world.put({ ...manual, apps, packages: ['nginx'], downgrade: true });
    expect(await versions(world)).toMatchObject({ nginx: '1.24-1' });
    await world.planner.updates.promote('web', { ...ann, lock: 1 });
    await world.planner.settled();
    expect(await versions(world)).toEqual({ nginx: '1.22-1', libssl3: '3.0-1' });
    await world.restart();
    expect(await versions(world)).toEqual({ nginx: '1.22-1', libssl3: '3.0-1' });
    await world.planner.stop();
  });

  it('that was made while the spec took updates by itself can be taken once it no longer does', async () => {
    const world = await worldWith();
    await world.put({ id: 'web', target: {}, packages: ['nginx'] });
    const before = await world.document('d1');
    await world.planner.updates.lock('web');
    await offer(world, [...old, ...newer]);
    await world.put({ ...manual, packages: ['nginx'] });
    expect(await versions(world)).toMatchObject({ nginx: '1.24-1' });
    await world.planner.updates.promote('web', { ...ann, lock: 1 });
    await world.planner.settled();
    expect((await world.document('d1')).lock).toEqual(before.lock);
    await world.planner.stop();
  });

  it('tells devices apart by the keys of its time, and leaves devices that came since what they have', async () => {
    const world = await worldWith();
    world.devices.report('d1', { ...facts, board: 'b1' });
    await world.put({ id: 'other', target: { board: 'b1' } }, { ...manual, packages: ['nginx'] });
    await offer(world, [...old, ...newer]);
    world.devices.report('d2', facts);
    await world.planner.settled();
    const nginx = async () => {
      const found = ['d1', 'd2', 'd3'].map(async (device) => (await versions(world, device)).nginx);
      return Promise.all(found);
    };
    await world.put({ id: 'other', target: null });
    const { revision } = await world.planner.updates.lock('web');
    await world.planner.updates.promote('web', ann);
    await world.planner.settled();
    world.devices.report('d3', { ...facts, board: 'b3' });
    await world.planner.settled();
    await offer(world, [...old, ...newer, deb('nginx', '1.26-1', { depends: 'libssl3' })]);
    expect(await nginx()).toEqual(['1.24-1', '1.24-1', '1.24-1']);
    await world.planner.updates.promote('web', { ...ann, lock: revision });
    await world.planner.settled();
    expect(await nginx()).toEqual(['1.22-1', '1.24-1', '1.24-1']);
    const diff = await world.planner.updates.diff('web', {});
    expect(diff.rows).toMatchObject([{ labels: { board: 'b1' }, devices: 1, change: 'changed' }]);
    await world.restart();
    expect(await nginx()).toEqual(['1.22-1', '1.24-1', '1.24-1']);
    await world.planner.stop();
  });

  it('makes keys count again that count no more', async () => {
    const world = await worldWith();
    world.devices.report('d1', { ...facts, board: 'b1' });
    await world.put({ id: 'other', target: { board: 'b1' } }, { ...manual, packages: ['nginx'] });
    await offer(world, [...old, ...newer]);
    world.devices.report('d2', facts);
    await world.planner.settled();
    const { revision } = await world.planner.updates.lock('web');
    await world.put({ id: 'web', target: {}, packages: ['nginx'] }, { id: 'other', target: null });
    await world.put({ ...manual, packages: ['nginx'], downgrade: true });
    expect((await world.planner.updates.lock('web')).keys).not.toContain('board');
    expect(await versions(world, 'd1')).toMatchObject({ nginx: '1.24-1' });
    await world.planner.updates.promote('web', { ...ann, lock: revision });
    await world.planner.settled();
    expect(await versions(world, 'd1')).toMatchObject({ nginx: '1.22-1' });
    expect(await versions(world, 'd2')).toMatchObject({ nginx: '1.24-1' });
    await world.planner.stop();
  });

  it('is compared with a later one, row by row', async () => {
    const { world } = await promoted();
    const diff = await world.planner.updates.diff('web', {});
    expect(diff).toMatchObject({
      from: { revision: 1 },
      to: { revision: 2, cause: 'promoted' },
      rows: [
        {
          ...{ devices: 1, change: 'changed' },
          packets: [{ name: 'logger', from: { labels: { version: '1.0' } } }],
          packages: { upgrades: [{ to: { version: '3.1-1' } }, { to: { version: '1.24-1' } }] },
        },
      ],
    });
    expect((await world.planner.updates.diff('web', { from: 2, to: 2 })).rows).toEqual([]);
    await expect(world.planner.updates.diff('web', { to: 1 })).rejects.toMatchObject({
      code: 'not-found',
    });
    await world.planner.stop();
  });
});

describe('old locks', () => {
  it('go beyond the newest hundred, but for the last of each revision; so do their choices', async () => {
    const world = await worldWith();
    await world.put({ id: 'web', target: {}, packages: ['nginx'] });
    const history = createLockHistory(world.store);
    await world.planner.updates.lock('web');
    const first = await history.latest('web');
    if (!first) throw new Error('no lock');
    for (let revision = 2; revision <= 130; revision += 1) {
      const choice = { packets: {}, packages: { 'nginx:amd64': String(revision) } };
      const digest = digestOf(choice);
      const groups = [{ keys: [], rows: [{ labels: {}, choice: digest }] }];
      const specRevision = revision <= 10 ? 2 : 3;
      const lock = { ...first, revision, specRevision, groups };
      await history.write([lock], new Map([[digest, choice]]));
    }
    await history.prune();
    const left = (await history.entries('web', { limit: 1000 })).map(({ revision }) => revision);
    expect(left).toEqual([...Array.from({ length: 100 }, (_, index) => 130 - index), 10, 1]);
    const gone = digestOf({ packets: {}, packages: { 'nginx:amd64': '20' } });
    const kept = digestOf({ packets: {}, packages: { 'nginx:amd64': '10' } });
    expect([...(await history.choices([gone, kept])).keys()]).toEqual([kept]);
    await world.planner.stop();
  });
});

describe('what a change would do', () => {
  it('counts packages without a successor with packets, and the device that would have nothing', async () => {
    const world = await worldWith();
    await world.put({ id: 'web', target: {}, packages: ['nginx'] });
    const impact = (changes: object) =>
      world.planner.impactOfDocuments({ Spec: new Map(), Source: new Map(), ...changes });
    expect(await impact({ Spec: new Map([['web', null]]) })).toMatchObject({
      removals: 2,
      devicesLosing: 1,
      devicesEmptied: 1,
      packages: { removals: 2 },
    });
    expect(await impact({ Source: new Map([['debian', null]]) })).toMatchObject({
      devices: 1,
      removals: 0,
      labelsets: [{ problems: [{ code: 'no-source', name: 'nginx' }] }],
    });
    const renamed = { ...debian, url: 'https://mirror.example.org/debian' } as Source;
    expect(await impact({ Source: new Map([['debian', renamed]]) })).toMatchObject({
      ...{ devices: 1, otherSources: 1, upgrades: 0, removals: 0 },
    });
    const spec = { id: 'web', target: {}, packages: ['nginx'] };
    const policy = await impact({ Spec: new Map([['web', { ...spec, downgrade: true }]]) });
    expect(policy).toMatchObject({ devices: 1, removals: 0 });
    expect(policy).not.toHaveProperty('otherSources');
    await world.planner.stop();
  });
});
