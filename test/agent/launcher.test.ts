import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { until } from '../support/until.ts';

const launcher = resolve(import.meta.dirname, '../../packaging/jamesc-launch');

let state: string;
let program: string;
let previous: string;
let log: string;
beforeEach(() => {
  const directory = temporaryDirectory();
  state = join(directory, 'state');
  program = join(directory, 'new');
  previous = join(state, 'previous/jamesc.js');
  log = join(directory, 'log');
  mkdirSync(join(state, 'previous'), { recursive: true });
});

/** A program for the shell, which stands in for Node.js. */
const put = (path: string, name: string, rest: string): void =>
  writeFileSync(
    path,
    `echo "${name} $*\${JAMESC_TRIAL_FAILED:+ ($JAMESC_TRIAL_FAILED)}" >> '${log}'\n${rest}\n`,
  );
const trial = (): string => join(state, 'trial');
const beginTrial = (seconds: number): void => writeFileSync(trial(), `${seconds}\n`);
const said = (): string[] =>
  existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : [];
const endsTrial = (): string => `rm '${trial()}'`;

function start(...args: string[]): { child: ChildProcess; ended: Promise<number | string | null> } {
  const child = spawn(launcher, args, {
    env: {
      PATH: process.env.PATH ?? '',
      JAMESC_PROGRAM: program,
      JAMESC_STATE: state,
      JAMESC_NODE: '/bin/sh',
    },
    stdio: 'ignore',
  });
  return { child, ended: new Promise((done) => child.on('exit', (code, by) => done(by ?? code))) };
}
const launch = (...args: string[]) => start(...args).ended;

/** Each start waits until the disk has what was written down; on a busy one that takes its time. */
describe('the launcher', { timeout: 90_000 }, () => {
  it('runs the program with its arguments and ends with its status', async () => {
    put(program, 'new', 'exit 7');
    expect(await launch('--id', 'a b')).toBe(7);
    expect(said()).toEqual(['new run --id a b']);
  });

  it('passes a signal on, waits, and ends with the status that comes of it', async () => {
    put(
      program,
      'new',
      `trap "echo asked >> '${log}'; exit 5" TERM; echo ready >> '${log}'; while :; do sleep 0.05; done`,
    );
    const { child, ended } = start();
    await until('the program runs', () => said().includes('ready'));
    child.kill('SIGTERM');
    expect(await ended).toBe(5);
    expect(said()).toEqual(['new run', 'ready', 'asked']);
  });

  it('lets a new program be that is through in time', async () => {
    beginTrial(60);
    put(program, 'new', `${endsTrial()}; exit 3`);
    put(previous, 'previous', 'exit 0');
    expect(await launch()).toBe(3);
    expect(said()).toEqual(['new run']);
    expect(await launch()).toBe(3);
    expect(existsSync(join(state, 'trial.started'))).toBe(false);
  });

  it('runs the one before when the new one ends too early, and says why', async () => {
    beginTrial(60);
    put(program, 'new', 'exit 3');
    put(previous, 'previous', `${endsTrial()}; exit 4`);
    expect(await launch('x')).toBe(4);
    expect(said()).toEqual([
      'new run x',
      'previous run x (The new agent ended with status 3 before it was through.)',
    ]);
  });

  it('ends a new one that hangs, also one that does not want to end', async () => {
    beginTrial(1);
    put(program, 'new', `trap '' TERM; echo $$ > '${log}.pid'; while :; do sleep 0.05; done`);
    put(previous, 'previous', endsTrial());
    expect(await launch()).toBe(0);
    expect(said()).toEqual([
      'new run',
      'previous run (The new agent was not through after 1 s and was ended.)',
    ]);
    expect(() => process.kill(Number(readFileSync(`${log}.pid`, 'utf8')), 0)).toThrow('ESRCH');
  });

  it('never starts the new one a second time in one trial, though the one before fails too', async () => {
    beginTrial(60);
    put(program, 'new', 'exit 3');
    put(previous, 'previous', 'exit 4');
    for (let n = 0; n < 3; n += 1) expect(await launch()).toBe(4);
    expect(said().map((line) => line.split(' ')[0])).toEqual([
      'new',
      'previous',
      'previous',
      'previous',
    ]);
  });

  it('goes back at the next start when everything was killed in a trial', async () => {
    beginTrial(60);
    put(program, 'new', 'kill -KILL $PPID; exit 0');
    put(previous, 'previous', endsTrial());
    expect(await launch()).toBe('SIGKILL');
    expect(await launch()).toBe(0);
    expect(said().at(-1)).toBe('previous run (The new agent was cut off before it was through.)');
    await launch();
    expect(said().at(-1)).toBe('new run');
  });

  it('tries what comes next anew, and runs the new one where there is none before', async () => {
    put(program, 'new', 'exit 3');
    put(previous, 'previous', endsTrial());
    for (let n = 0; n < 2; n += 1) {
      beginTrial(60);
      rmSync(join(state, 'trial.started'), { force: true });
      await launch();
    }
    expect(said().map((line) => line.split(' ')[0])).toEqual([
      'new',
      'previous',
      'new',
      'previous',
    ]);
    beginTrial(60);
    rmSync(previous);
    expect(await launch()).toBe(3);
  });
});
