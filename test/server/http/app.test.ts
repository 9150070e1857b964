import { connect } from 'node:net';
import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { JamesError } from '../../../proto/errors.ts';
import type { Routes } from '../../../server/http/app.ts';
import { asDevice, asOperator, testApp } from '../../support/test-app.ts';

const Body = Type.Object({ n: Type.Integer() }, { additionalProperties: false });
const Query = Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1 })) });

const things: Routes = (app) => {
  const config = { access: ['operator'] as const };
  app.post('/things', { config, schema: { body: Body } }, async (request) => ({
    got: request.body,
  }));
  app.get('/things', { config, schema: { querystring: Query } }, async (request) => request.query);
  app.get('/broken', { config }, async () => {
    throw new Error('the password is swordfish');
  });
  app.get('/refused', { config }, async () => {
    throw new JamesError('removals-unconfirmed', 'Confirm it.', { members: { removals: 3 } });
  });
  app.get('/devices/:id/own', { config: { access: ['own-device'] } }, async () => 'yes');
};

const json = { 'content-type': 'application/json', ...asOperator };

describe('who may', () => {
  it.each([
    ['GET', '/v1/things'],
    ['GET', '/v1/nothing'],
    ['GET', '/v1'],
    ['DELETE', '/v1/things'],
    ['OPTIONS', '/v1/things'],
    ['HEAD', '/v1/things'],
    ['GET', '/v1/openapi.json'],
    ['GET', '/v1/%zz'],
    ['GET', '/%761/things'],
    ['POST', '/v1/things'],
  ] as const)('%s %s without credentials is 401', async (method, url) => {
    for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: 'Basic !!!' }]) {
      const answer = await testApp([things]).inject({ method, url, headers });
      expect(answer.statusCode).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="jamesd"');
      if (method !== 'HEAD') expect(answer.json()).toMatchObject({ code: 'unauthenticated' });
    }
  });

  it('valid credentials of the wrong kind are 403', async () => {
    const app = testApp([things]);
    const asJoin = { authorization: 'Bearer join' };
    for (const headers of [asDevice('a'), asJoin]) {
      expect((await app.inject({ url: '/v1/things', headers })).statusCode).toBe(403);
    }
    const url = '/v1/devices/a/own';
    expect((await app.inject({ url, headers: asDevice('a') })).statusCode).toBe(200);
    expect((await app.inject({ url, headers: asDevice('b') })).statusCode).toBe(403);
    expect((await app.inject({ url, headers: asOperator })).statusCode).toBe(403);
  });

  it('a route that does not say who may use it does not come up', async () => {
    const app = testApp([(scope) => void scope.get('/open', async () => 'x')]);
    await expect(app.ready()).rejects.toThrow('GET /v1/open does not say');
  });
});

