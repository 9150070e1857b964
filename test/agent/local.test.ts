import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { installLocal, listLocal, uninstallLocal } from '../../agent/local.ts';
import { acquireLock } from '../../agent/lock/state-lock.ts';
import { openDevice } from '../../agent/open-device.ts';
import { noPackageServer } from '../../agent/packages/package-server.ts';
import { createClock } from '../../agent/system/clock.ts';
import { createCommands } from '../../agent/system/commands.ts';
import { createNodeFiles } from '../../agent/system/node-files.ts';
import { randomId } from '../../agent/system/random-id.ts';
import { currentUser } from '../../agent/system/user.ts';
import { silentLog } from '../../proto/log.ts';
import { createPacketDevice, type PacketDevice } from '../support/packet-device.ts';
import { surroundings } from '../support/surroundings.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const lockParts = { files: createNodeFiles(), clock: createClock(), pid: process.pid };
const placeOf = ({ root, state }: PacketDevice) => ({ root, state });

/** An agent's device in this process, for the time of a test. */
async function runningAgent(device: PacketDevice, state = device.state) {
  const clock = createClock();
  const options = {
    ...lockParts,
    root: device.root,
    state,
    commands: createCommands({ clock }),
    clock,
    log: silentLog,
    user: currentUser(),
    newId: randomId,
    packages: 'off' as const,
    env: {},
    surroundings: surroundings(),
  };
  const fetch = (packet: Parameters<PacketDevice['fileOf']>[0]) =>
    Promise.resolve(device.fileOf(packet));
  const downloads = { fetch, retain: () => Promise.resolve() };
  const open = await openDevice(options, downloads, noPackageServer, async () => true);
  onTestFinished(() => open.close());
  return open;
}

it('a packet is installed and removed by hand, without an agent', async () => {
  const device = createPacketDevice();
  const packet = await device.build({
    name: 'p',
    labels: { version: '1' },
    data: { f: 'f' },
    scripts: { postinst: 'echo hello' },
  });
  const lines: string[] = [];
  const options = {
    ...placeOf(device),
    onLog: (log: { lines: string[] }) => lines.push(...log.lines),
  };
  const installed = await installLocal(device.fileOf(packet), options);
  expect(installed).toEqual({
    packet: { name: 'p', id: packet.id, labels: { version: '1' }, origin: 'manual' },
    change: 'installed',
  });
  expect(lines).toEqual(['hello']);
  expect((await installLocal(device.fileOf(packet), options)).change).toBe('unchanged');
  expect(await listLocal(placeOf(device))).toEqual([installed.packet]);
  expect(readdirSync(device.root)).toEqual(['f']);
  expect((await uninstallLocal(packet.id, placeOf(device))).change).toBe('removed');
  expect(readdirSync(device.root)).toEqual([]);
  await expect(uninstallLocal('p', placeOf(device))).rejects.toMatchObject({ code: 'not-found' });
});

it('what was installed by hand is left alone until a plan wants its name', async () => {
  const device = createPacketDevice();
  const mine = await device.build({ name: 'p', labels: { version: '1' }, data: { f: '1' } });
  const planned = await device.build({ name: 'p', labels: { version: '2' }, data: { f: '2' } });
  await installLocal(device.fileOf(mine), placeOf(device));
  expect((await device.parts().transactions.installed()).packets).toMatchObject([
    { status: 'manual' },
  ]);
  await device.converge([]);
  expect(readFileSync(join(device.root, 'f'), 'utf8')).toBe('1');
  await device.converge([planned]);
  expect(readFileSync(join(device.root, 'f'), 'utf8')).toBe('2');
  await device.converge([]);
  expect(readdirSync(device.root)).toEqual([]);
});

it('the same packet by hand and by plan belongs to the plan', async () => {
  const device = createPacketDevice();
  const packet = await device.build({ name: 'p', data: { f: '1' } });
  await installLocal(device.fileOf(packet), placeOf(device));
  await device.converge([packet]);
  expect((await device.parts().transactions.installed()).packets).toMatchObject([
    { status: 'installed' },
  ]);
});

