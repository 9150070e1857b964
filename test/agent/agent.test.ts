import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createAgent } from '../../agent/agent.ts';
import { createReportSequence } from '../../agent/report-sequence.ts';
import { createSavedDesired } from '../../agent/saved-desired.ts';
import { createSavedFailure } from '../../agent/saved-failure.ts';
import { createClock } from '../../agent/system/clock.ts';
import { createNodeFiles } from '../../agent/system/node-files.ts';
import type { Outcome } from '../../agent/transaction.ts';
import { createMqttTransport } from '../../agent/transports/mqtt-transport.ts';
import { faultsOf } from '../../proto/check.ts';
import type { Desired } from '../../proto/desired.ts';
import { silentLog } from '../../proto/log.ts';
import { Reported } from '../../proto/reported.ts';
import { deviceTopic } from '../../proto/topics.ts';
import { loggerLine, makeDesired } from '../support/desired.ts';
import { startMqttPeer } from '../support/mqtt-peer.ts';
import { createScriptedTransactions } from '../support/scripted-transactions.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { until } from '../support/until.ts';

const device = 'buoy-17';
const topic = deviceTopic(device, 'desired');
const failed: Outcome = {
  kind: 'failed',
  undone: true,
  code: 'script-failed',
  reason: 'postinst of logger ended with 1',
  retryable: true,
  failures: [{ name: 'logger', id: null, status: 'failed', error: 'exit 1' }],
};

/** An agent with a broker; several can be started on one state directory. */
async function begin(options: { backoffMs?: number } = {}) {
  const broker = await startMqttPeer();
  onTestFinished(broker.down);
  const state = temporaryDirectory();
  const files = createNodeFiles();
  const clock = createClock();
  const documents = new Map<string, Uint8Array>();
  const transactions = createScriptedTransactions();
  const create = () => {
    const agent = createAgent({
      device,
      transport: createMqttTransport({
        url: `mqtt://127.0.0.1:${broker.port}`,
        device,
        secret: () => 'secret',
        clock,
        random: () => 0.5,
        backoff: { baseMs: 20, capMs: 50 },
      }),
      transactions,
      saved: createSavedDesired({ files, state, device }),
      sequence: createReportSequence({ files, state, clock }),
      failures: createSavedFailure({ files, state, log: silentLog }),
      tryAtOnce: false,
      gates: {
        ask: async () => ({ download: { open: true }, apply: { open: true } }),
        forget: async () => undefined,
      },
      fetchDocument: async (url) => documents.get(url) ?? Buffer.from(''),
      features: new Set(),
      about: { facts: { os: 'debian' }, config: { fleet: 'alpha' }, agent: '1.0.0', bootId: 'b' },
      clock,
      random: () => 0.5,
      log: silentLog,
      backoff: { baseMs: options.backoffMs ?? 60_000, capMs: 60_000 },
    });
    onTestFinished(agent.stop);
    return agent;
  };
  const reports = (): Reported[] =>
    broker.received
      .filter((message) => message.topic === deviceTopic(device, 'reported'))
      .map(({ payload }) => JSON.parse(payload.toString()) as Reported);
  return {
    broker,
    state,
    documents,
    transactions,
    create,
    reports,
    last: () => reports().at(-1),
    send: (desired: Desired) => broker.retain(topic, JSON.stringify(desired)),
    agent: create(),
  };
}

const second = makeDesired({ revision: 2, packets: [loggerLine('2')] });

