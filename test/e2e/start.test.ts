import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Finished, temporaryDirectory, until } from '../support/fleet.ts';

const root = resolve(import.meta.dirname, '../..');
const directory = temporaryDirectory('jamesd-start-');
/** What a clone does not have. */
const notCloned = new Set(['node_modules', 'dist', 'data', '.git', 'bench.json']);

interface Started {
  process: ChildProcess;
  output(): string;
  ended: Promise<Finished>;
}

/** `npm start` in a copy of the checkout, with the dependencies that are installed already. */
function start(...args: string[]): Started {
  const child = spawn('npm', ['start', '--', ...args], { cwd: directory.path, detached: true });
  const written = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (written.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (written.stderr += text));
  const ended = new Promise<Finished>((done) =>
    child.on('close', (status) => done({ status, ...written })),
  );
  return { process: child, output: () => written.stdout + written.stderr, ended };
}

/** Ctrl-C: the signal goes to every process of the terminal's foreground group. */
const interrupt = ({ process: { pid } }: Started): void => {
  if (pid) process.kill(-pid, 'SIGINT');
};

const isUp = (started: Started): Promise<true> =>
  until(
    () => {
      if (started.process.exitCode !== null) throw new Error(started.output());
      return started.output().includes('Ctrl-C stops everything') || undefined;
    },
    () => started.output(),
    90_000,
  );

/** Runs a line of what `npm start` told the reader to run. */
function follow(started: Started, command: string): Promise<Finished> {
  const [exports] =
    /export JAMESD_SERVER=.*\nexport JAMESD_TOKEN=.*\n/.exec(started.output()) ?? [];
  const line = new RegExp(`^ *npx (${command}.*?)( +#.*)?$`, 'm').exec(started.output())?.[1];
  const script = `${exports}node dist/${line?.replace(/^jamesd-ctl/, 'jamesd-ctl.js')}`;
  const child = spawn('sh', ['-c', script], { cwd: directory.path });
  const written = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (written.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (written.stderr += text));
  return new Promise((done) => child.on('close', (status) => done({ status, ...written })));
}

const pidsOf = (started: Started): number[] =>
  (/Process ids: ([\d, ]+)/.exec(started.output())?.[1] ?? '').split(', ').map(Number);

const lives = (pid: number): boolean => existsSync(`/proc/${pid}`);

describe('npm start', () => {
  beforeAll(() => {
    cpSync(root, directory.path, {
      recursive: true,
      filter: (path) => !notCloned.has(relative(root, path).split('/')[0] ?? ''),
    });
    symlinkSync(join(root, 'node_modules'), join(directory.path, 'node_modules'));
  });
  afterAll(() => directory.remove());

  it('shows the example, follows a change, and leaves nothing behind', async () => {
    const started = start('--http', '0', '--mqtt', '0');
    await isUp(started);
    const output = started.output();
    for (const device of ['hub-amd64', 'buoy-armv6l', 'buoy-armv7l']) {
      expect(output).toMatch(new RegExp(`${device} +converged +logger 1\\.0\\.0`));
    }
    expect(output).toMatch(/\| logger 1\.0\.0 \(amd64\), process \d+/);
    expect(output).toMatch(/http:\/\/127\.0\.0\.1:\d+\/#token=/);

    for (const command of ['jamesd-ctl device list', 'jamesd-ctl explain', 'jamesd-ctl history']) {
      expect(await follow(started, command)).toMatchObject({ status: 0, stderr: '' });
    }
    expect(await follow(started, 'jamesd-ctl diff')).toMatchObject({ status: 3 });
    expect(await follow(started, 'jamesd-ctl apply')).toMatchObject({ status: 0 });
    for (const device of ['hub-amd64', 'buoy-armv6l', 'buoy-armv7l']) {
      const follows = new RegExp(`${device} +converged +logger 1\\.1\\.0`);
      await until(() => follows.test(started.output()) || undefined, started.output);
    }
    expect(await follow(started, 'jamesd-ctl spec rollback')).toMatchObject({ status: 0 });
    const logger = join(directory.path, 'data/start/devices/buoy-armv6l/root/usr/bin/logger');
    await until(() => readFileSync(logger, 'utf8').includes('logger 1.0.0 (armv6l)') || undefined);

    const pids = pidsOf(started);
    expect(pids.filter(lives)).toHaveLength(4);
    interrupt(started);
    await started.ended;
    expect(pids.filter(lives)).toEqual([]);
  });

  it('says so when a port is taken, and which option changes it', async () => {
    const taken = createServer();
    const port = await new Promise<number>((done) => {
      taken.listen(0, '127.0.0.1', () => done((taken.address() as { port: number }).port));
    });
    const { status, stderr } = await start('--http', '0', '--mqtt', String(port)).ended;
    taken.close();
    expect(status).toBe(1);
    expect(stderr).toMatch(new RegExp(`127\\.0\\.0\\.1:${port} is taken.*--mqtt`));
  });

  it('starts again, refuses a second run beside it, and tells of a server that dies', async () => {
    const first = start('--http', '0', '--mqtt', '0');
    await isUp(first);
    const second = await start('--http', '0', '--mqtt', '0').ended;
    expect([second.status, second.stderr]).toEqual([1, expect.stringContaining('already runs')]);

    const [server = 0, ...agents] = pidsOf(first);
    process.kill(server, 'SIGKILL');
    await until(() => first.output().includes('jamesd ended (SIGKILL)') || undefined, first.output);
    expect(agents.filter(lives)).toHaveLength(3);
    interrupt(first);
    await first.ended;
    expect(agents.filter(lives)).toEqual([]);
  });
});
