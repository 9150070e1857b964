import { describe, expect, it } from 'vitest';
import { keys } from '../../../server/store/keys.ts';
import { createRegistryWorld, type RegistryWorld } from '../../support/registry-world.ts';

const join = (world: RegistryWorld, token: string, body: object) =>
  world.app.inject({
    method: 'POST',
    url: '/v1/enrol',
    headers: { authorization: `Bearer ${token}` },
    payload: body,
  });

const approve = (world: RegistryWorld, id: string, query = '') =>
  world.app.inject({
    method: 'POST',
    url: `/v1/devices/${id}/approve${query}`,
    headers: world.operator,
  });

describe('enrolment', () => {
  it('gives a device a secret that works, and stores only its hash', async () => {
    const world = await createRegistryWorld();
    const token = await world.joinToken({ labels: { fleet: 'alpha' } });
    const answer = await join(world, token, { id: 'buoy-17', labels: { site: 'berlin' } });
    expect(answer.statusCode).toBe(201);
    const { device, secret } = answer.json();
    expect(device).toBe('buoy-17');
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    expect(world.registry.isSecret('buoy-17', secret)).toBe(true);
    expect(world.registry.isSecret('buoy-17', `${secret}x`)).toBe(false);
    expect(world.registry.isSecret('buoy-18', secret)).toBe(false);
    expect((await world.store.get(keys.device('buoy-17')))?.value).not.toContain(secret);
    const entry = world.registry.get('buoy-17');
    expect(entry?.labels).toEqual({ fleet: 'alpha', site: 'berlin' });
    expect(entry?.labelSources).toMatchObject({
      join: { fleet: 'alpha' },
      config: { site: 'berlin' },
    });
    expect(world.events.map(({ kind }) => kind)).toContain('device-enrolled');
  });

  it('takes the secret that a device made for itself', async () => {
    const world = await createRegistryWorld();
    const secret = 's'.repeat(43);
    const answer = await join(world, await world.joinToken(), { id: 'a', secret });
    expect(answer.json()).toEqual({ device: 'a', secret });
    expect(world.registry.isSecret('a', secret)).toBe(true);
  });

  it('lets the join token win over what the device says of itself', async () => {
    const world = await createRegistryWorld();
    const token = await world.joinToken({ labels: { fleet: 'alpha' } });
    await join(world, token, { id: 'a', labels: { fleet: 'beta' } });
    expect(world.registry.get('a')?.labels).toEqual({ fleet: 'alpha' });
  });

  it.each([
    [{ id: '../x' }, 'bad-id'],
    [{ id: '' }, 'bad-id'],
    [{ id: 'token' }, 'bad-id'],
    [{ id: 'a/b' }, 'bad-id'],
    [{ id: 'a', labels: { 'a b': '1' } }, 'bad-labels'],
    [{ id: 'a', labels: { a: 'x'.repeat(257) } }, 'bad-labels'],
    [{ id: 'a', labels: { a: '\u0007' } }, 'bad-labels'],
    [{ id: 'a', labels: { a: 1 } }, 'bad-request'],
    [{ id: 7 }, 'bad-request'],
    [{ id: 'a', password: 'mine' }, 'unknown-key'],
    [{ id: 'a', secret: 'guessable' }, 'bad-request'],
    [{}, 'bad-request'],
  ])('refuses %j as %s and enrols nobody', async (body, code) => {
    const world = await createRegistryWorld();
    const answer = await join(world, await world.joinToken(), body);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().code).toBe(code);
    expect(world.registry.size()).toBe(0);
  });

  it("takes join tokens only: not an operator's, a device's, or none", async () => {
    const world = await createRegistryWorld();
    const { authorization } = await world.enrol('a');
    const post = (headers: Record<string, string>) =>
      world.app.inject({ method: 'POST', url: '/v1/enrol', headers, payload: { id: 'b' } });
    expect((await post({})).statusCode).toBe(401);
    expect((await post({ authorization: 'Bearer nobody' })).statusCode).toBe(401);
    expect((await post(world.operator)).statusCode).toBe(403);
    expect((await post({ authorization })).statusCode).toBe(403);
    expect(world.registry.get('b')).toBeUndefined();
  });

  it('counts uses exactly, also when many come at once', async () => {
    const world = await createRegistryWorld();
    const token = await world.joinToken({ uses: 3 });
    const ids = Array.from({ length: 12 }, (_, at) => `d${at}`);
    const answers = await Promise.all(ids.map((id) => join(world, token, { id })));
    const codes = answers.map(({ statusCode }) => statusCode);
    expect(codes.filter((code) => code === 201)).toHaveLength(3);
    expect(codes.filter((code) => code === 401)).toHaveLength(9);
    expect(world.registry.size()).toBe(3);
    expect((await join(world, token, { id: 'later' })).json().code).toBe('token-expired');
  });

  it('refuses a token that has expired', async () => {
    const world = await createRegistryWorld();
    const token = await world.joinToken({ expiresIn: 60 });
    world.clock.setNow(world.clock.now() + 61_000);
    const answer = await join(world, token, { id: 'a' });
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'token-expired']);
  });

  it('enrols one of two that ask for the same id at once', async () => {
    const world = await createRegistryWorld();
    const token = await world.joinToken();
    const answers = await Promise.all([1, 2].map(() => join(world, token, { id: 'a' })));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([201, 409]);
  });
});

