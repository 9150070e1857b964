import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { enrol, loadIdentity } from '../../agent/identity.ts';
import { createClock } from '../../agent/system/clock.ts';
import { createNodeFiles } from '../../agent/system/node-files.ts';
import { createHttpClient } from '../../agent/transports/http-client.ts';
import type { Clock } from '../../proto/clock.ts';
import type { Log } from '../../proto/log.ts';
import { silentLog } from '../../proto/log.ts';
import { switchable } from '../support/switchable-server.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const request = { id: 'buoy-17', labels: { fleet: 'alpha' }, joinToken: 'join' };
const files = createNodeFiles();

/** A server that answers enrolments with one status after the other, and a clock that does not wait. */
async function begin(statuses: number[]) {
  const asked: { body: unknown; authorization: string | undefined }[] = [];
  const server = await switchable(() =>
    createServer(async (message, response) => {
      const parts: Buffer[] = [];
      for await (const part of message) parts.push(part as Buffer);
      if (message.method === 'GET') return void response.writeHead(401).end();
      const body = JSON.parse(Buffer.concat(parts).toString()) as unknown;
      asked.push({ body, authorization: message.headers.authorization });
      const status = statuses.shift() ?? 201;
      const answer =
        status === 201
          ? { device: 'buoy-17', secret: 's3cret' }
          : { code: status === 409 ? 'device-exists' : 'unauthenticated', detail: 'no' };
      response.writeHead(status).end(JSON.stringify(answer));
    }),
  );
  const sleeps: number[] = [];
  const clock: Clock = {
    ...createClock(),
    sleep: async (ms) => {
      sleeps.push(ms);
    },
  };
  const state = temporaryDirectory();
  const waited: string[] = [];
  const http = createHttpClient({
    server: new URL(`http://127.0.0.1:${server.port}`),
    authorization: () => null,
    clock,
  });
  onTestFinished(async () => {
    http.stop();
    await server.down();
  });
  const join = (log: Log = silentLog) =>
    enrol(
      {
        http,
        files,
        state,
        clock,
        random: () => 0.5,
        log,
        onWaiting: (why) => waited.push(why),
      },
      request,
      new AbortController().signal,
    );
  return { server, asked, sleeps, state, waited, join };
}

describe('the identity of a device', () => {
  it('is asked for with the join token and kept for its owner only', async () => {
    const { asked, state, join: run } = await begin([]);
    expect(await loadIdentity(files, state)).toBeNull();
    const identity = await run();
    expect(asked).toEqual([
      {
        body: {
          id: 'buoy-17',
          labels: { fleet: 'alpha' },
          secret: expect.stringMatching(/^[\w-]{43}$/),
        },
        authorization: 'Bearer join',
      },
    ]);
    expect(identity).toEqual({ device: 'buoy-17', secret: 's3cret' });
    expect(await loadIdentity(files, state)).toEqual(identity);
    expect(statSync(join(state, 'identity.json')).mode & 0o777).toBe(0o600);
    expect(existsSync(join(state, 'enrolling.json'))).toBe(false);
  });

  it('waits for an approval, and says so once and clearly', async () => {
    const { waited, sleeps, join: run } = await begin([409, 409, 409]);
    const told: string[] = [];
    await run({ ...silentLog, warn: (_fields, message) => told.push(message) });
    expect(waited).toEqual(['approval']);
    expect(told).toEqual([expect.stringContaining('jamesd-ctl device approve buoy-17')]);
    expect(sleeps).toEqual([1500, 3000, 6000]);
  });

  it('does not hurry with a token that is not taken', async () => {
    const { waited, sleeps, join: run } = await begin([401, 401]);
    await run();
    expect(waited).toEqual(['token']);
    expect(Math.min(...sleeps)).toBeGreaterThan(30_000);
  });

  it('waits for a server that is not there', async () => {
    const { server, waited, state, join: run } = await begin([]);
    await server.down();
    const joining = run();
    await server.up();
    await joining;
    expect(waited.every((why) => why === 'server')).toBe(true);
    expect(readFileSync(join(state, 'identity.json'), 'utf8')).toContain('s3cret');
  });

  it('gives up where the server finds the request malformed', async () => {
    const { join: run } = await begin([400]);
    await expect(run()).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});
