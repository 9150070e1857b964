import { describe, expect, it } from 'vitest';
import { keys } from '../../../server/store/keys.ts';
import type { Store } from '../../../server/store/store.ts';
import {
  createRegistryWorld,
  makeReport,
  type RegistryWorld,
  reportBytes,
  reportMessage,
} from '../../support/registry-world.ts';

const device = (id: string) => ({ kind: 'device', device: id }) as const;

const put = (
  world: RegistryWorld,
  id: string,
  headers: Record<string, string>,
  payload: string | object,
) =>
  world.app.inject({
    method: 'PUT',
    url: `/v1/devices/${id}/reported`,
    headers: { 'content-type': 'application/json', ...headers },
    payload,
  });

/** What is kept of a device: nothing of it may change through nonsense. */
const stateOf = async (world: RegistryWorld, id: string) => ({
  stored: await world.store.get(keys.reported(id)),
  labels: world.registry.get(id)?.labels,
  reported: world.registry.get(id)?.reported,
});

describe('reports', () => {
  it('are on disk when they are acknowledged, and change the labels', async () => {
    const world = await createRegistryWorld();
    await world.enrol('a', { fleet: 'alpha' });
    const labels = { facts: { arch: 'armv7l', fleet: 'beta' }, config: { site: 'berlin' } };
    await world.hooks.received(device('a'), reportMessage('a', { seq: 4, labels }));
    const stored = JSON.parse((await world.store.get(keys.reported('a')))?.value ?? '{}');
    expect(stored.reported).toEqual(makeReport({ seq: 4, labels }));
    const entry = world.registry.get('a');
    expect(entry?.labels).toEqual({ arch: 'armv7l', fleet: 'beta', site: 'berlin' });
    expect(entry?.reported).toMatchObject({ phase: 'idle', seq: 4 });
    expect(entry?.lastSeenAt).toBe(new Date(world.clock.now()).toISOString());
  });

  it('tell that labels changed after that is durable, and only if they did', async () => {
    const world = await createRegistryWorld();
    await world.enrol('a');
    const seen: (string | undefined)[] = [];
    world.registry.onChange(({ cause }) => seen.push(cause, world.registry.get('a')?.labels.arch));
    const labels = { facts: { arch: 'arm64' }, config: {} };
    await world.report('a', { seq: 1, labels });
    await world.report('a', { seq: 2, labels, phase: 'applying' });
    expect(seen).toEqual(['device', 'arm64']);
  });

  it('with an equal or lower seq are ignored, also after a restart', async () => {
    const world = await createRegistryWorld();
    await world.enrol('a');
    await world.report('a', { seq: 7, agent: 'new' });
    const before = await stateOf(world, 'a');
    await world.report('a', { seq: 7, agent: 'same' });
    await world.report('a', { seq: 3, agent: 'old', labels: { facts: { x: '1' }, config: {} } });
    expect(await stateOf(world, 'a')).toEqual(before);
    const other = await createRegistryWorld(world);
    await other.report('a', { seq: 7, agent: 'same' });
    expect(await stateOf(other, 'a')).toEqual(before);
    await other.report('a', { seq: 8, agent: 'newer' });
    expect(other.registry.get('a')?.reported?.seq).toBe(8);
  });

  it('that overtake each other leave the newest, on disk and in memory', async () => {
    const world = await createRegistryWorld();
    await world.enrol('a');
    const seqs = [5, 9, 2, 9, 7, 12, 11];
    await Promise.all(
      seqs.map((seq) => world.registry.reports.received('a', reportBytes({ seq }))),
    );
    const stored = JSON.parse((await world.store.get(keys.reported('a')))?.value ?? '{}');
    expect([stored.reported.seq, world.registry.get('a')?.reported?.seq]).toEqual([12, 12]);
  });

  it('with unknown members are taken, as those of a newer agent', async () => {
    const world = await createRegistryWorld();
    await world.enrol('a');
    const payload = Buffer.from(JSON.stringify({ ...makeReport({ seq: 2 }), future: { x: 1 } }));
    await world.hooks.received(device('a'), { ...reportMessage('a'), payload });
    expect(world.registry.get('a')?.reported?.seq).toBe(2);
  });

  const broken: [string, string | Buffer, string][] = [
    ['nothing', '', 'bad-message'],
    ['text', 'hello', 'bad-message'],
    ['null', 'null', 'bad-message'],
    ['a list', '[]', 'bad-message'],
    ['an empty object', '{}', 'bad-message'],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22]), 'bad-message'],
    ['a key twice', '{"schema":"jamesd.reported/1","schema":"jamesd.reported/1"}', 'bad-message'],
    [
      'another schema',
      JSON.stringify({ ...makeReport(), schema: 'jamesd.reported/9' }),
      'unknown-schema',
    ],
    ['a wrong type', JSON.stringify({ ...makeReport(), seq: '5' }), 'bad-message'],
    ['a negative seq', JSON.stringify({ ...makeReport(), seq: -1 }), 'bad-message'],
    ['an unknown phase', JSON.stringify({ ...makeReport(), phase: 'dancing' }), 'bad-message'],
    ['a label of 257 bytes', labelled({ a: 'ü'.repeat(129) }), 'bad-message'],
    ['a label with a control character', labelled({ a: '\u0000' }), 'bad-message'],
    ['a label key with a space', labelled({ 'a b': '1' }), 'bad-message'],
    ['a label named __proto__', labelledText('{"__proto__":"x"}'), 'bad-message'],
    ['too many labels', labelled(Object.fromEntries(many(257))), 'bad-message'],
    ['deep nesting', '['.repeat(5000) + ']'.repeat(5000), 'bad-message'],
  ];

  it.each(broken)('of %s change nothing', async (_what, payload, code) => {
    const world = await createRegistryWorld();
    await world.enrol('a', { fleet: 'alpha' });
    await world.report('a', { seq: 1 });
    const before = await stateOf(world, 'a');
    const message = { ...reportMessage('a'), payload: Buffer.from(payload) };
    await expect(world.hooks.received(device('a'), message)).rejects.toMatchObject({ code });
    expect(await stateOf(world, 'a')).toEqual(before);
    expect(world.registry.refusals.count()).toBe(1);
  });

  it('that cannot be stored are not acknowledged', async () => {
    const world = await createRegistryWorld();
    await world.enrol('a');
    await world.store.close();
    const sent = world.hooks.received(device('a'), reportMessage('a', { seq: 1 }));
    await expect(sent).rejects.toThrow('the message was not kept');
    expect(world.registry.get('a')?.reported).toBeNull();
  });
});

