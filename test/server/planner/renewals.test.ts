import { describe, expect, it } from 'vitest';
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
const web = { id: 'web', target: {}, packages: ['nginx'] };
const old = [
  deb('nginx', '1.22-1', { depends: 'libssl3' }),
  deb('libssl3', '3.0-1'),
  deb('curl', '7-1'),
];
/** nginx does not need libssl3 any more, and its old version is gone. */
const newer = [deb('nginx', '1.24-1'), deb('libssl3', '3.0-1'), deb('curl', '8-1')];
const brought = { 'nginx 1.22-1': 1, 'libssl3 3.0-1': 1 };

async function worldWith(devices = 2, records = old): Promise<PlannerWorld> {
  const world = await createPlannerWorld();
  await world.putSources(debian);
  world.catalogue.offer('debian', records);
  for (let index = 1; index <= devices; index += 1) world.devices.report(`d${index}`, facts);
  await world.planner.settled();
  return world;
}

async function offer(world: PlannerWorld, records: typeof old, source = 'debian'): Promise<void> {
  world.catalogue.offer(source, records);
  await world.planner.settled();
}

/** The names and versions of a device's lock, and what it keeps. */
async function packagesOf(world: PlannerWorld, device = 'd1'): Promise<string[]> {
  const { packages, keep } = await world.lock(device);
  return [
    ...packages.map(({ name, version }) => `${name} ${version}`),
    ...keep.map(({ name }) => `keep ${name}`),
  ];
}

const kinds = (world: PlannerWorld) =>
  world.events.map(({ kind }) => kind).filter((kind) => kind.startsWith('renewal-'));
const heldSpecs = (world: PlannerWorld) => world.planner.holds().map(({ spec }) => spec);
const promote = (world: PlannerWorld, spec: string, confirmRemovals?: number) =>
  world.planner.updates
    .promote(spec, { author: 'ann', confirmRemovals })
    .then(() => world.planner.settled());

