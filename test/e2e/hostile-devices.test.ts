import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeviceView, NewToken } from '../../proto/api.ts';
import type { Reported } from '../../proto/reported.ts';
import { deviceTopic, FLEET_SUMMARY_TOPIC } from '../../proto/topics.ts';
import { type HostileWorld, hostileWorld, peakMemory } from '../support/hostile-world.ts';
import { connectMqtt, openMqtt } from '../support/mqtt-client.ts';

let world: HostileWorld;
let before: unknown;

beforeAll(async () => {
  world = await hostileWorld();
  before = await world.state();
});
afterAll(() => world?.stop());

const good = (seq: number): Reported => ({
  schema: 'jamesd.reported/1',
  ...{ epoch: null, seen: null, installed: null, phase: 'idle', reason: null, retryAt: null },
  packets: [],
  packages: { installed: 0, wrong: [] },
  labels: { facts: {}, config: { fleet: 'alpha' } },
  ...{ agent: '1', bootId: 'b', seq },
});

const with_ = (change: object): string => JSON.stringify({ ...good(1), ...change });
const labels = (facts: object): string => with_({ labels: { facts, config: {} } });
const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`k${index}`, 'v']));

/** What, the body, and the code of the refusal over HTTP; over MQTT what cannot be read is a bad message. */
const nonsense: [string, string | Uint8Array, string][] = [
  ['nothing', '', 'bad-message'],
  ['null', 'null', 'bad-message'],
  ['a number', '17', 'bad-message'],
  ['no JSON', '{"schema":', 'bad-json'],
  ['invalid UTF-8', Buffer.from('{"schema":"\xff"}', 'latin1'), 'bad-json'],
  ['a duplicate key', '{"schema":"jamesd.reported/1","schema":"x"}', 'duplicate-key'],
  ['deep nesting', `${'['.repeat(20_000)}${']'.repeat(20_000)}`, 'bad-json'],
  ['an unknown schema', with_({ schema: 'jamesd.reported/999' }), 'unknown-schema'],
  ['another schema', with_({ schema: 'jamesd.desired/1' }), 'unknown-schema'],
  ['no schema', with_({ schema: undefined }), 'bad-message'],
  ['an unknown phase', with_({ phase: 'dancing' }), 'bad-message'],
  ['a negative seq', with_({ seq: -1 }), 'bad-message'],
  ['a seq after which none can come', with_({ seq: 1e300 }), 'bad-message'],
  ['a seq that is text', with_({ seq: '1' }), 'bad-message'],
  [
    'a packet that climbs',
    with_({ packets: [{ name: '../x', id: null, status: 'installed', error: null }] }),
    'bad-message',
  ],
  [
    'an id that climbs',
    with_({ packets: [{ name: 'x', id: 'sha256:../../x', status: 'installed', error: null }] }),
    'bad-message',
  ],
  ['labels that climb', labels({ '../x': 'y' }), 'bad-message'],
  ['a label of 20 KiB', labels({ x: 'x'.repeat(20_000) }), 'bad-message'],
  ['a label of 300 bytes', labels({ x: 'é'.repeat(150) }), 'bad-message'],
  ['a control character', labels({ x: 'a\u0000b' }), 'bad-message'],
  ['too many labels', labels(many), 'bad-message'],
  ['a prototype', `{"__proto__":${with_({})}}`, 'bad-message'],
  [
    'a prototype as labels',
    with_({}).replace('"facts":{}', '"facts":{"__proto__":"x"}'),
    'bad-message',
  ],
];

const put = async (body: string | Uint8Array, target = 'first') => {
  const answer = await fetch(`${world.server.http}/v1/devices/${target}/reported`, {
    method: 'PUT',
    headers: { authorization: world.basic(0), 'content-type': 'application/json' },
    body: new Uint8Array(Buffer.from(body)),
  });
  return { status: answer.status, body: answer.status === 204 ? null : await answer.json() };
};

const connectFirst = () => {
  const { id, secret } = world.devices[0] as { id: string; secret: string };
  return connectMqtt(world.server.mqtt, { clientId: id, username: id, password: secret });
};