describe('requests', () => {
  it.each([
    ['two equal keys', '{"n":1,"n":2}', 400, 'duplicate-key'],
    ['a nested duplicate', '{"n":{"a":1,"a":1}}', 400, 'duplicate-key'],
    ['no JSON', '{"n":', 400, 'bad-json'],
    ['nothing', '', 400, 'bad-json'],
    ['an unknown key', '{"n":1,"m":2}', 400, 'unknown-key'],
    ['a text for a number', '{"n":"1"}', 400, 'bad-request'],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400, 'bad-json'],
    ['too much', `{"n":1${' '.repeat(5 * 1024 * 1024)}}`, 413, 'too-large'],
    ['very deep nesting', `{"n":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 400, 'bad-json'],
  ])('a body with %s is refused', async (_what, payload, status, code) => {
    const answer = await testApp([things]).inject({
      method: 'POST',
      url: '/v1/things',
      headers: json,
      payload,
    });
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({ status, code });
    expect(answer.statusCode).toBe(status);
  });

  it('takes a proper body, and no other media type', async () => {
    const app = testApp([things]);
    const post = { method: 'POST', url: '/v1/things', payload: '{"n":1}' } as const;
    expect((await app.inject({ ...post, headers: json })).json()).toEqual({ got: { n: 1 } });
    const other = await app.inject({ ...post, headers: { ...json, 'content-type': 'text/plain' } });
    expect(other.json()).toMatchObject({ status: 415, code: 'unsupported-media-type' });
  });

  it.each([
    ['limit=5', 200, undefined],
    ['limit=0', 400, 'bad-request'],
    ['limit=x', 400, 'bad-request'],
    ['limit=5&limit=6', 400, 'bad-request'],
    ['limt=5', 400, 'bad-request'],
    ['__proto__=5', 400, 'bad-request'],
  ])('a query %s is answered with %i', async (query, status, code) => {
    const answer = await testApp([things]).inject({
      url: `/v1/things?${query}`,
      headers: asOperator,
    });
    expect(answer.statusCode).toBe(status);
    expect(answer.json().code).toBe(code);
    if (status === 200) expect(answer.json()).toEqual({ limit: 5 });
  });
});

describe('answers', () => {
  it('an unexpected error tells nothing of itself', async () => {
    const logged: object[] = [];
    const log = {
      debug() {},
      info() {},
      warn() {},
      error: (fields: object) => logged.push(fields),
    };
    const answer = await testApp([things], { log }).inject({
      url: '/v1/broken',
      headers: asOperator,
    });
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('swordfish');
    expect(answer.json().code).toBe('internal');
    expect(logged).toHaveLength(1);
  });

  it('an expected one is a problem document with its members', async () => {
    const answer = await testApp([things]).inject({ url: '/v1/refused', headers: asOperator });
    expect(answer.json()).toEqual({
      type: 'urn:jamesd:error:removals-unconfirmed',
      title: expect.any(String),
      status: 409,
      code: 'removals-unconfirmed',
      detail: 'Confirm it.',
      removals: 3,
    });
  });

  it.each([
    ['GET', '/v1/nothing', 404, 'not-found'],
    ['DELETE', '/v1/things', 405, 'method-not-allowed'],
    ['GET', '/v1/%zz', 400, 'bad-request'],
    ['GET', '/nothing', 404, 'not-found'],
    ['GET', '/%zz', 400, 'bad-request'],
    ['GET', `/v1/devices/${'x'.repeat(600)}/own`, 400, 'bad-request'],
  ] as const)('%s %s is %i', async (method, url, status, code) => {
    const answer = await testApp([things]).inject({ method, url, headers: asOperator });
    expect(answer.json()).toMatchObject({ status, code });
    expect(answer.statusCode).toBe(status);
    if (status === 405) expect(answer.headers.allow).toBe('GET, HEAD, POST, OPTIONS');
  });

  it('OPTIONS tells the methods, HEAD has no body', async () => {
    const app = testApp([things]);
    const options = await app.inject({ method: 'OPTIONS', url: '/v1/things', headers: asOperator });
    expect([options.statusCode, options.headers.allow]).toEqual([204, 'GET, HEAD, POST, OPTIONS']);
    const head = await app.inject({ method: 'HEAD', url: '/v1/things', headers: asOperator });
    expect([head.statusCode, head.body]).toEqual([200, '']);
  });

  it('describes itself and protects browsers', async () => {
    const answer = await testApp([things]).inject({ url: '/v1/openapi.json', headers: asOperator });
    expect(answer.json()).toMatchObject({
      openapi: '3.1.0',
      paths: { '/v1/things': { post: { requestBody: expect.anything() }, get: expect.anything() } },
    });
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    expect(answer.headers['cache-control']).toBe('no-store');
  });
});

describe('raw connections', () => {
  async function exchange(request: string): Promise<string> {
    const app = testApp([things]);
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as { port: number };
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(request));
      let text = '';
      socket.on('data', (chunk) => {
        text += String(chunk);
      });
      socket.on('error', reject);
      socket.on('close', () => resolve(text));
    });
  }

  it('answers what is no HTTP with a problem and ends', async () => {
    const text = await exchange('HELO there\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1.1 400 Bad Request/);
    expect(text).toContain('"code":"bad-request"');
  });

  it('refuses a huge header', async () => {
    const text = await exchange(`GET / HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(100_000)}\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1.1 431 /);
  });

  it('does not ask for a body that it will refuse', async () => {
    const head =
      'POST /v1/things HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9\r\n';
    const text = await exchange(`${head}\r\n`);
    expect(text).toMatch(/^HTTP\/1.1 401 /);
  });

  it('asks for one that it takes', async () => {
    const head = `POST /v1/things HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Type: application/json\r\n`;
    const text = await exchange(
      `${head}Authorization: Bearer operator\r\nContent-Length: 7\r\n\r\n{"n":1}`,
    );
    expect(text).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK/);
  });
});
