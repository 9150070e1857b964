import { describe, expect, it } from 'vitest';
import { configurationRoutes } from '../../../server/http/routes/configuration.ts';
import { server } from '../../support/configuration-server.ts';
import { createConfigurationWorld } from '../../support/configuration-world.ts';
import { asDevice, asOperator, testApp } from '../../support/test-app.ts';

const source = (id: string, fields: object = {}) => ({
  id,
  type: 'yum',
  url: `https://${id}.example.org/`,
  version: '9',
  target: {},
  ...fields,
});

describe('sources over HTTP', () => {
  it('are made, replaced only with If-Match, listed, and deleted', async () => {
    const { ask } = await server();
    const made = await ask('PUT /sources/a?message=first', { body: source('a') });
    expect(made).toMatchObject({
      status: 201,
      etag: '"1"',
      body: { kind: 'Source', id: 'a', suite: '9', revision: 1, message: 'first' },
    });
    const changed = source('a', { priority: 900 });
    expect((await ask('PUT /sources/a', { body: changed })).body.code).toBe(
      'precondition-required',
    );
    const match = { 'if-match': '"1"' };
    expect(await ask('PUT /sources/a', { body: changed, headers: match })).toMatchObject({
      status: 200,
      etag: '"2"',
    });
    expect((await ask('PUT /sources/a', { body: changed, headers: match })).status).toBe(412);
    await ask('PUT /sources/b', { body: { kind: 'Source', ...source('b') } });
    const first = (await ask('GET /sources?limit=1')).body;
    expect(first).toMatchObject({ items: [{ id: 'a' }], next: expect.any(String) });
    expect((await ask(`GET /sources?cursor=${first.next}`)).body).toMatchObject({
      items: [{ id: 'b' }],
      next: null,
    });
    const known = { headers: { 'if-none-match': '"2"' } };
    expect((await ask('GET /sources/a', known)).status).toBe(304);
    expect((await ask('DELETE /sources/b')).status).toBe(204);
    expect((await ask('GET /sources/b')).body.code).toBe('not-found');
    expect((await ask('GET /specs')).body.items).toEqual([]);
  });

  it('go back to an earlier revision', async () => {
    const { ask } = await server();
    await ask('PUT /sources/a', { body: source('a') });
    await ask('PUT /sources/a', {
      body: source('a', { priority: 1 }),
      headers: { 'if-match': '"1"' },
    });
    const back = await ask('POST /sources/a/rollback', { body: { revision: 1 } });
    expect(back).toMatchObject({ status: 200, etag: '"3"' });
    expect(back.body).not.toHaveProperty('priority');
    const { items } = (await ask('GET /sources/a/revisions')).body as { items: unknown[] };
    expect(items).toMatchObject([{ revision: 3 }, { revision: 2 }, { revision: 1 }]);
    expect((await ask('GET /sources/a/revisions/2')).body).toMatchObject({
      kind: 'Source',
      document: { priority: 1 },
    });
    expect((await ask('GET /sources/b/revisions')).status).toBe(404);
  });

  it('are applied and compared together with specs', async () => {
    const { ask } = await server();
    const documents = [
      { kind: 'Source', ...source('a') },
      { id: 's', target: {} },
    ];
    expect((await ask('POST /diff', { body: { documents } })).body).toMatchObject({
      results: [
        { kind: 'Spec', id: 's', change: 'created' },
        { kind: 'Source', id: 'a', change: 'created', after: { suite: '9' } },
      ],
    });
    expect((await ask('POST /apply', { body: { documents } })).body.generation).toBe(1);
    expect((await ask('POST /generations/0/rollback')).body).toMatchObject({ generation: 2 });
    expect((await ask('GET /sources')).body.items).toEqual([]);
  });

  it('refuse what is none, another id and another kind', async () => {
    const { ask, world } = await server();
    const put = async (body: unknown) => (await ask('PUT /sources/a', { body })).body.code;
    expect(await put(source('b'))).toBe('bad-document');
    expect(await put({ kind: 'Spec', id: 'a', target: {} })).toBe('bad-document');
    expect(await put(source('a', { suite: '8' }))).toBe('bad-document');
    expect(await put(source('a', { colour: 1 }))).toBe('unknown-key');
    expect(world.documents.generation()).toBe(0);
  });

  it('that a file owns answer 409 with its name', async () => {
    const { ask } = await server({ ownerOf: () => '/etc/jamesd/sources.xml' });
    const answer = await ask('PUT /sources/a', { body: source('a') });
    expect(answer).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect(answer.body.detail).toContain('/etc/jamesd/sources.xml');
  });
});

