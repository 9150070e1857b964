import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../proto/canonical-json.ts';
import { compiledCheck } from '../../../proto/check.ts';
import { Desired, desiredDigest, isKept } from '../../../proto/desired.ts';
import { deviceTopic } from '../../../proto/topics.ts';
import { prefixRange } from '../../../server/store/store.ts';
import { makePacket } from '../../support/make.ts';
import { createPlannerWorld, type PlannerWorld } from '../../support/planner-world.ts';

const DAY_MS = 86_400_000;
const logger = (arch: string, version = '1.0.0') =>
  makePacket({ name: 'logger', labels: { version, arch } });
const loggerSpec = {
  id: 'logger-spec',
  target: { fleet: 'alpha' },
  apps: [{ name: 'logger', labels: { version: '1.0.0' } }],
};

async function exampleWorld(): Promise<PlannerWorld> {
  const world = await createPlannerWorld();
  for (const arch of ['amd64', 'armv6l', 'armv7l']) world.packets.add(logger(arch));
  world.devices.report('one', { fleet: 'alpha', arch: 'armv7l', hostname: 'one' });
  world.devices.report('two', { fleet: 'alpha', arch: 'amd64', hostname: 'two' });
  world.devices.report('other', { fleet: 'beta', arch: 'amd64', hostname: 'other' });
  await world.planner.settled();
  return world;
}

async function keysBelow(world: PlannerWorld, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of world.store.range(prefixRange(prefix))) keys.push(key);
  return keys;
}

describe('documents', () => {
  it('an enrolled device without a spec has an empty document of revision 1', async () => {
    const world = await exampleWorld();
    const signed = await world.document('one');
    expect(signed).toMatchObject({ device: 'one', revision: 1, packets: [], after: null });
    expect(world.planner.desiredOf('nobody')).toBeUndefined();
    expect(await world.planner.document('nobody')).toBeUndefined();
  });

  it('each device gets the packet of its architecture and no other', async () => {
    const world = await exampleWorld();
    await world.put(loggerSpec);
    const signed = await world.document('one');
    const [line] = signed.packets;
    expect(line).toMatchObject({
      id: logger('armv7l').id,
      url: `/v1/packets/${logger('armv7l').id}/content`,
      reason: { spec: 'logger-spec', revision: 1 },
    });
    expect(signed.packets).toHaveLength(1);
    expect(signed.revision).toBe(2);
    expect((await world.document('other')).revision).toBe(1);
    expect(world.planner.wants('one', logger('armv7l').id)).toBe(true);
    expect(world.planner.wants('one', logger('amd64').id)).toBe(false);
  });

  it('are canonical, fit the schema, and carry the digest of their body', async () => {
    const world = await exampleWorld();
    await world.put(loggerSpec);
    const text = Buffer.from((await world.planner.document('one')) ?? []).toString();
    const desired = JSON.parse(text) as Desired;
    expect(compiledCheck(Desired)(desired)).toBe(true);
    expect(text).toBe(canonicalJson(desired));
    const { packets, lock, sources, policy, digest } = desired.signed;
    expect(digest).toBe(desiredDigest({ packets, lock, sources, policy }));
  });

  it('what is published is what HTTP serves, and the entity tag names it', async () => {
    const world = await exampleWorld();
    await world.put(loggerSpec);
    const signed = await world.document('one');
    expect(world.bus.last(deviceTopic('one', 'desired'))).toMatchObject({ signed });
    const { epoch, revision, issuedAt } = signed;
    expect(world.planner.desiredOf('one')?.etag).toBe(`"${epoch}.${revision}.${issuedAt}"`);
  });

  it('above 8 KiB the message is a reference to the document', async () => {
    const world = await exampleWorld();
    const names = Array.from({ length: 60 }, (_, index) => `app-${index}`);
    for (const name of names) world.packets.add(makePacket({ name }));
    await world.put({ id: 'many', target: {}, apps: names.map((name) => ({ name })) });
    const { digest, revision } = world.planner.desiredOf('one') ?? {};
    expect(world.bus.last(deviceTopic('one', 'desired'))).toEqual({
      schema: 'jamesd.desired-ref/1',
      epoch: 'epoch-1',
      revision,
      digest,
      url: '/v1/devices/one/desired',
    });
    expect((await world.document('one')).packets).toHaveLength(60);
  });

  it('are signed by whoever signs', async () => {
    const world = await createPlannerWorld({
      sign: (text) => [{ keyid: 'k', sig: String(text.length) }],
    });
    world.devices.report('one', {});
    await world.planner.settled();
    const text = Buffer.from((await world.planner.document('one')) ?? []).toString();
    const { signed, signatures } = JSON.parse(text) as Desired;
    expect(signatures).toEqual([{ keyid: 'k', sig: String(canonicalJson(signed).length) }]);
  });

  it('are issued again past half their life, durably and with the same revision', async () => {
    const world = await exampleWorld();
    const first = await world.document('one');
    await world.clock.advance(3 * DAY_MS);
    expect(await world.document('one')).toEqual(first);
    await world.clock.advance(DAY_MS);
    const second = await world.document('one');
    expect(second).toMatchObject({ revision: first.revision, digest: first.digest });
    expect(Date.parse(second.expiresAt) - Date.parse(first.expiresAt)).toBe(4 * DAY_MS);
    await world.restart();
    expect(await world.document('one')).toEqual(second);
  });
});