describe('a renewal that removes too much', () => {
  it('is held with its numbers; devices keep what they have, and other specs go on', async () => {
    const world = await worldWith();
    await world.put(web, { id: 'tools', target: {}, packages: ['curl'] });
    await offer(world, newer);
    expect(world.planner.holds()).toMatchObject([
      { spec: 'web', revision: 1, removals: 2, devicesLosing: 2, devicesEmptied: 0 },
    ]);
    expect(await packagesOf(world)).toEqual(['curl 8-1', 'keep nginx']);
    const [event] = world.events.filter(({ kind }) => kind === 'renewal-held');
    expect(event).toMatchObject({ actor: 'server', subject: 'web' });
    expect(event?.detail).toContain(
      '2 packets or packages without a successor from 2 of 2 devices',
    );
    const view = await world.planner.updates.updates('web');
    expect(view).toMatchObject({
      updates: 'auto',
      held: { removals: 2 },
      impact: { removals: 2, devicesLosing: 2 },
      rows: [
        {
          packages: {
            removals: [{ name: 'libssl3' }],
            upgrades: [{ from: { version: '1.22-1' }, to: { version: '1.24-1' } }],
          },
        },
      ],
    });
    expect(view.proposed).not.toBe(view.lock);
    expect((await world.planner.updates.lock('web')).rows[0]?.packages).toMatchObject([
      { name: 'libssl3', version: '3.0-1' },
      { name: 'nginx', version: '1.22-1' },
    ]);
    await world.planner.stop();
  });

  it('changes nothing on devices where the old version is still offered', async () => {
    const world = await worldWith();
    await world.put(web);
    const before = await world.document('d1');
    await offer(world, [...old, ...newer]);
    expect(await world.document('d1')).toEqual(before);
    expect(await packagesOf(world)).toEqual(Object.keys(brought).sort());
    expect(heldSpecs(world)).toEqual(['web']);
    await world.planner.stop();
  });

  it('is taken by a person who confirms the number; then the spec goes on by itself', async () => {
    const world = await worldWith();
    await world.put(web);
    await offer(world, newer);
    await expect(promote(world, 'web')).rejects.toMatchObject({
      code: 'removals-unconfirmed',
      members: { removals: 2, devices: 2 },
    });
    await expect(promote(world, 'web', 1)).rejects.toMatchObject({ code: 'removals-unconfirmed' });
    await promote(world, 'web', 2);
    expect(await packagesOf(world)).toEqual(['nginx 1.24-1']);
    expect(heldSpecs(world)).toEqual([]);
    expect(kinds(world)).toEqual(['renewal-held', 'renewal-resumed']);
    expect(world.events).toContainEqual(
      expect.objectContaining({ kind: 'lock-promoted', actor: 'token:ann', subject: 'web' }),
    );
    await offer(world, [deb('nginx', '1.26-1')]);
    expect(await packagesOf(world)).toEqual(['nginx 1.26-1']);
    await expect(promote(world, 'web')).rejects.toMatchObject({ code: 'nothing-to-promote' });
    const causes = (await world.planner.updates.history('web', { limit: 9 })).map(
      ({ cause }) => cause,
    );
    expect(causes).toEqual(['renewed', 'promoted', 'held']);
    await world.planner.stop();
  });

  it('goes on by itself when what vanished is back', async () => {
    const world = await worldWith();
    await world.put(web);
    await offer(world, newer);
    await offer(world, [deb('nginx', '1.26-1', { depends: 'libssl3' }), deb('libssl3', '3.1-1')]);
    expect(await packagesOf(world)).toEqual(['libssl3 3.1-1', 'nginx 1.26-1']);
    expect(heldSpecs(world)).toEqual([]);
    expect(kinds(world)).toEqual(['renewal-held', 'renewal-resumed']);
    await world.planner.stop();
  });

  it('stays held over restarts and whatever is offered meanwhile', async () => {
    const world = await worldWith();
    await world.put(web);
    await offer(world, [...old, ...newer]);
    const before = await world.document('d1');
    await world.restart();
    await offer(world, [...old, deb('nginx', '1.25-1')]);
    await world.restart();
    expect(await world.document('d1')).toEqual(before);
    expect(world.planner.holds()).toMatchObject([{ spec: 'web', removals: 2 }]);
    expect(kinds(world)).toEqual(['renewal-held']);
    await world.planner.stop();
  });

  it('is held too where the server learns of it at its start', async () => {
    const world = await worldWith();
    await world.put(web);
    await world.planner.updates.lock('web');
    const before = await world.document('d1');
    world.catalogue.prepare('debian', [...old, ...newer]);
    await world.restart();
    expect(await world.document('d1')).toEqual(before);
    expect(heldSpecs(world)).toEqual(['web']);
    await promote(world, 'web', 2);
    expect(await packagesOf(world)).toEqual(['nginx 1.24-1']);
    await world.planner.stop();
  });

  it('is not held where few devices of the fleet lose something', async () => {
    const world = await worldWith(9);
    world.devices.report('few', { ...facts, role: 'web' });
    await world.put({ ...web, target: { role: 'web' } });
    await offer(world, newer);
    expect(await packagesOf(world, 'few')).toEqual(['nginx 1.24-1']);
    expect(heldSpecs(world)).toEqual([]);
    await world.planner.stop();
  });

  it('counts what all specs together take, and holds those that take something', async () => {
    const world = await worldWith(7);
    const roles = ['a', 'b', 'c'] as const;
    for (const role of roles) world.devices.report(role, { ...facts, role });
    await world.put(
      ...['a', 'b'].map((role) => ({ ...web, id: `web-${role}`, target: { role } })),
      { id: 'tools', target: { role: roles as unknown as string[] }, packages: ['curl'] },
    );
    await offer(world, newer);
    expect(heldSpecs(world)).toEqual([]);
    const both = await worldWith(4);
    for (const role of roles) both.devices.report(role, { ...facts, role });
    await both.put(...['a', 'b'].map((role) => ({ ...web, id: `web-${role}`, target: { role } })), {
      id: 'tools',
      target: { role: ['a', 'b', 'c'] },
      packages: ['curl'],
    });
    await offer(both, newer);
    expect(heldSpecs(both)).toEqual(['web-a', 'web-b']);
    expect(await packagesOf(both, 'c')).toEqual(['curl 8-1']);
    expect(await packagesOf(both, 'a')).toEqual(['curl 8-1', 'keep nginx']);
    await promote(both, 'web-a', 1);
    expect(await packagesOf(both, 'a')).toEqual(['curl 8-1', 'nginx 1.24-1']);
    expect(heldSpecs(both)).toEqual([]);
    await Promise.all([world.planner.stop(), both.planner.stop()]);
  });
});

