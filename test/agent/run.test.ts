import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readConfig } from '../../agent/config.ts';
import { runAgent } from '../../agent/run.ts';
import { readStatus } from '../../agent/status-file.ts';
import { createClock } from '../../agent/system/clock.ts';
import { createNodeFiles } from '../../agent/system/node-files.ts';
import { silentLog } from '../../proto/log.ts';
import { deviceTopic } from '../../proto/topics.ts';
import { makeDesired } from '../support/desired.ts';
import { startDesiredPeer } from '../support/desired-peer.ts';
import { startMqttPeer } from '../support/mqtt-peer.ts';
import { createScriptedTransactions } from '../support/scripted-transactions.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { until } from '../support/until.ts';

const device = 'buoy-17';
const files = createNodeFiles();

/** A server, a broker, and a way to run the agent against them as often as one likes. */
async function begin() {
  const broker = await startMqttPeer();
  const server = await startDesiredPeer(
    `Basic ${Buffer.from(`${device}:s3cret`).toString('base64')}`,
  );
  onTestFinished(async () => {
    await broker.down();
    await server.down();
  });
  server.answerEnrolments(201, { device, secret: 's3cret' });
  const state = temporaryDirectory();
  const transactions = createScriptedTransactions();
  let closed = 0;
  const run = (flags: Record<string, string> = {}) => {
    const stop = new AbortController();
    const ended = runAgent({
      config: readConfig(
        {
          server: `http://127.0.0.1:${server.port}`,
          mqtt: `mqtt://127.0.0.1:${broker.port}`,
          state,
          labels: 'fleet=alpha',
          ...flags,
        },
        {},
        {},
      ),
      clock: createClock(),
      random: () => 0.5,
      files,
      log: silentLog,
      facts: { os: 'debian', fleet: 'none' },
      bootId: 'boot',
      machineId: '3d1219c7c4c5404aaa1f6d2a48adfda4',
      pid: process.pid,
      zone: async () => 'UTC',
      supervisor: { ready: () => {}, status: () => {}, stop: () => {} },
      openDevice: async () => ({
        transactions,
        features: new Set<string>(),
        onInstalled: () => {},
        onHolds: () => {},
        gatesOf: () => ({
          ask: async () => ({ download: { open: true }, apply: { open: true } }),
          forget: async () => undefined,
        }),
        close: async () => {
          closed += 1;
        },
      }),
      stopping: stop.signal,
    });
    onTestFinished(() => {
      stop.abort(new Error('test ended'));
      return ended.then(
        () => undefined,
        () => undefined,
      );
    });
    return { ended, stop: () => stop.abort(new Error('asked to end')) };
  };
  return {
    broker,
    server,
    state,
    transactions,
    run,
    closed: () => closed,
    publish: (revision: number) => {
      const content = JSON.stringify(makeDesired({ revision }));
      broker.retain(deviceTopic(device, 'desired'), content);
      server.publish(content);
    },
  };
}

const join_ = { joinToken: 'join', id: device };

describe('a run of the agent', () => {
  it('joins with facts and labels, converges, shows how it stands, and ends when asked', async () => {
    const { server, run, publish, state, transactions, closed } = await begin();
    publish(1);
    const running = run(join_);
    await until('converged', () => transactions.state.point?.revision === 1);
    await until('shown', async () => (await readStatus(files, state))?.phase === 'idle');
    running.stop();
    expect(await running.ended).toBe(0);
    expect(closed()).toBe(1);
    expect(server.enrolments.map((text) => JSON.parse(text) as object)).toEqual([
      {
        id: device,
        labels: { os: 'debian', fleet: 'alpha' },
        secret: expect.stringMatching(/^[\w-]{43}$/),
      },
    ]);
    expect(await readStatus(files, state)).toMatchObject({
      device,
      seen: { revision: 1 },
      installed: { revision: 1 },
    });
  });

  it('once: 0 converged, and the identity serves the next run', async () => {
    const { server, run, publish } = await begin();
    publish(1);
    expect(await run({ ...join_, once: 'true' }).ended).toBe(0);
    expect(await run({ once: 'true' }).ended).toBe(0);
    expect(server.enrolments).toHaveLength(1);
  });

  it('once, over HTTP alone', async () => {
    const { broker, server, run, publish } = await begin();
    publish(1);
    const http = { ...join_, once: 'true', mqtt: 'off' };
    expect(await run(http).ended).toBe(0);
    expect(await run(http).ended).toBe(0);
    expect(broker.connects).toEqual([]);
    expect(JSON.parse(server.reports.at(-1) ?? '')).toMatchObject({ phase: 'idle' });
  });

  it('once: 1 failed', async () => {
    const { run, publish, transactions } = await begin();
    publish(1);
    transactions.outcomes = [
      {
        kind: 'failed',
        undone: true,
        code: 'script-failed',
        reason: 'no',
        retryable: true,
        failures: [],
      },
    ];
    expect(await run({ ...join_, once: 'true' }).ended).toBe(1);
  });

  it('once: 3 as long as an operator has to approve, which the status says', async () => {
    const { server, run, state, closed } = await begin();
    server.answerEnrolments(409, { code: 'device-exists', detail: 'exists' });
    expect(await run({ ...join_, once: 'true' }).ended).toBe(3);
    expect(await readStatus(files, state)).toMatchObject({ phase: 'waiting', reason: 'approval' });
    expect(closed()).toBe(1);
  });

  it('once: 1 with a join token that is not taken', async () => {
    const { server, run } = await begin();
    server.answerEnrolments(401, {});
    expect(await run({ ...join_, once: 'true' }).ended).toBe(1);
  });

  it('without an identity and a token it says what to give', async () => {
    const { run, closed } = await begin();
    await expect(run().ended).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('--join-token'),
    });
    expect(closed()).toBe(1);
  });

  it('derives the id from the machine if none is given', async () => {
    const { server, run } = await begin();
    server.answerEnrolments(409, {});
    await run({ joinToken: 'join', once: 'true' }).ended;
    expect((JSON.parse(server.enrolments[0] ?? '') as { id: string }).id).toMatch(
      /^m-[0-9a-f]{16}$/,
    );
  });

  it('a new identity begins with the first revision again', async () => {
    const { run, publish, state, transactions, server } = await begin();
    publish(7);
    expect(await run({ ...join_, once: 'true' }).ended).toBe(0);
    await files.unlink(join(state, 'identity.json'));
    publish(1);
    expect(await run({ ...join_, once: 'true' }).ended).toBe(0);
    expect(transactions.state.point?.revision).toBe(1);
    expect(server.enrolments).toHaveLength(2);
  });

  it('ends when asked while it waits to join', async () => {
    const { server, run, state } = await begin();
    server.answerEnrolments(409, {});
    const running = run(join_);
    await until('waiting', async () => (await readStatus(files, state))?.phase === 'waiting');
    running.stop();
    expect(await running.ended).toBe(0);
  });
});
