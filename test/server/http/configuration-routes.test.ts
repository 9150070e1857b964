import { describe, expect, it } from 'vitest';
import { server } from '../../support/configuration-server.ts';
import { makePacket } from '../../support/make.ts';
import { asDevice } from '../../support/test-app.ts';

const spec = (id: string, name = 'logger') => ({ id, target: {}, apps: [{ name }] });

describe('PUT specs', () => {
  it('makes, then replaces only what the request names', async () => {
    const { ask } = await server();
    expect(await ask('PUT /specs/a?message=first', { body: spec('a') })).toMatchObject({
      status: 201,
      etag: '"1"',
      body: { kind: 'Spec', id: 'a', revision: 1, author: 'op', message: 'first' },
    });
    const blind = await ask('PUT /specs/a', { body: spec('a', 'x') });
    expect([blind.status, blind.body.code]).toEqual([428, 'precondition-required']);
    const put = (match: string) =>
      ask('PUT /specs/a', { body: spec('a', 'x'), headers: { 'if-match': match } });
    expect(await put('"1"')).toMatchObject({ status: 200, etag: '"2"' });
    expect(await put('"1"')).toMatchObject({ status: 412, body: { code: 'precondition-failed' } });
    expect(await put('"7", "2"')).toMatchObject({ status: 200, etag: '"2"' });
    const fresh = await ask('PUT /specs/b', { body: spec('b'), headers: { 'if-match': '*' } });
    expect(fresh.status).toBe(412);
    const only = await ask('PUT /specs/a', { body: spec('a'), headers: { 'if-none-match': '*' } });
    expect(only.status).toBe(412);
  });

  it('refuses what is no spec, and changes nothing', async () => {
    const { ask, world } = await server();
    const code = async (body: unknown) => (await ask('PUT /specs/a', { body })).body.code;
    expect(await code({ ...spec('a'), colour: 'red' })).toBe('unknown-key');
    expect(await code({ ...spec('a'), rollout: {} })).toBe('unsupported');
    expect(await code({ kind: 'Source', id: 'a' })).toBe('bad-document');
    expect(await code({ kind: 'Rollout', id: 'a' })).toBe('unsupported');
    expect(await code({ id: 'a' })).toBe('bad-document');
    expect(await code(spec('b'))).toBe('bad-document');
    expect(await code('{"id":"a","id":"a","target":{}}')).toBe('duplicate-key');
    expect(await code('{')).toBe('bad-json');
    expect((await ask('PUT /specs/..x', { body: spec('..x') })).status).toBe(400);
    expect(world.documents.generation()).toBe(0);
  });

  it('is for operators', async () => {
    const { app } = await server();
    const asked = (headers: Record<string, string>) =>
      app.inject({ method: 'PUT', url: '/v1/specs/a', payload: spec('a'), headers });
    expect((await asked(asDevice('d'))).statusCode).toBe(403);
    expect((await asked({})).statusCode).toBe(401);
  });
});

describe('reading specs', () => {
  it('lists by id in pages', async () => {
    const { ask } = await server();
    for (const id of ['c', 'a', 'b']) await ask(`PUT /specs/${id}`, { body: spec(id) });
    const first = await ask('GET /specs?limit=2');
    expect(first.body).toMatchObject({ items: [{ id: 'a' }, { id: 'b' }] });
    const second = await ask(`GET /specs?limit=2&cursor=${first.body.next}`);
    expect(second.body).toMatchObject({ items: [{ id: 'c' }], next: null });
  });

  it('answers 304 for the known revision and 404 for unknown specs', async () => {
    const { ask } = await server();
    await ask('PUT /specs/a', { body: spec('a') });
    expect(await ask('GET /specs/a')).toMatchObject({
      status: 200,
      etag: '"1"',
      body: { id: 'a' },
    });
    expect((await ask('GET /specs/a', { headers: { 'if-none-match': '"1"' } })).status).toBe(304);
    expect((await ask('GET /specs/b')).body.code).toBe('not-found');
    expect((await ask('GET /specs/b/revisions')).body.code).toBe('not-found');
  });
});

