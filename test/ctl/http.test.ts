import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { backoff, createHttp } from '../../ctl/http.ts';
import { systemClock } from '../../ctl/system/clock.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { until } from '../support/until.ts';
import { ctl } from './run-ctl.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** A server on loopback that answers what a test wants to be answered; gone after the test. */
async function answering(answer: Answer): Promise<{ url: string; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(request);
    answer(request, response, requests.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

const json = (
  response: ServerResponse,
  status: number,
  body: unknown,
  type = 'application/json',
): void => {
  response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));
};
const list = (server: string) => ctl(['spec', 'list', '--server', server, '--token', 'secret']);

describe('answers that are errors', () => {
  it('are told with their sentence and code', async () => {
    const { url } = await answering((_request, response) => {
      const body = {
        type: 'urn:jamesd:error:forbidden',
        title: 'No.',
        status: 403,
        code: 'forbidden',
        detail: 'Not with this token.',
      };
      json(response, 403, body, 'application/problem+json');
    });
    expect(await list(url)).toEqual({
      status: 1,
      stdout: '',
      stderr: 'jamesd-ctl: Not with this token. (forbidden)\n',
    });
  });

  it('of a newer server, with a code that nobody knows here, are told as well', async () => {
    const { url } = await answering((_request, response) =>
      json(response, 409, { code: 'too-new', detail: 'Wait for Monday.' }),
    );
    expect((await list(url)).stderr).toBe('jamesd-ctl: Wait for Monday. (bad-request)\n');
  });

  it.each([
    { status: 500, body: '<html>', says: 'is it a jamesd server? (unavailable)' },
    { status: 404, body: 'no', says: 'is it a jamesd server? (not-found)' },
    { status: 200, body: '<html>', says: 'answered something that is not JSON' },
  ])('of something else ($status $body) are told as such', async ({ status, body, says }) => {
    const { url } = await answering((_request, response) => response.writeHead(status).end(body));
    const result = await list(url);
    expect([result.status, result.stdout]).toEqual([1, '']);
    expect(result.stderr).toContain(says);
  });

  it('that lead elsewhere are not followed with the token', async () => {
    const other = await answering((_request, response) =>
      json(response, 200, { items: [], next: null }),
    );
    const { url } = await answering((_request, response) =>
      response.writeHead(302, { location: other.url }).end(),
    );
    expect((await list(url)).stderr).toContain(`sends on to ${other.url}`);
    expect(other.requests).toHaveLength(0);
  });

  it('of a server that is not there say what to do', async () => {
    const { status, stderr } = await list('http://127.0.0.1:1');
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /127\.0\.0\.1:1 cannot be reached .* Is jamesd running there\? .*\(server-unreachable\)\n$/,
    );
  });
});

describe('requests', () => {
  it('carry the token, and lists are read page after page', async () => {
    const { url, requests } = await answering((request, response) => {
      const second = request.url?.includes('cursor=two');
      json(response, 200, {
        items: [{ id: second ? 'b' : 'a', target: {} }],
        next: second ? null : 'two',
      });
    });
    const { stdout } = await ctl([
      'spec',
      'list',
      '-o',
      'name',
      '--server',
      url,
      '--token',
      'secret',
    ]);
    expect(stdout).toBe('a\nb\n');
    expect(requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer secret',
      'Bearer secret',
    ]);
  });

  it('that only read are tried again while the server is not ready', async () => {
    const { url, requests } = await answering((_request, response, count) => {
      if (count < 3) json(response, 503, { code: 'unavailable', detail: 'starting' });
      else json(response, 200, { items: [], next: null });
    });
    expect((await list(url)).status).toBe(0);
    expect(requests).toHaveLength(3);
  });

  it('that only read are tried again when the connection breaks, but not for ever', async () => {
    const { url, requests } = await answering((request) => request.socket.destroy());
    expect((await list(url)).stderr).toContain('(server-unreachable)');
    expect(requests).toHaveLength(4);
  });

  it('that change something are sent once', async () => {
    const { url, requests } = await answering((request) => request.socket.destroy());
    const { status } = await ctl(['rollback', '1', '--server', url]);
    expect([status, requests.length]).toEqual([1, 1]);
  });

  it('give up when no answer comes', async () => {
    const { url, requests } = await answering(() => {});
    const clock = createFakeClock();
    const http = createHttp({
      server: url,
      token: null,
      clock,
      random: () => 0,
      signal: new AbortController().signal,
    });
    const outcome = http.send({ method: 'POST', path: '/v1/x', json: {} }).then(
      () => null,
      (error: unknown) => error,
    );
    await until('the request arrives', () => requests.length === 1);
    await clock.advance(30_000);
    expect(await outcome).toMatchObject({
      code: 'server-unreachable',
      message: expect.stringContaining('no answer in time'),
    });
  });

  it('end at once when the person ends the program', async () => {
    const stopping = new AbortController();
    const { url } = await answering(() => stopping.abort(new Error('interrupted')));
    const { status, stderr } = await ctl(['spec', 'list', '--server', url], {
      signal: stopping.signal,
      clock: systemClock,
    });
    expect({ status, stderr }).toEqual({ status: 130, stderr: '' });
  });

  it('wait longer each time, but not without bound, and never all alike', () => {
    expect([1, 2, 3, 20].map((attempt) => backoff(attempt, () => 1))).toEqual([
      200, 400, 800, 10_000,
    ]);
    expect(backoff(1, () => 0)).toBe(100);
  });
});