describe('secrets over HTTP', () => {
  const secretive = source('a', { url: 'https://me:hush@a.example.org/' });

  it('come out of addresses, and leave the server for the device that needs them alone', async () => {
    const { ask, app, world } = await server();
    const made = await ask('PUT /sources/a', { body: secretive });
    expect(made.body).toMatchObject({ url: 'https://a.example.org/', auth: 'source.a' });
    const answers = [made];
    for (const line of [
      'GET /sources',
      'GET /sources/a/revisions',
      'GET /secrets',
      'GET /secrets/source.a',
      'GET /generations',
    ] as const)
      answers.push(await ask(line));
    answers.push(
      await ask('POST /diff', { body: { documents: [{ kind: 'Source', ...secretive }] } }),
    );
    expect(JSON.stringify([answers, world.events])).not.toContain('hush');
    const asDeviceOf = (id: string, name: string) =>
      app.inject({ method: 'GET', url: `/v1/secrets/${name}`, headers: asDevice(id) });
    const given = await asDeviceOf('d', 'source.a');
    expect(given.json()).toEqual({ name: 'source.a', username: 'me', password: 'hush' });
    expect(given.headers['cache-control']).toBe('no-store');
    expect((await asDeviceOf('e', 'source.a')).statusCode).toBe(403);
    expect((await asDeviceOf('d', 'other')).statusCode).toBe(403);
  });

  it('are set, listed and deleted by operators, who never see one', async () => {
    const { ask, app, world } = await server();
    const body = { username: 'me', password: 'hush' };
    const set = await ask('PUT /secrets/mirror', { body });
    expect(set).toMatchObject({ status: 201, body: { name: 'mirror' } });
    expect((await ask('PUT /secrets/mirror', { body })).status).toBe(200);
    expect((await ask('GET /secrets')).body).toMatchObject({
      items: [{ name: 'mirror' }],
      next: null,
    });
    expect(Object.keys((await ask('GET /secrets/mirror')).body)).toEqual(['name', 'updatedAt']);
    const url = '/v1/secrets/mirror';
    const asOne = await app.inject({ method: 'PUT', url, payload: body, headers: asDevice('d') });
    expect(asOne.statusCode).toBe(403);
    expect((await ask('PUT /secrets/x', { body: { ...body, username: 'a:b' } })).status).toBe(400);
    expect((await ask('PUT /secrets/x', { body: { password: 'hush' } })).status).toBe(400);
    expect((await ask('DELETE /secrets/mirror')).status).toBe(204);
    expect((await ask('DELETE /secrets/mirror')).status).toBe(404);
    expect(world.events.map(({ kind, subject }) => `${kind} ${subject}`)).toEqual([
      'secret-set mirror',
      'secret-set mirror',
      'secret-deleted mirror',
    ]);
    expect(JSON.stringify(world.events)).not.toContain('hush');
  });
});

it('the log names routes, not the addresses that were asked for', async () => {
  const lines: unknown[] = [];
  const keep = (...line: unknown[]): void => void lines.push(line);
  const log = { debug: keep, info: keep, warn: keep, error: keep };
  const { configuration } = await createConfigurationWorld();
  const app = testApp([configurationRoutes(configuration)], { log });
  for (const url of ['/v1/apply?message=me:hush@x', '/v1/http://me:hush@x.example.org/'])
    await app.inject({ method: 'POST', url, headers: asOperator, payload: { documents: [] } });
  expect(JSON.stringify(lines)).toContain('/v1/apply');
  expect(JSON.stringify(lines)).not.toContain('hush');
});