describe('the agent', () => {
  it('brings a desired state about and reports each change, in reports that fit the schema', async () => {
    const { agent, send, transactions, last, reports } = await begin();
    send(makeDesired());
    await agent.start();
    expect(await agent.rested()).toBe('idle');
    expect(transactions.begun).toHaveLength(1);
    const { revision, digest } = makeDesired().signed;
    expect(last()).toMatchObject({
      epoch: 'e1',
      seen: { revision, digest },
      installed: { revision, digest },
      phase: 'idle',
      reason: null,
      packets: [{ name: 'logger', status: 'installed' }],
      labels: { facts: { os: 'debian' }, config: { fleet: 'alpha' } },
    });
    expect(reports().flatMap((report) => faultsOf(Reported, report))).toEqual([]);
    const numbers = reports().map(({ seq }) => seq);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  });

  it('reports when it connects, also without a desired state', async () => {
    const { agent, last } = await begin();
    await agent.start();
    await until('a report', () => last() !== undefined);
    expect(last()).toMatchObject({ epoch: null, seen: null, installed: null, phase: 'idle' });
  });

  it('a newer desired state supersedes one that is under way', async () => {
    const { agent, send, transactions, last } = await begin();
    transactions.during = (_reporter, signal) =>
      transactions.begun.length > 1
        ? Promise.resolve()
        : new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    send(makeDesired());
    await agent.start();
    await until('the first is begun', () => transactions.begun.length === 1);
    send(second);
    await until('the second is there', () => last()?.installed?.revision === 2);
    expect(transactions.begun.map(({ revision }) => revision)).toEqual([1, 2]);
    expect(transactions.signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  });

  it('the same state issued again disturbs nothing', async () => {
    const { agent, send, transactions, state } = await begin();
    send(makeDesired());
    await agent.start();
    await agent.rested();
    const issuedAt = '2026-02-02T00:00:00.000Z';
    send(makeDesired({ issuedAt }));
    await until('it is taken', () => agent.etag() === `"e1.1.${issuedAt}"`);
    expect(readFileSync(join(state, 'desired.json'), 'utf8')).toContain(issuedAt);
    expect(transactions.begun).toHaveLength(1);
  });

  it('a revision that failed is not tried again until something changes', async () => {
    const { agent, send, transactions, last } = await begin();
    transactions.outcomes = [failed];
    send(makeDesired());
    await agent.start();
    expect(await agent.rested()).toBe('rolled-back');
    expect(last()).toMatchObject({
      phase: 'rolled-back',
      reason: failed.reason,
      installed: null,
      seen: { revision: 1 },
      packets: [{ name: 'logger', error: 'exit 1' }],
    });
    expect(Date.parse(last()?.retryAt ?? '')).toBeGreaterThan(Date.now());
    send(makeDesired());
    send(second);
    await until('the second is there', () => last()?.installed?.revision === 2);
    expect(transactions.begun.map(({ revision }) => revision)).toEqual([1, 2]);
    expect(last()).toMatchObject({ phase: 'idle', retryAt: null, reason: null });
  });

  it('a revision that failed is tried again after its back-off', async () => {
    const { agent, send, transactions, last } = await begin({ backoffMs: 50 });
    transactions.outcomes = [failed, failed];
    send(makeDesired());
    await agent.start();
    await until('it is there', () => last()?.installed?.revision === 1);
    expect(transactions.begun).toHaveLength(3);
  });

  it('what failed for the lack of a server is tried again when the connection is back', async () => {
    const { agent, broker, send, transactions, last } = await begin();
    transactions.outcomes = [{ ...failed, undone: false, code: 'download-failed' }];
    send(makeDesired());
    await agent.start();
    expect(await agent.rested()).toBe('failed');
    broker.cut();
    await until('it is there', () => last()?.installed?.revision === 1);
  });

  it('a transaction that throws is a failure, not the end', async () => {
    const { agent, send, transactions, last } = await begin();
    transactions.during = async () => {
      if (transactions.begun.length === 1) throw new Error('a fault');
    };
    send(makeDesired());
    await agent.start();
    expect(await agent.rested()).toBe('failed');
    expect(last()?.reason).toContain('a fault');
    send(second);
    await until('the second is there', () => last()?.installed?.revision === 2);
  });

  it('starts offline with what it accepted before, recovering first', async () => {
    const { agent, broker, send, transactions, create } = await begin();
    transactions.during = (_reporter, signal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    send(makeDesired());
    await agent.start();
    await until('begun', () => transactions.begun.length === 1);
    await agent.stop();
    await broker.down();
    transactions.during = async () => {};
    const again = create();
    let recovered = false;
    transactions.recover = async () => {
      recovered = transactions.begun.length === 1;
      return null;
    };
    await again.start();
    await until('converged', () => transactions.state.point?.revision === 1);
    expect(recovered).toBe(true);
  });

  it('looks at packages again after a start, before it rests, and reports what it finds', async () => {
    const { agent, send, transactions, create, last } = await begin();
    send(makeDesired());
    await agent.start();
    await agent.rested();
    await agent.stop();
    expect(transactions.looks).toBe(0);
    const right = { installed: 1, wrong: [] };
    const wrong = [{ name: 'app', status: 'modified' as const, error: 'changed' }];
    transactions.found = { ...transactions.state, packages: { installed: 0, wrong } };
    transactions.state = { ...transactions.state, packages: right };
    const again = create();
    await again.start();
    expect(await again.rested()).toBe('idle');
    expect(last()?.packages).toEqual({ installed: 0, wrong });
    expect(transactions.looks).toBe(1);
    expect(transactions.begun).toHaveLength(1);
  });

  it('brings the same about again when a look finds that more can be installed now', async () => {
    const { agent, send, transactions, create } = await begin();
    send(makeDesired());
    await agent.start();
    await agent.rested();
    await agent.stop();
    const wrong = [{ name: 'app', status: 'failed' as const, error: 'not found' }];
    transactions.state = { ...transactions.state, packages: { installed: 0, wrong } };
    transactions.again = true;
    const again = create();
    await again.start();
    expect(await again.rested()).toBe('idle');
    expect(transactions.looks).toBe(1);
    expect(transactions.begun).toHaveLength(2);
    expect(transactions.begun[1]).toEqual(transactions.begun[0]);
  });

  it('the server going away changes nothing', async () => {
    const { agent, broker, send, transactions } = await begin();
    send(makeDesired());
    await agent.start();
    await agent.rested();
    const before = transactions.state;
    await broker.down();
    await broker.up();
    await until('connected again', () => broker.connects.length > 1);
    expect(transactions.state).toBe(before);
    expect(transactions.begun).toHaveLength(1);
  });

  it('seq goes on across starts', async () => {
    const { agent, send, reports, create } = await begin();
    send(makeDesired());
    await agent.start();
    await agent.rested();
    await agent.stop();
    const highest = Math.max(...reports().map(({ seq }) => seq));
    const count = reports().length;
    await create().start();
    await until('another report', () => reports().length > count);
    expect(reports()[count]?.seq).toBeGreaterThan(highest);
  });

  it.each([
    ['is empty', ''],
    ['is no JSON', '{'],
    ['is for another device', JSON.stringify(makeDesired({ device: 'other', revision: 9 }))],
    ['has an unknown schema', JSON.stringify({ ...second, schema: 'jamesd.desired/9' })],
    [
      'has expired',
      JSON.stringify(makeDesired({ revision: 9, expiresAt: '2020-01-01T00:00:00Z' })),
    ],
  ])('a document that %s changes nothing', async (_case, content) => {
    const { agent, broker, send, transactions, last } = await begin();
    send(makeDesired());
    await agent.start();
    await agent.rested();
    broker.retain(topic, content);
    send(second);
    await until('the second is there', () => last()?.installed?.revision === 2);
    expect(transactions.begun.map(({ revision }) => revision)).toEqual([1, 2]);
  });

  it('an epoch that does not continue its own is a conflict, which a fitting document ends', async () => {
    const { agent, send, transactions, last } = await begin();
    send(makeDesired({ revision: 7 }));
    await agent.start();
    await agent.rested();
    send(makeDesired({ epoch: 'e2', after: { epoch: 'e1', revision: 3 } }));
    await until('conflict', () => last()?.phase === 'conflict');
    expect(last()).toMatchObject({ epoch: 'e1', installed: { revision: 7 } });
    expect(transactions.begun).toHaveLength(1);
    send(makeDesired({ epoch: 'e2', after: { epoch: 'e1', revision: 7 }, packets: [] }));
    await until('the new epoch', () => last()?.epoch === 'e2' && last()?.phase === 'idle');
    expect(last()).toMatchObject({ installed: { revision: 1 }, packets: [] });
  });

  it('says which feature it lacks, and keeps what it has', async () => {
    const { agent, send, last } = await begin();
    send(makeDesired());
    await agent.start();
    await agent.rested();
    send(makeDesired({ revision: 2, requires: ['teleport'] }));
    await until('refused', () => last()?.phase === 'failed');
    expect(last()?.reason).toContain('teleport');
    expect(last()).toMatchObject({ installed: { revision: 1 }, retryAt: null });
  });

  it('fetches the document that a reference names', async () => {
    const { agent, broker, documents, last } = await begin();
    const { epoch, revision, digest } = makeDesired().signed;
    const url = `/v1/devices/${device}/desired`;
    documents.set(url, Buffer.from(JSON.stringify(makeDesired())));
    const ref = { schema: 'jamesd.desired-ref/1', epoch, revision, digest, url };
    broker.retain(topic, JSON.stringify(ref));
    await agent.start();
    await until('it is there', () => last()?.installed?.revision === 1);
  });

  it('progress is sent four times a second at most, the last one surely', async () => {
    const { agent, broker, send, transactions } = await begin();
    transactions.during = async (reporter) => {
      for (let percent = 1; percent <= 100; percent += 1)
        reporter.progress({ step: 'download', percent });
    };
    send(makeDesired());
    await agent.start();
    const sent = (): number[] =>
      broker.received
        .filter((message) => message.topic === deviceTopic(device, 'progress'))
        .map(({ payload }) => (JSON.parse(payload.toString()) as { percent: number }).percent);
    await until('the last', () => sent().includes(100));
    expect(sent()).toEqual([1, 100]);
  });
});