describe('reports over HTTP', () => {
  it('are the same as over MQTT, and are published for viewers', async () => {
    const world = await createRegistryWorld();
    const headers = await world.enrol('a');
    const { authorization } = headers;
    expect((await put(world, 'a', { authorization }, makeReport({ seq: 3 }))).statusCode).toBe(204);
    expect(world.registry.get('a')?.reported?.seq).toBe(3);
    expect(world.bus.last(reportMessage('a').topic)).toEqual(makeReport({ seq: 3 }));
    world.bus.clear();
    expect((await put(world, 'a', { authorization }, makeReport({ seq: 2 }))).statusCode).toBe(204);
    expect(world.bus.last(reportMessage('a').topic)).toBeNull();
  });

  it('are taken from the device itself only', async () => {
    const world = await createRegistryWorld();
    await world.enrol('a');
    const { authorization } = await world.enrol('b');
    expect((await put(world, 'a', { authorization }, makeReport())).statusCode).toBe(403);
    expect((await put(world, 'a', world.operator, makeReport())).statusCode).toBe(403);
    expect((await put(world, 'a', {}, makeReport())).statusCode).toBe(401);
    expect(world.registry.get('a')?.reported).toBeNull();
  });

  it.each([
    ['{"schema":"jamesd.reported/9"}', 400, 'unknown-schema'],
    ['{}', 400, 'bad-message'],
    ['[1', 400, 'bad-json'],
    ['', 400, 'bad-message'],
    [labelled({ a: 'x'.repeat(2 * 1024 * 1024) }), 413, 'too-large'],
    [labelled({ a: 'x'.repeat(8 * 1024 * 1024) }), 413, 'too-large'],
  ])('refuse nonsense with a code', async (payload, status, code) => {
    const world = await createRegistryWorld();
    const { authorization } = await world.enrol('a');
    const answer = await put(world, 'a', { authorization }, payload);
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
    expect(world.registry.get('a')?.reported).toBeNull();
  });
});

