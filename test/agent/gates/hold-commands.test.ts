import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { LocalPackets } from '../../../agent/drivers/local-packets.ts';
import { type Holds, openHolds } from '../../../agent/gates/holds.ts';
import { createLocalServer } from '../../../agent/socket/local-server.ts';
import { createClock } from '../../../agent/system/clock.ts';
import { createNodeFiles } from '../../../agent/system/node-files.ts';
import { silentLog } from '../../../proto/log.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { until } from '../../support/until.ts';

const files = createNodeFiles();
const main = join(import.meta.dirname, '../../../agent/main.ts');
const tsx = import.meta.resolve('tsx');

/** Nothing is installed here. */
const noPackets: LocalPackets = {
  root: '/',
  install: () => Promise.reject(new Error('nothing is installed here')),
  uninstall: () => Promise.reject(new Error('nothing is installed here')),
  list: async () => [],
};

/** The part of an agent that serves holds, on a state directory. */
async function startAgent(state: string): Promise<{ holds: Holds; stop(): Promise<void> }> {
  const holds = await openHolds({ files, state, clock: createClock(), log: silentLog });
  const server = createLocalServer({
    ...{ state, files, holds, local: noPackets, log: silentLog },
    onChanged: () => undefined,
  });
  await server.start();
  let running = true;
  const stop = async (): Promise<void> => {
    if (running) await server.stop();
    running = false;
  };
  onTestFinished(stop);
  return { holds, stop };
}

interface Running {
  child: ChildProcess;
  /** What it wrote, and its status; null if a signal ended it. */
  ended: Promise<{ status: number | null; out: string; error: string }>;
}

/** Runs `jamesc` as a process. */
function jamesc(state: string, ...args: string[]): Running {
  const child = spawn(process.execPath, ['--import', tsx, main, ...args], {
    env: { ...process.env, JAMESC_STATE: state },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, error] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    error += chunk.toString();
  });
  const ended = new Promise<Awaited<Running['ended']>>((resolve) =>
    child.once('close', (status) => resolve({ status, out, error })),
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, ended };
}

/** A command that goes on until a file is there, and ends with 7. */
function untilFile(): { command: string[]; go(): void } {
  const file = join(temporaryDirectory(), 'go');
  const script = `until [ -e ${file} ]; do sleep 0.05; done; exit 7`;
  return { command: ['/bin/sh', '-c', script], go: () => writeFileSync(file, '') };
}

const inForce = (holds: Holds): string[] => holds.list().map(({ name }) => name);

it('programs hold, look and release through the agent', async () => {
  const state = temporaryDirectory();
  const { holds } = await startAgent(state);
  const held = await jamesc(state, 'hold', 'load', '--for', '2h').ended;
  expect(held).toMatchObject({ status: 0, error: '' });
  expect(held.out).toMatch(/^load {2}since 20\S+, until 20\S+\n$/);
  const shown = await jamesc(state, 'holds', '-o', 'json').ended;
  expect(JSON.parse(shown.out)).toEqual(holds.list());
  expect(inForce(holds)).toEqual(['load']);
  expect((await jamesc(state, 'release', 'load').ended).status).toBe(0);
  expect(inForce(holds)).toEqual([]);
  expect(await jamesc(state, 'release', 'load').ended).toMatchObject({
    status: 1,
    error: 'jamesc: No hold of the name load is in force.\n',
  });
});

it('a command holds while it runs, over a restart of the agent, and gives its status', async () => {
  const state = temporaryDirectory();
  const before = await startAgent(state);
  const { command, go } = untilFile();
  const { ended } = jamesc(state, 'hold', 'load', '--', ...command);
  await until('it holds', () => inForce(before.holds).includes('load'));
  await before.stop();
  const after = await startAgent(state);
  expect(after.holds.list()).toMatchObject([{ name: 'load', until: expect.any(String) }]);
  await until('it is back', () => after.holds.list()[0]?.until === null);
  expect(inForce(after.holds)).toEqual(['load']);
  go();
  expect(await ended).toEqual({
    status: 7,
    out: '',
    error: 'jamesc: The agent has ended; load is held again as soon as it is back.\n',
  });
  await until('it is over', () => inForce(after.holds).length === 0);
});

it('a hold ends with the program that asked for it, however it ends', async () => {
  const state = temporaryDirectory();
  const { holds } = await startAgent(state);
  const { command, go } = untilFile();
  onTestFinished(go);
  const { child, ended } = jamesc(state, 'hold', 'load', '--', ...command);
  await until('it holds', () => inForce(holds).includes('load'));
  child.kill('SIGKILL');
  expect((await ended.then(({ status }) => status)) ?? null).toBeNull();
  await until('it is over', () => inForce(holds).length === 0);
});

it('a signal to end reaches the command', async () => {
  const state = temporaryDirectory();
  const { holds } = await startAgent(state);
  const { child, ended } = jamesc(state, 'hold', 'load', '--', 'sleep', '600');
  await until('it holds', () => inForce(holds).includes('load'));
  // The command is started after the hold was granted.
  const again = setInterval(() => child.kill('SIGTERM'), 50);
  const { status } = await ended.finally(() => clearInterval(again));
  expect(status).toBe(143);
});

it('without an agent nothing is held, and no command is run', async () => {
  const state = temporaryDirectory();
  const mark = join(temporaryDirectory(), 'mark');
  const { status, error } = await jamesc(state, 'hold', 'load', '--', 'touch', mark).ended;
  expect([status, existsSync(mark)]).toEqual([1, false]);
  expect(error).toBe(
    `jamesc: No agent runs on ${state}, so that there is nobody to hold back. (unavailable)\n`,
  );
});

it('a command that cannot be started has the status that a shell gives', async () => {
  const state = temporaryDirectory();
  const { holds } = await startAgent(state);
  const { status, error } = await jamesc(state, 'hold', 'load', '--', '/no/such/program').ended;
  expect(status).toBe(127);
  expect(error).toBe('jamesc: /no/such/program could not be started: ENOENT.\n');
  await until('it is over', () => inForce(holds).length === 0);
});