describe('a device that reports nonsense', () => {
  it.each(nonsense)('over HTTP: %s', async (_what, body, code) => {
    expect(await put(body)).toMatchObject({
      status: 400,
      body: { code, detail: expect.any(String) },
    });
    expect(await world.state()).toEqual(before);
  });

  it('over MQTT: all of it is acknowledged, said in the log with its code, and changes nothing', async () => {
    const client = await connectFirst();
    for (const [what, body] of nonsense) {
      const topic = deviceTopic('first', 'reported');
      // the client takes text or bytes
      const sent = client.publish(topic, Buffer.from(body) as unknown as string, { retain: true });
      expect(await sent, what).toBe(true);
      for (const channel of ['progress', 'log'] as const) {
        expect(await client.publish(deviceTopic('first', channel), String(body)), what).toBe(true);
      }
    }
    expect(await world.state()).toEqual(before);
    expect(world.server.running.stderr()).toContain('"code":"unknown-schema"');
    expect(world.server.running.stderr()).toContain('"code":"bad-message"');
    await client.end();
  });

  it('a report of 2 MiB is too large over HTTP; over MQTT it ends the connection before it is read', async () => {
    const large = with_({ reason: 'x', more: 'y'.repeat(2 * 1024 * 1024) });
    expect(await put(large)).toMatchObject({ status: 413, body: { code: 'too-large' } });
    const client = await connectFirst();
    expect(await client.publish(deviceTopic('first', 'reported'), large)).toBe(false);
    expect(await world.state()).toEqual(before);
  });

  it('a flood of nonsense over MQTT keeps the memory bounded and the server answering', async () => {
    const client = await connectFirst();
    const body = with_({ phase: 'dancing', more: 'y'.repeat(50_000) });
    for (let n = 0; n < 2000 && !client.closed(); n += 1) {
      void client.publish(deviceTopic('first', 'reported'), body, { qos: 0 });
      if (n % 100 === 0) await new Promise((next) => setImmediate(next));
    }
    expect((await fetch(`${world.server.http}/healthz`)).status).toBe(200);
    await client.end();
    expect(peakMemory(world.server)).toBeLessThan(400);
    expect(await world.state()).toEqual(before);
  });

  it('is believed again when it talks sense', async () => {
    expect((await put(JSON.stringify(good(1)))).status).toBe(204);
    const { body } = await world.server.api<DeviceView>('GET', '/v1/devices/first');
    expect(body.reported?.seq).toBe(1);
    before = await world.state();
  });
});

describe('a device that looks where it should not', () => {
  const get = async (path: string, index: number, method = 'GET') => {
    const headers = { authorization: world.basic(index) };
    return (await fetch(`${world.server.http}${path}`, { method, headers })).status;
  };

  it('sees its own desired state and packets, nobody else’s, and no list', async () => {
    const { wanted, other } = world.packets;
    const content = (id: string) => `/v1/packets/${id}/content`;
    expect([await get('/v1/devices/first/desired', 0), await get(content(wanted), 0)]).toEqual([
      200, 200,
    ]);
    expect(await get(content(other), 0)).toBe(403);
    expect(await get(content(wanted), 1)).toBe(403);
    expect(await get(content(wanted), 1, 'HEAD')).toBe(403);
    for (const path of [
      'devices/second/desired',
      'devices/second',
      'devices',
      'packets',
      'specs',
      'tokens',
      'events',
      'generations',
      'explain/first',
      `packets/${wanted}`,
    ]) {
      expect(await get(`/v1/${path}`, 0), path).toBe(403);
    }
    for (const path of [
      '/v1/devices/first%2f..%2fsecond/desired',
      '/v1/devices/first/../second/desired',
      '/v1/devices/%73econd/desired',
      '/v1/devices/first;second/desired',
    ]) {
      expect(await get(path, 0), path).toBeGreaterThanOrEqual(400);
    }
    expect(await put(JSON.stringify(good(9)), 'second')).toMatchObject({ status: 403 });
    expect(await world.state()).toEqual(before);
  });

  it('hears nobody else over MQTT', async () => {
    const client = await connectFirst();
    const topics = [
      '#',
      '+',
      '$SYS/#',
      'jamesd/v1/devices/+/desired',
      'jamesd/v1/devices/#',
      FLEET_SUMMARY_TOPIC,
    ];
    const granted = await client.subscribe(
      ...topics,
      deviceTopic('second', 'desired'),
      deviceTopic('first', 'desired'),
    );
    expect(granted).toEqual([...topics.map(() => 128), 128, 1]);
    expect(await client.publish(deviceTopic('second', 'reported'), JSON.stringify(good(9)))).toBe(
      false,
    );
    const again = await connectFirst();
    expect(await again.publish(deviceTopic('first', 'desired'), '{}', { retain: true })).toBe(
      false,
    );
    expect(await world.state()).toEqual(before);
  });
});