describe('who may say what over MQTT', () => {
  it('a device on its own topics only, and not as the server', async () => {
    const world = await createRegistryWorld();
    await world.enrol('a');
    await world.enrol('b');
    const send = (id: string, topic: string) =>
      world.hooks.received(device(id), { ...reportMessage('a', { seq: 1 }), topic });
    for (const topic of [
      reportMessage('a').topic,
      reportMessage('b').topic.replace('reported', 'desired'),
      reportMessage('b').topic.replace('reported', 'presence'),
      '$SYS/x',
    ]) {
      await expect(send('b', topic)).rejects.toMatchObject({ code: 'forbidden' });
    }
    const operator = { kind: 'operator', token: 't' } as const;
    await expect(world.hooks.received(operator, reportMessage('a'))).rejects.toMatchObject({
      code: 'forbidden',
    });
    expect(world.registry.get('a')?.reported).toBeNull();
  });

  it('progress and log lines pass if they are of their schema', async () => {
    const world = await createRegistryWorld();
    await world.enrol('a');
    const send = (channel: string, message: object) =>
      world.hooks.received(device('a'), {
        topic: reportMessage('a').topic.replace('reported', channel),
        payload: Buffer.from(JSON.stringify(message)),
        qos: 0,
        retain: false,
      });
    await send('progress', { schema: 'jamesd.progress/1', step: 'download', percent: 40 });
    await send('log', { schema: 'jamesd.log/1', source: 'postinst', lines: ['done'] });
    const refused = { code: 'bad-message' };
    await expect(send('progress', { schema: 'x' })).rejects.toMatchObject(refused);
    await expect(send('log', { schema: 'jamesd.log/1' })).rejects.toMatchObject(refused);
  });

  it('authenticates devices by id and secret, operators by token', async () => {
    const world = await createRegistryWorld();
    const { secret } = await world.enrol('a');
    await world.enrol('b');
    const login = (client: string, user: string, password: string) =>
      world.hooks.authenticate(client, user, Buffer.from(password));
    const token = world.operator.authorization.slice('Bearer '.length);
    expect(await login('a', 'a', secret)).toEqual(device('a'));
    expect(await login('b', 'b', secret)).toBeNull();
    expect(await login('b', 'a', secret)).toBeNull();
    expect(await login('a', 'a', '')).toBeNull();
    expect(await login('page', 'token', token)).toMatchObject({ kind: 'operator' });
    expect(await login('page', 'token', await world.joinToken())).toBeNull();
    expect(await login('page', 'token', 'nonsense')).toBeNull();
    const expired = await world.joinToken({ expiresIn: 1 });
    world.clock.setNow(world.clock.now() + 2_000);
    expect(await login('page', 'token', expired)).toBeNull();
  });
});

describe('a store that fails for a moment', () => {
  it('lets the same report be sent again', async () => {
    const world = await createRegistryWorld();
    await world.enrol('a');
    const batch: Store['batch'] = world.store.batch;
    world.store.batch = () => Promise.reject(new Error('the disk is full'));
    const message = reportMessage('a', { seq: 5 });
    await expect(world.hooks.received(device('a'), message)).rejects.toThrow();
    world.store.batch = batch;
    await world.hooks.received(device('a'), message);
    expect(world.registry.get('a')?.reported?.seq).toBe(5);
  });
});

function many(count: number): [string, string][] {
  return Array.from({ length: count }, (_, at) => [`k${at}`, '1']);
}

function labelled(facts: Record<string, string>): string {
  return JSON.stringify(makeReport({ seq: 9, labels: { facts, config: {} } }));
}

function labelledText(facts: string): string {
  return labelled({}).replace('"facts":{}', `"facts":${facts}`);
}
