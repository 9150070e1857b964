import { MemoryLevel } from 'memory-level';
import { expect, it } from 'vitest';
import type { BusHooks } from '../../../broker/bus.ts';
import { silentLog } from '../../../proto/log.ts';
import { createOperatorConnections } from '../../../server/credentials/operator-connections.ts';
import { createTokens } from '../../../server/credentials/tokens.ts';
import { createEventLog } from '../../../server/events/event-log.ts';
import { createStore } from '../../../server/store/level-store.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

async function world() {
  const store = await createStore(new MemoryLevel<string, string>(), { log: silentLog });
  const clock = createFakeClock();
  const events = createEventLog({ store, clock, log: silentLog });
  const tokens = createTokens({ store, clock, events });
  const stays = await tokens.create({ kind: 'operator' }, 'server');
  const goes = await tokens.create({ kind: 'operator', expiresIn: 60 }, 'server');
  const ended: string[] = [];
  const disconnect = async (clientId: string) => void ended.push(clientId);
  const connections = createOperatorConnections({
    tokens,
    clock,
    log: silentLog,
    bus: { disconnect },
  });
  const hooks: BusHooks = connections.follow({
    authenticate: async () => null,
    received: async () => {},
    connected: () => {},
    disconnected: () => {},
  });
  connections.start();
  const connect = (token: string, clientId: string) =>
    hooks.connected({ kind: 'operator', token }, clientId);
  return { clock, tokens, stays, goes, ended, connections, hooks, connect };
}

it('a revoked token takes its connections with it, and no other', async () => {
  const { tokens, stays, goes, ended, connect } = await world();
  connect(stays.id, 'a');
  connect(goes.id, 'b');
  connect(goes.id, 'c');
  await tokens.delete(goes.id, 'server');
  expect(ended).toEqual(['b', 'c']);
  connect(goes.id, 'd');
  expect(ended).toContain('d');
});

it('an expired token ends its connections shortly after', async () => {
  const { clock, stays, goes, ended, connect, connections } = await world();
  connect(stays.id, 'a');
  connect(goes.id, 'b');
  connect(goes.id, 'gone');
  await clock.advance(59_000);
  expect(ended).toEqual([]);
  await clock.advance(2000);
  expect(ended).toEqual(['b', 'gone']);
  const timers = clock.pending();
  connections.stop();
  expect(clock.pending()).toBe(timers - 1);
});

it('what ended by itself is not ended again', async () => {
  const { tokens, goes, ended, hooks, connect } = await world();
  connect(goes.id, 'b');
  hooks.disconnected({ kind: 'operator', token: goes.id }, 'b', false);
  await tokens.delete(goes.id, 'server');
  expect(ended).toEqual([]);
});