describe('what is published', () => {
  it('only devices whose digest changed get a new revision', async () => {
    const world = await exampleWorld();
    await world.put(loggerSpec);
    world.bus.clear();
    await world.put({ ...loggerSpec, target: { fleet: ['alpha', 'gamma'] } });
    world.devices.report('one', { fleet: 'alpha', arch: 'armv7l', hostname: 'renamed' });
    await world.planner.settled();
    expect(world.bus.messages).toEqual([]);
    expect(world.planner.desiredOf('one')?.revision).toBe(2);
  });

  it('a device that is removed loses its topic and its state, and goes on with its revisions', async () => {
    const world = await exampleWorld();
    await world.put(loggerSpec);
    world.devices.remove('one');
    await world.planner.settled();
    expect(world.bus.messages.at(-1)).toMatchObject({ retain: true, payload: new Uint8Array() });
    expect(world.planner.desiredOf('one')).toBeUndefined();
    await world.restart();
    world.devices.report('one', { fleet: 'alpha', arch: 'armv7l' });
    await world.planner.settled();
    expect((await world.document('one')).revision).toBe(3);
  });

  it('a device that went while the server was down is cleared at boot', async () => {
    const world = await exampleWorld();
    await world.planner.stop();
    world.devices.remove('one');
    world.bus.clear();
    await world.restart();
    const topics = world.bus.messages.map(({ topic }) => topic);
    expect(topics).toEqual([deviceTopic('one', 'desired')]);
  });

  it('bodies that nothing refers to are collected', async () => {
    const world = await exampleWorld();
    await world.put(loggerSpec);
    expect(await keysBelow(world, 'body/')).toHaveLength(3);
    await world.put({ id: 'logger-spec', target: null });
    expect(await keysBelow(world, 'body/')).toHaveLength(1);
  });
});

describe('a restart', () => {
  it('changes nothing when nothing changed', async () => {
    const world = await exampleWorld();
    await world.put(loggerSpec);
    const before = await Promise.all(['one', 'two', 'other'].map(world.document));
    world.bus.clear();
    const sequence = world.store.sequence();
    await world.restart();
    expect(await Promise.all(['one', 'two', 'other'].map(world.document))).toEqual(before);
    expect(world.bus.messages).toEqual([]);
    expect(world.store.sequence()).toBe(sequence);
  });

  it('publishes what changed meanwhile', async () => {
    const world = await exampleWorld();
    await world.planner.stop();
    await world.specs.commit(new Map([['logger-spec', loggerSpec]]), {
      author: 'test',
      message: null,
    });
    world.bus.clear();
    await world.restart();
    expect(world.bus.messages.map(({ topic }) => topic).sort()).toEqual(
      ['one', 'two'].map((id) => deviceTopic(id, 'desired')),
    );
  });

  it('in another lineage issues everything anew, after the end of the former one', async () => {
    const world = await exampleWorld();
    await world.restart({ epoch: 'epoch-2' });
    const after = { epoch: 'epoch-1', revision: 1 };
    expect(await world.document('one')).toMatchObject({ epoch: 'epoch-2', revision: 2, after });
    await world.put(loggerSpec);
    expect(await world.document('one')).toMatchObject({ revision: 3, after });
  });
});

describe('problems', () => {
  it('keep what the device has of a name and block no other', async () => {
    const world = await exampleWorld();
    world.packets.add(makePacket({ name: 'shell' }));
    const apps = [...loggerSpec.apps, { name: 'shell' }, { name: 'absent' }];
    await world.put({ ...loggerSpec, apps });
    const { packets } = await world.document('one');
    expect(packets.map(({ name }) => name)).toEqual(['absent', 'logger', 'shell']);
    expect(packets.filter(isKept)).toEqual([
      { name: 'absent', keep: true, problem: 'no-candidate' },
    ]);
    expect(world.planner.desiredOf('one')?.problems).toMatchObject([
      { name: 'absent', code: 'no-candidate' },
    ]);
  });

  it('vanish when the packet arrives, also one that is needed by another', async () => {
    const world = await exampleWorld();
    world.packets.add(makePacket({ name: 'shell', depends: [{ name: 'lib' }] }));
    await world.put({ id: 'shell-spec', target: {}, apps: [{ name: 'shell' }] });
    expect((await world.document('one')).packets).toMatchObject([{ name: 'shell', keep: true }]);
    const lib = makePacket({ name: 'lib' });
    world.packets.add(lib);
    await world.planner.settled();
    expect((await world.document('one')).packets.map(({ name }) => name)).toEqual(['lib', 'shell']);
    expect(world.planner.specsChoosing(lib.id)).toEqual(['shell-spec']);
  });
});

