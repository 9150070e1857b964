import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createClock } from '../../../agent/system/clock.ts';
import { createHttpClient, type HttpRequest } from '../../../agent/transports/http-client.ts';
import { switchable } from '../../support/switchable-server.ts';
import { until } from '../../support/until.ts';

const clock = createClock();
const get = (more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url: '/x',
  timeoutMs: 1000,
  ...more,
});

async function begin(handle: (request: IncomingMessage, response: ServerResponse) => void) {
  const sockets = new Set<Socket>();
  const server = await switchable(() =>
    createServer((request, response) => {
      sockets.add(request.socket);
      handle(request, response);
    }),
  );
  const http = createHttpClient({
    server: new URL(`http://127.0.0.1:${server.port}`),
    authorization: () => 'Basic own',
    clock,
  });
  onTestFinished(async () => {
    http.stop();
    await server.down();
  });
  return { http, server, sockets };
}

describe('HTTP as the agent speaks it', () => {
  it('keeps its connection, and gets over one that the server closed meanwhile', async () => {
    const { http, server, sockets } = await begin((_request, response) => response.end('x'));
    await http.fetch(get(), 10);
    await http.fetch(get(), 10);
    expect(sockets.size).toBe(1);
    server.cut();
    await http.fetch(get(), 10);
    expect(sockets.size).toBe(2);
  });

  it('does not send a POST twice', async () => {
    let posts = 0;
    const { http } = await begin((request, response) => {
      if (request.method !== 'POST') return response.end();
      posts += 1;
      return response.destroy();
    });
    await http.fetch(get(), 10);
    const post = http.fetch(get({ method: 'POST', body: Buffer.from('{}') }), 10);
    await expect(post).rejects.toMatchObject({ code: 'server-unreachable' });
    expect(posts).toBe(1);
  });

  it('takes another authorization for one request, for the server only', async () => {
    const { http } = await begin((request, response) =>
      response.end(request.headers.authorization ?? 'none'),
    );
    const text = async (request: HttpRequest) =>
      Buffer.from((await http.fetch(request, 100)).content).toString();
    expect(await text(get())).toBe('Basic own');
    expect(await text(get({ authorization: 'Bearer join' }))).toBe('Bearer join');
    const other = await switchable(() =>
      createServer((request, response) => response.end(request.headers.authorization ?? 'none')),
    );
    onTestFinished(other.down);
    const url = `http://localhost:${other.port}/`;
    expect(await text(get({ url, authorization: 'Bearer join' }))).toBe('none');
  });

  it.each([
    ['nobody listens', 'refused'],
    ['the connection is cut', 'cut'],
    ['nothing comes', 'timeout'],
  ])('says that %s', async (_case, noAnswer) => {
    const { http, server } = await begin((_request, response) => {
      if (noAnswer === 'cut') response.destroy();
    });
    if (noAnswer === 'refused') await server.down();
    await expect(http.request(get({ timeoutMs: 100 }))).rejects.toMatchObject({
      code: 'server-unreachable',
      members: { noAnswer },
    });
  });

  it('reads no more than the limit', async () => {
    const { http } = await begin((_request, response) => {
      const fill = (): void => {
        while (response.write(Buffer.alloc(64 * 1024)));
        response.once('drain', fill);
      };
      fill();
    });
    await expect(http.fetch(get(), 100_000)).rejects.toMatchObject({ code: 'too-large' });
  });

  it('an aborted request rejects with the reason', async () => {
    const stop = new AbortController();
    let asked = false;
    const { http } = await begin(() => {
      asked = true;
    });
    const request = http.request(get({ signal: stop.signal }));
    const rejected = expect(request).rejects.toThrow('enough');
    await until('asked', () => asked);
    stop.abort(new Error('enough'));
    await rejected;
  });

  it.each(['ftp://127.0.0.1/x', 'http://', 'file:///etc/passwd'])(
    'does not ask %s',
    async (url) => {
      const { http } = await begin(() => {});
      await expect(http.request(get({ url }))).rejects.toMatchObject({ code: 'download-failed' });
    },
  );
});