describe('what can make a renewal remove', () => {
  it('another version provides what was asked for', async () => {
    const mailer = (exim: object, postfix: object) => [
      deb('mailer', '1', { depends: 'mta' }),
      deb('exim', '4', exim),
      deb('postfix', '3', postfix),
    ];
    const mta = { provides: 'mta' };
    const world = await worldWith(2, mailer(mta, {}));
    await world.put({ id: 'mail', target: {}, packages: ['mailer'] });
    expect(await packagesOf(world)).toEqual(['exim 4', 'mailer 1']);
    await offer(world, mailer({}, mta));
    expect(heldSpecs(world)).toEqual(['mail']);
    expect(await packagesOf(world)).toEqual(['keep exim', 'keep mailer']);
    await world.restart();
    expect(await packagesOf(world)).toEqual(['keep exim', 'keep mailer']);
    await offer(world, mailer(mta, {}));
    expect(heldSpecs(world)).toEqual([]);
    expect(await packagesOf(world)).toEqual(['exim 4', 'mailer 1']);
    await world.planner.stop();
  });

  it('a packet that matches better needs no other packet', async () => {
    const world = await worldWith();
    const logger = (seq: number, version: string, depends: { name: string }[]) =>
      makePacket({
        name: 'logger',
        labels: { version },
        seq,
        ...(depends.length > 0 && { depends }),
      });
    world.packets.add(makePacket({ name: 'hub', seq: 1 }));
    world.packets.add(logger(2, '1.0', [{ name: 'hub' }]));
    await world.put({ id: 'log', target: {}, apps: [{ name: 'logger', version: '*' }] });
    const before = await world.document('d1');
    world.packets.add(logger(3, '1.1', []));
    await world.planner.settled();
    expect(await world.document('d1')).toEqual(before);
    expect(world.planner.holds()).toMatchObject([{ spec: 'log', removals: 2 }]);
    await world.restart();
    expect(await world.document('d1')).toEqual(before);
    world.packets.add(logger(4, '1.2', [{ name: 'hub' }]));
    await world.planner.settled();
    expect(heldSpecs(world)).toEqual([]);
    const names = (await world.document('d1')).packets.map(({ name }) => name);
    expect(names).toEqual(['hub', 'logger']);
    await world.planner.stop();
  });

  it('a package that could not be served for a while comes back without what it brought', async () => {
    const world = await worldWith();
    await world.put(web);
    await offer(world, [deb('nginx', '1.23-1', { depends: 'nobody' })]);
    expect(await packagesOf(world)).toEqual(['keep nginx']);
    await offer(world, newer);
    expect(heldSpecs(world)).toEqual(['web']);
    expect(await packagesOf(world)).toEqual(['keep nginx']);
    await promote(world, 'web', 2);
    expect(await packagesOf(world)).toEqual(['nginx 1.24-1']);
    await world.planner.stop();
  });

  it('a spec whose package left while another could not be served is judged when that goes on', async () => {
    const world = await worldWith(2, [deb('q', '3', { depends: 's' }), deb('s', '3')]);
    await world.put(
      { id: 'wants-q', target: {}, packages: ['q'] },
      { id: 'wants-r', target: {}, packages: ['r'] },
    );
    await offer(world, [deb('q', '1'), deb('r', '1', { depends: 'p' }), deb('p', '1')]);
    expect(heldSpecs(world)).toEqual(['wants-q']);
    expect(await packagesOf(world)).toEqual(['p 1', 'r 1', 'keep q']);
    const rest = [deb('q', '1'), deb('p', '1'), deb('s', '3')];
    await offer(world, [...rest, deb('r', '1', { depends: 's' })]);
    expect(heldSpecs(world)).toEqual(['wants-r']);
    expect(await packagesOf(world)).toEqual(['q 1', 'keep p', 'keep r']);
    await world.planner.stop();
  });

  it('what a spec asks for comes only for the sake of another package', async () => {
    const rest = [deb('s', '1'), deb('t', '1')];
    const world = await worldWith(2, [...rest, deb('r', '1', { depends: 't' })]);
    const wanted = ['r', { name: 's', version: '>=2' }];
    await world.put({ id: 'both', target: {}, packages: wanted });
    expect(await packagesOf(world)).toEqual(['r 1', 't 1', 'keep s']);
    await offer(world, [...rest, deb('r', '1', { depends: 's' })]);
    expect(heldSpecs(world)).toEqual(['both']);
    expect(await packagesOf(world)).toContain('keep t');
    await world.planner.stop();
  });

  it('the device picks versions, and the names of the lock become fewer', async () => {
    const world = await worldWith();
    await world.put({ ...web, version: 'auto' });
    expect(await packagesOf(world)).toEqual(['libssl3 null', 'nginx null']);
    await offer(world, newer);
    expect(heldSpecs(world)).toEqual(['web']);
    expect(await packagesOf(world)).toEqual(['keep libssl3', 'keep nginx']);
    await promote(world, 'web', 2);
    expect(await packagesOf(world)).toEqual(['nginx null']);
    await world.planner.stop();
  });
});

