import { once } from 'node:events';
import { type ClientRequest, get as httpGet, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { createRegistryWorld, type RegistryWorld } from '../../support/registry-world.ts';
import { until } from '../../support/until.ts';

type Headers = Record<string, string>;

const get = (world: RegistryWorld, id: string, headers: Headers) =>
  world.app.inject({ url: `/v1/devices/${id}/desired`, headers });

/** A request over a real connection, with its answer to come. */
async function ask(world: RegistryWorld, id: string, headers: Headers) {
  if (!world.app.server.listening) await world.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = world.app.server.address() as AddressInfo;
  const request: ClientRequest = httpGet({
    host: '127.0.0.1',
    port,
    path: `/v1/devices/${id}/desired`,
    headers,
    agent: false,
  });
  request.on('error', () => {});
  const answer = once(request, 'response').then(async ([response]: IncomingMessage[]) => ({
    status: response?.statusCode,
    headers: response?.headers ?? {},
    body: response ? await text(response) : '',
  }));
  answer.catch(() => {});
  return { request, answer };
}

const isWaiting = (world: RegistryWorld, id: string) => () =>
  world.registry.get(id)?.transport === 'http';

describe('the desired document over HTTP', () => {
  it('is the same as over MQTT, with its entity tag', async () => {
    const world = await createRegistryWorld();
    const { authorization } = await world.enrol('a');
    const answer = await get(world, 'a', { authorization });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers.etag).toBe(world.planner.desiredOf('a')?.etag);
    const overMqtt = await world.retained.load('jamesd/v1/devices/a/desired');
    expect(answer.body).toBe(Buffer.from(overMqtt ?? []).toString());
    expect(answer.json().signed.device).toBe('a');
    for (const known of [answer.headers.etag, `"x", W/${answer.headers.etag}`, '*']) {
      const again = await get(world, 'a', { authorization, 'if-none-match': String(known) });
      expect([again.statusCode, again.body]).toEqual([304, '']);
      expect(again.headers.etag).toBe(answer.headers.etag);
    }
    const other = await get(world, 'a', { authorization, 'if-none-match': '"x"' });
    expect(other.statusCode).toBe(200);
  });

  it('is for the device itself and operators', async () => {
    const world = await createRegistryWorld();
    const { authorization } = await world.enrol('a');
    await world.enrol('b');
    expect((await get(world, 'b', { authorization })).statusCode).toBe(403);
    expect((await get(world, 'a', {})).statusCode).toBe(401);
    expect((await get(world, 'a', world.operator)).statusCode).toBe(200);
    expect((await get(world, 'nobody', world.operator)).statusCode).toBe(404);
    expect(world.registry.get('a')?.online).toBe(false);
  });

  it('comes as soon as it changes to those who wait', async () => {
    const world = await createRegistryWorld();
    const { authorization } = await world.enrol('a');
    const etag = world.planner.desiredOf('a')?.etag ?? '';
    const headers = { authorization, 'if-none-match': etag, prefer: 'respond-async, wait=60' };
    const { answer } = await ask(world, 'a', headers);
    await until('it waits', isWaiting(world, 'a'));
    await world.put({ id: 's', target: {}, apps: [{ name: 'nothing' }] });
    const { status, headers: replied, body } = await answer;
    expect(status).toBe(200);
    expect(replied['preference-applied']).toBe('wait=60');
    expect(replied.etag).not.toBe(etag);
    expect(JSON.parse(body).signed.revision).toBe(2);
  });

  it('is not sent again when nothing changed in time; the device is online meanwhile', async () => {
    const world = await createRegistryWorld();
    const { authorization } = await world.enrol('a');
    const etag = world.planner.desiredOf('a')?.etag ?? '';
    const headers = { authorization, 'if-none-match': etag, prefer: 'wait=9999' };
    const { answer } = await ask(world, 'a', headers);
    await until('it waits', isWaiting(world, 'a'));
    await world.clock.advance(299_000);
    expect(world.registry.get('a')?.online).toBe(true);
    await world.clock.advance(2_000);
    const { status, headers: replied } = await answer;
    expect([status, replied['preference-applied']]).toEqual([304, 'wait=300']);
    await world.clock.advance(85_000);
    expect(world.registry.get('a')?.online).toBe(true);
    await world.clock.advance(10_000);
    expect(world.registry.get('a')?.online).toBe(false);
  });

  it('does not wait for those who know nothing or an older one', async () => {
    const world = await createRegistryWorld();
    const { authorization } = await world.enrol('a');
    for (const extra of [{}, { 'if-none-match': '"x"' }]) {
      const answer = await get(world, 'a', { authorization, prefer: 'wait=60', ...extra });
      expect(answer.statusCode).toBe(200);
    }
  });

  it('lets go of a client that went away', async () => {
    const world = await createRegistryWorld();
    const { authorization } = await world.enrol('a');
    const etag = world.planner.desiredOf('a')?.etag ?? '';
    const before = world.clock.pending();
    const headers = { authorization, 'if-none-match': etag, prefer: 'wait=300' };
    const { request } = await ask(world, 'a', headers);
    await until('it waits', isWaiting(world, 'a'));
    await until('a timer runs', () => world.clock.pending() > before);
    request.destroy();
    await world.clock.advance(1_000);
    await until('the timer is gone', async () => {
      await world.clock.advance(1_000);
      return world.clock.pending() <= before;
    });
  });

  it('answers those who wait when the server stops', async () => {
    const world = await createRegistryWorld();
    const { authorization } = await world.enrol('a');
    const etag = world.planner.desiredOf('a')?.etag ?? '';
    const headers = { authorization, 'if-none-match': etag, prefer: 'wait=300' };
    const { answer } = await ask(world, 'a', headers);
    await until('it waits', isWaiting(world, 'a'));
    await world.app.close();
    const { status, body } = await answer;
    expect([status, JSON.parse(body).code]).toEqual([503, 'unavailable']);
  });

  it('ends for a device that is removed', async () => {
    const world = await createRegistryWorld();
    const { authorization } = await world.enrol('a');
    const etag = world.planner.desiredOf('a')?.etag ?? '';
    const headers = { authorization, 'if-none-match': etag, prefer: 'wait=300' };
    const { answer } = await ask(world, 'a', headers);
    await until('it waits', isWaiting(world, 'a'));
    await world.registry.remove('a', 'server');
    expect((await answer).status).toBe(404);
  });
});
