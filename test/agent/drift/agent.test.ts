import { expect, it, onTestFinished } from 'vitest';
import { createAgent } from '../../../agent/agent.ts';
import { createReportSequence } from '../../../agent/report-sequence.ts';
import { createSavedDesired } from '../../../agent/saved-desired.ts';
import { createSavedFailure } from '../../../agent/saved-failure.ts';
import { createClock } from '../../../agent/system/clock.ts';
import { createNodeFiles } from '../../../agent/system/node-files.ts';
import type { InstalledState } from '../../../agent/transaction.ts';
import { createMqttTransport } from '../../../agent/transports/mqtt-transport.ts';
import type { Desired } from '../../../proto/desired.ts';
import { silentLog } from '../../../proto/log.ts';
import type { Reported } from '../../../proto/reported.ts';
import { deviceTopic } from '../../../proto/topics.ts';
import { loggerLine, makeDesired } from '../../support/desired.ts';
import { startMqttPeer } from '../../support/mqtt-peer.ts';
import { createScriptedTransactions } from '../../support/scripted-transactions.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { until } from '../../support/until.ts';

const device = 'buoy-17';

/** An agent with a broker, whose transactions a test decides. */
async function begin() {
  const broker = await startMqttPeer();
  onTestFinished(broker.down);
  const state = temporaryDirectory();
  const [files, clock] = [createNodeFiles(), createClock()];
  const transactions = createScriptedTransactions();
  const shared = { device, clock, random: () => 0.5, log: silentLog };
  let forgotten = 0;
  const agent = createAgent({
    ...shared,
    transport: createMqttTransport({
      ...shared,
      ...{ url: `mqtt://127.0.0.1:${broker.port}`, secret: () => 'secret' },
      backoff: { baseMs: 20, capMs: 50 },
    }),
    transactions,
    saved: createSavedDesired({ files, state, device }),
    sequence: createReportSequence({ files, state, clock }),
    failures: createSavedFailure({ files, state, log: silentLog }),
    tryAtOnce: false,
    gates: {
      ask: async () => ({ download: { open: true }, apply: { open: true } }),
      forget: async () => {
        forgotten += 1;
      },
    },
    fetchDocument: async () => Buffer.from(''),
    features: new Set(),
    about: { facts: {}, config: {}, agent: '1.0.0', bootId: 'b' },
    backoff: { baseMs: 60_000, capMs: 60_000 },
  });
  onTestFinished(agent.stop);
  return {
    agent,
    transactions,
    forgotten: () => forgotten,
    send: (desired: Desired) =>
      broker.retain(deviceTopic(device, 'desired'), JSON.stringify(desired)),
    last: (): Reported | undefined =>
      broker.received
        .filter(({ topic }) => topic === deviceTopic(device, 'reported'))
        .map(({ payload }) => JSON.parse(payload.toString()) as Reported)
        .at(-1),
  };
}

const modified = (state: InstalledState): InstalledState => ({
  ...state,
  packets: state.packets.map((one) => ({
    ...one,
    status: 'modified',
    error: '/opt/x was changed.',
  })),
});
const wish = (check: string, policy: Desired['signed']['policy'] = {}) =>
  makeDesired({ check, policy, issuedAt: check });

it('a new wish is followed once, and what is found is reported with another status only', async () => {
  const { agent, transactions, send, last, forgotten } = await begin();
  send(makeDesired());
  await agent.start();
  expect(await agent.rested()).toBe('idle');
  expect([transactions.looks, forgotten()]).toEqual([0, 1]);
  transactions.found = modified(transactions.state);
  send(wish('2026-01-02T00:00:00.000Z'));
  await until('the report', () => last()?.packets[0]?.status === 'modified');
  expect(last()).toMatchObject({
    phase: 'idle',
    installed: { revision: 1 },
    packets: [{ name: 'logger', error: '/opt/x was changed.' }],
  });
  send(wish('2026-01-02T00:00:00.000Z'));
  expect(await agent.rested()).toBe('idle');
  expect(transactions.wishes).toEqual(['2026-01-02T00:00:00.000Z']);
  expect(transactions.begun).toHaveLength(1);
});

it('where the policy is to repair, the same state is brought about again, and not at once again if that was in vain', async () => {
  const { agent, transactions, send, last } = await begin();
  const policy = { drift: 'repair' } as const;
  send(makeDesired({ policy }));
  await agent.start();
  await agent.rested();
  transactions.found = modified(transactions.state);
  send(wish('2026-01-02T00:00:00.000Z', policy));
  await until('the repair', () => transactions.begun.length === 2);
  expect(transactions.begun[1]).toMatchObject({ revision: 1, policy });
  await until('the report', () => last()?.packets[0]?.status === 'installed');

  const changed = transactions.found;
  transactions.during = async () => {
    Object.defineProperty(transactions, 'state', { get: () => changed, set: () => undefined });
  };
  send(wish('2026-01-03T00:00:00.000Z', policy));
  await until('the repair in vain', () => transactions.begun.length === 3);
  expect(await agent.rested()).toBe('idle');
  expect(last()?.packets[0]?.status).toBe('modified');
  expect(transactions.begun).toHaveLength(3);
});

it('a repair that fails is reported and waits for its time', async () => {
  const { agent, transactions, send, last } = await begin();
  const policy = { drift: 'repair' } as const;
  send(makeDesired({ policy }));
  await agent.start();
  await agent.rested();
  transactions.found = modified(transactions.state);
  const outcome = { code: 'download-failed', reason: 'no server', retryable: true, undone: false };
  transactions.outcomes = [{ kind: 'failed', failures: [], ...outcome }];
  send(wish('2026-01-02T00:00:00.000Z', policy));
  await until('the report', () => last()?.phase === 'failed');
  expect(last()).toMatchObject({ reason: 'no server', installed: { revision: 1 } });
  expect(Date.parse(last()?.retryAt ?? '')).toBeGreaterThan(Date.now());
  expect(transactions.begun).toHaveLength(2);
});

it('a newer desired state does not wait for the end of a look', async () => {
  const { agent, transactions, send } = await begin();
  send(makeDesired());
  await agent.start();
  await agent.rested();
  let looking = 0;
  transactions.duringLook = (signal) =>
    new Promise((_resolve, reject) => {
      looking += 1;
      signal?.addEventListener('abort', () => reject(signal.reason as Error));
    });
  send(wish('2026-01-02T00:00:00.000Z'));
  await until('the look', () => looking === 1);
  send(makeDesired({ revision: 2, packets: [loggerLine('2')], check: '2026-01-02T00:00:00.000Z' }));
  await until('the new state', () => transactions.begun.length === 2);
  await until('the look once more', () => looking === 2);
});