describe('keys that come and go', () => {
  it('a spec that mentions a new key splits labelsets, and its deletion joins them', async () => {
    const world = await exampleWorld();
    await world.put(loggerSpec);
    world.devices.report('three', { fleet: 'alpha', arch: 'amd64', hostname: 'three' });
    await world.planner.settled();
    world.packets.add(makePacket({ name: 'shell' }));
    const apps = [{ name: 'shell' }];
    await world.put({ id: 'by-host', target: { hostname: 'three' }, apps });
    expect((await world.document('three')).packets).toHaveLength(2);
    expect((await world.document('two')).packets).toHaveLength(1);
    await world.put({ id: 'by-host', target: null });
    expect((await world.document('three')).packets).toHaveLength(1);
    expect(world.planner.desiredOf('three')?.revision).toBe(3);
    expect(world.planner.desiredOf('two')?.revision).toBe(2);
  });
});

describe('waiting for a change', () => {
  it('ends when the document changes, at the time limit, and on abort', async () => {
    const world = await exampleWorld();
    const etag = world.planner.desiredOf('one')?.etag ?? '';
    const { signal } = new AbortController();
    const changed = world.planner.waitForChange('one', etag, 60_000, signal);
    const unchanged = world.planner.waitForChange(
      'other',
      world.planner.desiredOf('other')?.etag ?? '',
      60_000,
      signal,
    );
    await world.put(loggerSpec);
    expect(await changed).toBe(true);
    expect(await world.planner.waitForChange('one', etag, 60_000, signal)).toBe(true);
    await world.clock.advance(60_000);
    expect(await unchanged).toBe(false);
    const aborted = AbortSignal.abort();
    const now = world.planner.desiredOf('one')?.etag ?? '';
    expect(await world.planner.waitForChange('one', now, 60_000, aborted)).toBe(false);
  });
});

describe('a removal by the device itself', () => {
  async function heldWorld(): Promise<PlannerWorld> {
    const world = await exampleWorld();
    await world.put(loggerSpec);
    world.bus.clear();
    world.devices.report('one', { fleet: 'none', arch: 'armv7l', hostname: 'one' });
    await world.planner.settled();
    return world;
  }

  it('is held: the device keeps what it has', async () => {
    const world = await heldWorld();
    expect(world.planner.desiredOf('one')).toMatchObject({ revision: 2, held: true });
    expect((await world.document('one')).packets).toHaveLength(1);
    expect(world.events).toMatchObject([{ kind: 'removal-held', subject: 'one' }]);
    expect(world.bus.messages).toEqual([]);
  });

  it('stays held over restarts, and is held if the restart came first', async () => {
    const world = await heldWorld();
    await world.restart();
    expect(world.planner.desiredOf('one')).toMatchObject({ revision: 2, held: true });
    expect(world.events).toHaveLength(1);
    await world.planner.stop();
    world.devices.report('two', { arch: 'amd64' });
    await world.restart();
    expect(world.planner.desiredOf('two')).toMatchObject({ revision: 2, held: true });
    await world.restart({ epoch: 'epoch-2' });
    expect(world.planner.desiredOf('two')).toMatchObject({ revision: 3, held: true });
    expect((await world.document('two')).packets).toHaveLength(1);
  });

  it('is carried out once approved', async () => {
    const world = await heldWorld();
    expect(await world.planner.approveRemoval('two')).toBe(false);
    expect(await world.planner.approveRemoval('one')).toBe(true);
    await world.planner.settled();
    expect(world.planner.desiredOf('one')).toMatchObject({ revision: 3, held: false });
    expect(world.bus.last(deviceTopic('one', 'desired'))).toMatchObject({
      signed: { packets: [], revision: 3 },
    });
    await world.restart();
    expect(world.planner.desiredOf('one')).toMatchObject({ revision: 3, held: false });
  });

  it('vanishes when the labels come back', async () => {
    const world = await heldWorld();
    world.devices.report('one', { fleet: 'alpha', arch: 'armv7l', hostname: 'one' });
    await world.planner.settled();
    expect(world.planner.desiredOf('one')).toMatchObject({ revision: 2, held: false });
    expect(world.bus.messages).toEqual([]);
  });

  it('is no matter of a person who empties the device', async () => {
    const world = await exampleWorld();
    await world.put(loggerSpec);
    world.devices.report('one', { fleet: 'alpha', arch: 'armv7l', hostname: 'renamed' });
    await world.planner.settled();
    await world.restart();
    world.devices.label('two', { fleet: 'none' });
    await world.put({ id: 'logger-spec', target: null });
    expect(world.planner.desiredOf('one')).toMatchObject({ revision: 3, held: false });
    expect(world.planner.desiredOf('two')).toMatchObject({ revision: 3, held: false });
    expect(world.events).toEqual([]);
  });

  it('that leaves something is carried out', async () => {
    const world = await exampleWorld();
    world.packets.add(makePacket({ name: 'shell' }));
    await world.put(loggerSpec, { id: 'base', target: {}, apps: [{ name: 'shell' }] });
    world.devices.report('one', { arch: 'armv7l' });
    await world.planner.settled();
    expect(world.planner.desiredOf('one')).toMatchObject({ revision: 3, held: false });
  });
});