it('a planned packet that is removed by hand means that the plan does not stand', async () => {
  const device = createPacketDevice();
  const packet = await device.build({ name: 'p', data: { f: '1' } });
  await device.converge([packet]);
  await uninstallLocal('p', placeOf(device));
  expect((await device.parts().transactions.installed()).point).toBeNull();
});

it('prerequisites count by hand as well', async () => {
  const device = createPacketDevice();
  const lib = await device.build({ name: 'lib', data: { lib: 'l' } });
  const app = await device.build({ name: 'app', depends: ['lib'], data: { app: 'a' } });
  const place = placeOf(device);
  await expect(installLocal(device.fileOf(app), place)).rejects.toMatchObject({ code: 'conflict' });
  await installLocal(device.fileOf(lib), place);
  await installLocal(device.fileOf(app), place);
  await expect(uninstallLocal('lib', place)).rejects.toMatchObject({ code: 'packet-in-use' });
});

it('a running agent does it through its socket, tells its listener and keeps its root', async () => {
  const device = createPacketDevice();
  const agent = await runningAgent(device);
  let told = 0;
  agent.onInstalled(() => {
    told += 1;
  });
  expect(statSync(join(device.state, 'agent.sock')).mode & 0o777).toBe(0o600);
  const packet = await device.build({
    name: 'p',
    data: { f: 'f' },
    scripts: { postinst: 'echo from the script' },
  });
  const lines: string[] = [];
  const { state } = device;
  await installLocal(device.fileOf(packet), { state, onLog: (log) => lines.push(...log.lines) });
  expect(lines).toEqual(['from the script']);
  expect(told).toBe(1);
  expect(await listLocal({ state })).toMatchObject([{ name: 'p', origin: 'manual' }]);
  await expect(
    installLocal(device.fileOf(packet), { state, root: '/elsewhere' }),
  ).rejects.toMatchObject({
    code: 'conflict',
  });
  await expect(uninstallLocal('q', { state })).rejects.toMatchObject({ code: 'not-found' });
  await uninstallLocal('p', { state });
  expect(readdirSync(device.root)).toEqual([]);
});

it('a socket below a path that is longer than an address holds is served', async () => {
  const device = createPacketDevice();
  const state = join(temporaryDirectory(), 'x'.repeat(100), 'state');
  mkdirSync(state, { recursive: true });
  await runningAgent(device, state);
  expect(await listLocal({ state })).toEqual([]);
});

it('one state directory belongs to one process', async () => {
  const state = temporaryDirectory();
  const lock = await acquireLock({ state, ...lockParts });
  const refusal = { code: 'state-locked', message: expect.stringContaining(String(process.pid)) };
  await expect(acquireLock({ state, ...lockParts })).rejects.toMatchObject(refusal);
  await lock.release();
  await (await acquireLock({ state, ...lockParts })).release();
});

it('the lock of a killed process is free', async () => {
  const state = temporaryDirectory();
  const script = `
    import { acquireLock } from ${JSON.stringify(join(import.meta.dirname, '../../agent/lock/state-lock.ts'))};
    import { createNodeFiles } from ${JSON.stringify(join(import.meta.dirname, '../../agent/system/node-files.ts'))};
    import { createClock } from ${JSON.stringify(join(import.meta.dirname, '../../agent/system/clock.ts'))};
    await acquireLock({ state: ${JSON.stringify(state)}, files: createNodeFiles(), clock: createClock(), pid: process.pid });
    process.stdout.write('locked');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  await expect(acquireLock({ state, ...lockParts })).rejects.toMatchObject({
    code: 'state-locked',
    members: { pid: child.pid },
  });
  child.kill('SIGKILL');
  await ended;
  await (await acquireLock({ state, ...lockParts })).release();
});

it('a state directory speaks of one root', async () => {
  const device = createPacketDevice();
  const packet = await device.build({ name: 'p', data: { f: 'f' } });
  await installLocal(device.fileOf(packet), placeOf(device));
  await expect(
    uninstallLocal('p', { state: device.state, root: temporaryDirectory() }),
  ).rejects.toMatchObject({
    code: 'bad-config',
  });
});