describe('an id that exists', () => {
  it('is refused, the attempt is kept once, and the old secret still works', async () => {
    const world = await createRegistryWorld();
    const { secret } = await world.enrol('a');
    const token = await world.joinToken({ uses: 5 });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const answer = await join(world, token, { id: 'a' });
      expect([answer.statusCode, answer.json().code]).toEqual([409, 'device-exists']);
    }
    expect(world.registry.get('a')?.state).toBe('pending');
    expect(world.registry.isSecret('a', secret)).toBe(true);
    const claims = world.events.filter(({ kind }) => kind === 'device-claimed');
    expect(claims).toMatchObject([{ subject: 'a', detail: 'from 127.0.0.1' }]);
    const [view] = (await world.tokens.list()).filter(({ usesLeft }) => usesLeft !== null);
    expect(view?.usesLeft).toBe(5);
  });

  it('opens for exactly one new enrolment, which replaces secret, labels and report', async () => {
    const world = await createRegistryWorld();
    const { secret } = await world.enrol('a', { old: '1' });
    await world.report('a', { seq: 90, labels: { facts: { arch: 'i386' }, config: {} } });
    const token = await world.joinToken({ labels: { fleet: 'beta' } });
    await join(world, token, { id: 'a' });
    expect((await approve(world, 'a')).json()).toMatchObject({ state: 'enrolled' });
    expect(world.registry.isSecret('a', secret)).toBe(true);
    world.bus.disconnected.length = 0;
    const answer = await join(world, token, { id: 'a', labels: { fresh: '1' } });
    expect(answer.statusCode).toBe(201);
    expect(world.registry.isSecret('a', secret)).toBe(false);
    expect(world.registry.isSecret('a', answer.json().secret)).toBe(true);
    expect(world.registry.get('a')?.labels).toEqual({ fleet: 'beta', fresh: '1' });
    expect(world.bus.disconnected).toContain('a');
    await world.report('a', { seq: 1, labels: { facts: { arch: 'arm64' }, config: {} } });
    expect(world.registry.get('a')?.labels.arch).toBe('arm64');
    expect((await join(world, token, { id: 'a' })).statusCode).toBe(409);
  });

  it('closes again when the time is over, and after a restart stays open until then', async () => {
    const world = await createRegistryWorld();
    await world.enrol('a');
    const token = await world.joinToken();
    await approve(world, 'a', '?within=60');
    await world.clock.advance(59_000);
    const other = await createRegistryWorld(world);
    await world.clock.advance(2_000);
    expect((await join(other, token, { id: 'a' })).statusCode).toBe(409);
    await approve(other, 'a', '?within=60');
    expect((await join(other, token, { id: 'a' })).statusCode).toBe(201);
  });

  it('is approved by operators only, and only if it exists', async () => {
    const world = await createRegistryWorld();
    const { authorization } = await world.enrol('a');
    const request = { method: 'POST', url: '/v1/devices/a/approve' } as const;
    const byDevice = await world.app.inject({ ...request, headers: { authorization } });
    expect(byDevice.statusCode).toBe(403);
    expect((await approve(world, 'nobody')).statusCode).toBe(404);
  });
});