describe('credentials that do not hold', () => {
  const enrol = async (token: string, body: unknown) =>
    world.server.api<{ code?: string }>('POST', '/v1/enrol', body, {
      authorization: `Bearer ${token}`,
    });
  const newToken = async (body: object) =>
    (await world.server.api<NewToken>('POST', '/v1/tokens', body)).body;

  it('enrolment: existing ids, reserved ids, climbing ids, bad labels, wrong tokens', async () => {
    const { joinToken, server } = world;
    const cases: [string, unknown, number, string][] = [
      [joinToken, { id: 'token' }, 400, 'bad-id'],
      [joinToken, { id: '../x' }, 400, 'bad-id'],
      [joinToken, { id: '' }, 400, 'bad-id'],
      [joinToken, { id: '__proto__' }, 400, 'bad-id'],
      [joinToken, { id: 'x'.repeat(129) }, 400, 'bad-id'],
      [joinToken, { id: 'a+b' }, 400, 'bad-id'],
      [joinToken, { id: 'new', labels: many }, 400, 'bad-labels'],
      [joinToken, { id: 'new', labels: { x: 'é'.repeat(150) } }, 400, 'bad-labels'],
      [joinToken, { id: 'new', password: 'mine' }, 400, 'unknown-key'],
      [joinToken, { id: 'new', secret: 'guessable' }, 400, 'bad-request'],
      [server.token, { id: 'new' }, 403, 'forbidden'],
      ['jd_000000000000_x', { id: 'new' }, 401, 'unauthenticated'],
    ];
    for (const [token, body, status, code] of cases) {
      expect(await enrol(token, body), JSON.stringify(body)).toMatchObject({
        status,
        body: { code },
      });
    }
    expect(await world.state()).toEqual(before);
    expect(await enrol(joinToken, { id: 'second' })).toMatchObject({
      status: 409,
      body: { code: 'device-exists' },
    });
    // the holder of the id is not locked out by somebody who asks for it
    const headers = { authorization: world.basic(1) };
    expect((await fetch(`${server.http}/v1/devices/second`, { headers })).status).toBe(200);
  });

  it('ids that are names of things in JavaScript are ids like any other', async () => {
    for (const id of ['constructor', 'toString', 'hasOwnProperty', 'valueOf']) {
      const labels = { constructor: 'a', toString: 'b', [id]: 'c' };
      const { status, body } = await enrol(world.joinToken, { id, labels });
      expect(status).toBe(201);
      const { secret } = body as unknown as { secret: string };
      const client = await connectMqtt(world.server.mqtt, {
        clientId: id,
        username: id,
        password: secret,
      });
      await client.subscribe(deviceTopic(id, 'desired'));
      expect(
        JSON.parse(String((await client.message(deviceTopic(id, 'desired'))).payload)).signed
          .device,
      ).toBe(id);
      const plan = await world.server.api('POST', '/v1/compute', { labels: { constructor: 'a' } });
      expect(plan).toMatchObject({ status: 200, body: { packets: [], problems: [] } });
      await client.end();
      expect((await world.server.api('DELETE', `/v1/devices/${id}`)).status).toBe(204);
    }
  });

  it('a join token is used up exactly, whoever comes at once, and expires', async () => {
    const { token } = await newToken({ kind: 'join', uses: 3 });
    const tries = Array.from({ length: 12 }, (_, index) => enrol(token, { id: `crowd-${index}` }));
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(3);
    expect(statuses.filter((status) => status === 401)).toHaveLength(9);
    const short = await newToken({ kind: 'join', expiresIn: 1 });
    await expect
      .poll(() => enrol(short.token, { id: 'token' }))
      .toMatchObject({ status: 401, body: { code: 'token-expired' } });
  });

  it('a revoked operator is gone from MQTT at once, an expired one soon; neither comes back', async () => {
    for (const request of [{ kind: 'operator' }, { kind: 'operator', expiresIn: 2 }]) {
      const { id, token } = await newToken(request);
      const credentials = { clientId: 'viewer', username: 'token', password: token };
      const client = await connectMqtt(world.server.mqtt, credentials);
      expect(await client.subscribe(FLEET_SUMMARY_TOPIC)).toEqual([1]);
      if (!('expiresIn' in request)) await world.server.api('DELETE', `/v1/tokens/${id}`);
      await expect.poll(() => client.closed(), { timeout: 20_000 }).toBe(true);
      expect(await (await openMqtt(world.server.mqtt)).connect(credentials)).toBe(5);
      const answer = await world.server.api('GET', '/v1/specs', undefined, {
        authorization: `Bearer ${token}`,
      });
      expect(answer.status).toBe(401);
    }
  });

  it('a removed device is cut off and its secret is void', async () => {
    const client = await connectFirst();
    expect((await world.server.api('DELETE', '/v1/devices/first')).status).toBe(204);
    await client.untilClosed();
    expect(await put(JSON.stringify(good(10)))).toMatchObject({ status: 401 });
  });
});