describe('history', () => {
  it('shows revisions and generations and returns to them', async () => {
    const { ask } = await server();
    await ask('PUT /specs/a', { body: spec('a', 'x') });
    await ask('PUT /specs/a', { body: spec('a', 'y'), headers: { 'if-match': '"1"' } });
    const newest = (await ask('GET /specs/a/revisions?limit=1')).body;
    expect(newest).toMatchObject({
      items: [{ revision: 2, generation: 2, document: spec('a', 'y') }],
      next: expect.any(String),
    });
    expect((await ask(`GET /specs/a/revisions?cursor=${newest.next}`)).body).toMatchObject({
      items: [{ revision: 1 }],
      next: null,
    });
    expect((await ask('GET /specs/a/revisions/1')).body).toMatchObject({
      document: spec('a', 'x'),
    });
    const back = await ask('POST /specs/a/rollback', { body: { revision: 1 } });
    expect(back).toMatchObject({ status: 200, etag: '"3"', body: { apps: [{ name: 'x' }] } });
    const stale = { body: { revision: 2 }, headers: { 'if-match': '"1"' } };
    expect((await ask('POST /specs/a/rollback', stale)).status).toBe(412);
    expect((await ask('GET /generations')).body).toMatchObject({
      items: [{ generation: 3 }, { generation: 2 }, { generation: 1 }],
    });
    expect((await ask('GET /generations/2')).body).toMatchObject({ changes: [{ id: 'a' }] });
    expect((await ask('GET /generations/9')).status).toBe(404);
    expect((await ask('GET /generations?cursor=x')).body.code).toBe('bad-request');
    expect((await ask('POST /generations/2/rollback')).body).toMatchObject({ generation: 4 });
    expect((await ask('GET /specs/a')).body).toMatchObject({ apps: [{ name: 'y' }] });
  });

  it('goes on after a deletion', async () => {
    const { ask } = await server();
    await ask('PUT /specs/a', { body: spec('a') });
    expect((await ask('DELETE /specs/a', { headers: { 'if-match': '"4"' } })).status).toBe(412);
    expect((await ask('DELETE /specs/a', { headers: { 'if-match': '"1"' } })).status).toBe(204);
    expect((await ask('DELETE /specs/a')).status).toBe(404);
    expect((await ask('PUT /specs/a', { body: spec('a') })).body.revision).toBe(3);
  });
});

describe('apply and diff', () => {
  it('tell what changes; diff changes nothing', async () => {
    const { ask } = await server();
    const body = { documents: [spec('a'), spec('b')], message: 'both' };
    expect((await ask('POST /diff', { body })).body).toMatchObject({
      generation: null,
      results: [{ change: 'created' }, {}],
    });
    expect((await ask('GET /specs')).body.items).toEqual([]);
    expect((await ask('POST /apply', { body })).body).toMatchObject({ generation: 1 });
    expect((await ask('GET /generations/1')).body.message).toBe('both');
  });

  it('name the document that is wrong', async () => {
    const { ask } = await server();
    const body = { documents: [spec('a'), { ...spec('b'), colour: 1 }] };
    const { status, body: problem } = await ask('POST /apply', { body });
    expect([status, problem.code, problem.document]).toEqual([400, 'unknown-key', 1]);
    expect(problem.detail).toContain('Document 2');
  });

  it('are refused with the numbers when they remove too much', async () => {
    const { ask, world } = await server();
    world.packets.add(makePacket({ name: 'logger' }));
    world.devices.report('one', {});
    await world.planner.settled();
    await ask('PUT /specs/a', { body: spec('a') });
    expect(await ask('DELETE /specs/a')).toMatchObject({
      status: 409,
      body: { code: 'removals-unconfirmed', removals: 1, devices: 1 },
    });
    expect((await ask('DELETE /specs/a?confirmRemovals=2')).status).toBe(409);
    expect((await ask('DELETE /specs/a?confirmRemovals=1')).status).toBe(204);
  });
});

describe('compute and explain', () => {
  it('answer for labels and for a device', async () => {
    const { ask, world } = await server();
    const packet = makePacket({ name: 'logger', labels: { arch: 'amd64' } });
    world.packets.add(packet);
    world.devices.report('one', { arch: 'amd64' });
    await world.planner.settled();
    await ask('PUT /specs/a', { body: spec('a') });
    const compute = async (labels: object) =>
      (await ask('POST /compute', { body: { labels } })).body;
    const url = `/v1/packets/${packet.id}/content`;
    const { id, name, labels, size } = packet;
    expect(await compute({ arch: 'amd64' })).toEqual({
      packets: [{ id, name, labels, size, url, reason: { spec: 'a', revision: 1 } }],
      packages: [],
      problems: [],
      spec: { ids: ['a'], apps: [{ name: 'logger', spec: 'a', priority: 0 }] },
    });
    const elsewhere = await compute({ arch: 'armv7l' });
    expect(elsewhere).toMatchObject({
      packets: [],
      problems: [{ code: 'no-candidate', name: 'logger' }],
    });
    expect((await compute({ '': 'x' })).code).toBeDefined();
    expect((await ask('GET /explain/one?app=logger')).body).toMatchObject({
      device: 'one',
      apps: [{ name: 'logger', chosen: { id } }],
    });
    expect((await ask('GET /explain/one?app=other')).body).toMatchObject({
      apps: [{ name: 'other', chosen: null }],
    });
    expect((await ask('GET /explain/nobody')).body.code).toBe('not-found');
  });
});
