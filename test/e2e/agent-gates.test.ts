import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AgentWorld, startWorld } from '../support/agent-world.ts';
import type { AgentProcess } from '../support/fleet.ts';

let world: AgentWorld;
/** The id of the second version. */
let second = '';
beforeAll(async () => {
  world = await startWorld();
  for (const version of ['1', '2'])
    second = await world.put({
      name: 'app',
      labels: { version },
      data: { [`opt/app/v${version}`]: version, 'opt/app/program': version },
    });
});
afterAll(() => world?.stop());

const app = (version: string) => [{ name: 'app', labels: { version } }];
const has = (device: string, version: string): boolean =>
  existsSync(world.path(device, 'root/opt/app', `v${version}`));

/** A device that has the first version and is converged. */
async function withFirst(device: string): Promise<AgentProcess> {
  await world.want(device, app('1'));
  const agent = await world.join(device);
  await world.converged(agent);
  return agent;
}

it('waits while a file is there, says so, and goes on when it is gone', async () => {
  const agent = await withFirst('file');
  const root = world.path('file', 'root');
  mkdirSync(join(root, 'run'));
  writeFileSync(join(root, 'run/busy'), '');
  await world.want('file', app('2'), { inhibit: { file: '/run/busy' } });
  const waiting = await world.reaches(agent, ({ phase }) => phase === 'waiting');
  expect(waiting.reason).toBe('inhibited');
  expect(waiting.reported?.detail).toBe('The file /run/busy exists; it has no deadline.');
  expect(has('file', '2')).toBe(false);
  rmSync(join(root, 'run/busy'));
  await world.converged(agent);
  expect(has('file', '2')).toBe(true);
});

it('gives up at the deadline', async () => {
  const agent = await withFirst('deadline');
  const inhibit = { command: 'echo carrying; exit 1', deadline: '1s' };
  await world.want('deadline', app('2'), { inhibit });
  const failed = await world.reaches(agent, ({ phase }) => phase === 'failed');
  expect(failed.reason).toContain(': carrying, still at its deadline; the change was given up.');
  expect(has('deadline', '2')).toBe(false);
});

it('waits for its window, and has downloaded before', async () => {
  const agent = await withFirst('window');
  const hour = (new Date().getUTCHours() + 12) % 24;
  const at = `${String(hour).padStart(2, '0')}:00`;
  const windows = { timezone: 'UTC', apply: [{ at, duration: '1h' }] };
  await world.want('window', app('2'), { windows });
  const waiting = await world.reaches(
    agent,
    ({ phase, reported }) => phase === 'waiting' && reported?.retryAt != null,
  );
  expect([waiting.reason, waiting.reported?.retryAt?.slice(11, 16)]).toEqual(['window', at]);
  const file = join(agent.state, 'downloads', second.replace(/^sha256:(.*)$/, '$1.jpk'));
  expect([has('window', '2'), existsSync(file)]).toEqual([false, true]);
  await world.want('window', app('2'));
  await world.converged(agent);
});

it('an unhealthy change is taken back, with what was asked and what came', async () => {
  const agent = await withFirst('health');
  const checks = [{ command: '[ ! -e "$JAMESD_ROOT/opt/app/v2" ]' }, { server: 'reachable' }];
  await world.want('health', app('2'), { health: { checks, retries: 1, interval: '100ms' } });
  const back = await world.reaches(agent, ({ phase }) => phase === 'rolled-back');
  expect(back.reason).toContain('ended with status 1, in the last of 2 tries.');
  expect([has('health', '1'), has('health', '2')]).toEqual([true, false]);
  const fine = { health: { checks: [{ server: 'reachable' }] } };
  await world.want('health', app('2'), fine);
  await world.converged(agent);
  expect(has('health', '2')).toBe(true);
});
