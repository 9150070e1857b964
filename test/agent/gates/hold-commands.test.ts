import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type HoldDeps, hold, release, showHolds } from '../../../agent/commands/hold-command.ts';
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
  check: async () => ({ packets: [], packages: [] }),
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

/** What a command writes. */
function written(): { deps: HoldDeps; out: string[]; error: string[] } {
  const [out, error]: [string[], string[]] = [[], []];
  const writeOut = (text: string): void => void out.push(text);
  const writeError = (text: string): void => void error.push(text);
  return { deps: { clock: createClock(), writeOut, writeError }, out, error };
}

/** Runs `jamesc` as a process; `status` is null if a signal ended it. */
function jamesc(...args: string[]): { child: ChildProcess; status: Promise<number | null> } {
  const child = spawn(process.execPath, ['--import', tsx, main, ...args], { stdio: 'inherit' });
  const status = new Promise<number | null>((resolve) => child.once('close', resolve));
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, status };
}

/** A command that goes on until it is told to, and ends with 7. */
function untilFile(): { command: string[]; started(): boolean; go(): void } {
  const directory = temporaryDirectory();
  const [begun, file] = [join(directory, 'begun'), join(directory, 'go')];
  const script = `: > ${begun}; until [ -e ${file} ]; do sleep 0.05; done; exit 7`;
  return {
    command: ['/bin/sh', '-c', script],
    started: () => existsSync(begun),
    go: () => writeFileSync(file, ''),
  };
}

const inForce = (holds: Holds): string[] => holds.list().map(({ name }) => name);

it('programs hold, look and release through the agent', async () => {
  const state = temporaryDirectory();
  const { holds } = await startAgent(state);
  const { deps, out, error } = written();
  expect(await hold({ state, name: 'load', forMs: 7_200_000, command: [] }, deps)).toBe(0);
  expect(out.splice(0)).toEqual([expect.stringMatching(/^load {2}since 20\S+, until 20\S+\n$/)]);
  expect(await showHolds(state, 'json', deps)).toBe(0);
  expect(JSON.parse(out.splice(0).join(''))).toEqual([
    { ...holds.list()[0], until: expect.any(String) },
  ]);
  expect(inForce(holds)).toEqual(['load']);
  expect(await hold({ state, name: 'trip', forMs: null, command: [] }, deps)).toBe(0);
  expect(await release(state, 'load', deps)).toBe(0);
  out.splice(0);
  expect(await showHolds(state, 'text', deps)).toBe(0);
  expect(out).toEqual([expect.stringMatching(/^trip {2}since 20\S+, until it is released\n$/)]);
  expect(await release(state, 'load', deps)).toBe(1);
  expect(error).toEqual(['jamesc: No hold of the name load is in force.\n']);
});

it('a command holds while it runs, over a restart of the agent, and gives its status', async () => {
  const state = temporaryDirectory();
  const before = await startAgent(state);
  const { command, started, go } = untilFile();
  const { deps, error } = written();
  const status = hold({ state, name: 'load', forMs: null, command }, deps);
  await until('it runs', started);
  expect(inForce(before.holds)).toEqual(['load']);
  await before.stop();
  const after = await startAgent(state);
  expect(after.holds.list()).toMatchObject([{ name: 'load', until: expect.any(String) }]);
  await until('it is back', () => after.holds.list()[0]?.until === null);
  expect(inForce(after.holds)).toEqual(['load']);
  go();
  expect(await status).toBe(7);
  expect(error).toEqual([
    'jamesc: The agent has ended; load is held again as soon as it is back.\n',
  ]);
  await until('it is over', () => inForce(after.holds).length === 0);
});

it('a hold ends with the program that asked for it, however it ends; signals reach its command', async () => {
  const state = temporaryDirectory();
  const { holds } = await startAgent(state);
  const { command, go } = untilFile();
  onTestFinished(go);
  const mark = join(temporaryDirectory(), 'mark');
  const killed = jamesc('hold', 'killed', '--state', state, '--', ...command);
  const script = `: > ${mark}; exec sleep 600`;
  const asked = jamesc('hold', 'asked', '--state', state, '--', 'sh', '-c', script);
  await until('both hold', () => inForce(holds).length === 2 && existsSync(mark), 20_000);
  killed.child.kill('SIGKILL');
  asked.child.kill('SIGTERM');
  expect([await killed.status, await asked.status]).toEqual([null, 143]);
  await until('both are over', () => inForce(holds).length === 0);
});

it('without an agent nothing is held, and no command is run', async () => {
  const state = temporaryDirectory();
  const mark = join(temporaryDirectory(), 'mark');
  const { deps } = written();
  const refusal = { code: 'unavailable', message: expect.stringContaining(state) };
  const command = ['touch', mark];
  await expect(hold({ state, name: 'load', forMs: null, command }, deps)).rejects.toMatchObject(
    refusal,
  );
  expect(existsSync(mark)).toBe(false);
  await expect(release(state, 'load', deps)).rejects.toMatchObject(refusal);
  await expect(showHolds(state, 'text', deps)).rejects.toMatchObject(refusal);
});

it('a command that cannot be started has the status that a shell gives', async () => {
  const state = temporaryDirectory();
  const { holds } = await startAgent(state);
  const { deps, error } = written();
  const run = (command: string[]): Promise<number> =>
    hold({ state, name: 'load', forMs: null, command }, deps);
  expect([await run(['/no/such/program']), await run(['/etc/passwd'])]).toEqual([127, 126]);
  expect(error).toEqual([
    'jamesc: /no/such/program could not be started: ENOENT.\n',
    'jamesc: /etc/passwd could not be started: EACCES.\n',
  ]);
  await until('it is over', () => inForce(holds).length === 0);
});