describe('a held spec', () => {
  it('that a person changes follows its sources again; the guard asks for that change', async () => {
    const world = await worldWith();
    await world.put(web);
    await offer(world, newer);
    const changed = { ...web, downgrade: true };
    const impact = await world.planner.impactOfDocuments({
      Spec: new Map([['web', changed]]),
      Source: new Map(),
    });
    expect(impact).toMatchObject({ removals: 2, devicesLosing: 2 });
    await world.put(changed);
    expect(await packagesOf(world)).toEqual(['nginx 1.24-1']);
    expect(heldSpecs(world)).toEqual([]);
    expect(kinds(world)).toEqual(['renewal-held', 'renewal-resumed']);
    await world.planner.stop();
  });

  it('that is made manual keeps what it has', async () => {
    const world = await worldWith();
    await world.put(web);
    await offer(world, [...old, ...newer]);
    const before = await packagesOf(world);
    await world.put({ ...web, updates: 'manual' });
    expect(await packagesOf(world)).toEqual(before);
    expect(heldSpecs(world)).toEqual([]);
    await world.restart();
    expect(await packagesOf(world)).toEqual(before);
    await world.planner.stop();
  });

  it('that is deleted leaves nothing behind', async () => {
    const world = await worldWith();
    await world.put(web);
    await offer(world, newer);
    await world.put({ id: 'web', target: null });
    expect(heldSpecs(world)).toEqual([]);
    expect((await world.document('d1')).lock).toBeNull();
    await world.put(web);
    expect(await packagesOf(world)).toEqual(['nginx 1.24-1']);
    await world.planner.stop();
  });

  it('serves new devices: by its row, or where there is none by a plan that becomes one', async () => {
    const world = await worldWith();
    await world.put(web, { id: 'other', target: { board: 'b1' } });
    await offer(world, [...old, ...newer]);
    world.devices.report('d3', facts);
    world.devices.report('d4', { ...facts, board: 'b1' });
    await world.planner.settled();
    expect(await packagesOf(world, 'd3')).toEqual(['libssl3 3.0-1', 'nginx 1.22-1']);
    expect(await packagesOf(world, 'd4')).toEqual(['nginx 1.24-1']);
    await offer(world, [...old, ...newer, deb('nginx', '1.26-1')]);
    expect(await packagesOf(world, 'd4')).toEqual(['nginx 1.24-1']);
    await world.restart();
    expect(await packagesOf(world, 'd3')).toEqual(['libssl3 3.0-1', 'nginx 1.22-1']);
    expect(await packagesOf(world, 'd4')).toEqual(['nginx 1.24-1']);
    await world.planner.stop();
  });

  it('is not asked again for what a person confirmed, as another change of it or of a source', async () => {
    const world = await worldWith();
    await world.put({ ...web, packages: ['nginx', 'curl'] });
    await world.put(web);
    expect(await packagesOf(world)).toEqual(['libssl3 3.0-1', 'nginx 1.22-1']);
    await world.putSources({ id: 'debian', target: null });
    expect(await packagesOf(world)).toEqual(['keep nginx']);
    expect(kinds(world)).toEqual([]);
    await world.planner.stop();
  });
});
