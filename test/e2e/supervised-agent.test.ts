import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentWorld, startWorld } from '../support/agent-world.ts';
import { ensureDebianPackages } from '../support/debian.ts';
import { temporaryDirectory, until } from '../support/fleet.ts';

const run = promisify(execFile);
const units = resolve(import.meta.dirname, '../../packaging/systemd');

/** A socket as the supervisor has one; writes a line for each datagram. */
const LISTEN = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("listening", flush=True)
while True:
    print(s.recv(65536).decode().replace("\\n", "|"), flush=True)
`;

const { leftOut } = await ensureDebianPackages(['systemd', 'python3-minimal']);

describe.skipIf(leftOut !== null)('what a supervisor hears of the agent', () => {
  let world: AgentWorld;
  let listener: ChildProcess;
  let heard = '';
  const lines = (): string[] => heard.trimEnd().split('\n');

  beforeAll(async () => {
    world = await startWorld();
    listener = spawn('/usr/bin/python3', ['-c', LISTEN, world.path('notify')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    listener.stdout?.on('data', (text: Buffer) => {
      heard += text.toString();
    });
    await until(() => heard.includes('listening'));
  });
  afterAll(async () => {
    listener?.kill();
    await world?.stop();
  });

  it('is that it has started, what it does, and again and again that it lives', async () => {
    const env = { NOTIFY_SOCKET: world.path('notify'), WATCHDOG_USEC: '400000' };
    const agent = world.start('supervised', { env });
    await until(
      () => lines().filter((line) => line === 'WATCHDOG=1').length >= 3,
      () => heard,
    );
    await world.put({ name: 'broken', scripts: { preinst: '#!/bin/sh\nexit 3\n' } });
    await world.reaches(agent, ({ desired }) => desired !== null);
    await world.want('supervised', [{ name: 'broken' }]);
    await until(
      () => /STATUS=(failed|rolled-back): .*preinst/.test(heard),
      () => heard,
    );
    expect(lines().filter((line) => line.startsWith('READY=1'))).toHaveLength(1);
    expect(lines().indexOf('READY=1')).toBeLessThan(lines().indexOf('WATCHDOG=1'));
    expect(heard).toContain('STATUS=applying');

    // A process that does not go on says nothing.
    agent.running.process.kill('SIGSTOP');
    const since = await quiet(() => heard);
    agent.running.process.kill('SIGCONT');
    await until(() => heard.length > since);
    await agent.stop();
  });

  it('is nothing where nobody listens', async () => {
    const agent = await world.join('alone');
    expect(agent.running.stderr()).not.toContain('systemd-notify');
    await agent.stop();
  });
});

/** Resolves with the length of a text that has not grown for five times the interval. */
async function quiet(text: () => string): Promise<number> {
  let length = -1;
  let since = performance.now();
  await until(() => {
    if (text().length !== length) {
      length = text().length;
      since = performance.now();
    }
    return performance.now() - since > 1000;
  });
  return length;
}

describe.skipIf(leftOut !== null)('the units', () => {
  it('are understood by systemd', async () => {
    // The programs need not be installed to read the units: others stand in their place.
    const { path: directory, remove } = temporaryDirectory('jamesd-units-');
    const names = readdirSync(units);
    expect(names).toEqual(['jamesc.service', 'jamesd.service']);
    for (const name of names) {
      const text = readFileSync(join(units, name), 'utf8');
      writeFileSync(
        join(directory, name),
        text.replace('/usr/lib/jamesc/jamesc-launch', '/bin/true'),
      );
    }
    const paths = names.map((name) => join(directory, name));
    const { stdout, stderr } = await run('systemd-analyze', ['verify', '--man=no', ...paths]);
    remove();
    const ours = (stdout + stderr).split('\n').filter((line) => /jamesc|jamesd/.test(line));
    expect(ours).toEqual([]);
  });
});
