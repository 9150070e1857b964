import { unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { check } from '../../../agent/commands/check-command.ts';
import { openHolds } from '../../../agent/gates/holds.ts';
import { acquireLock } from '../../../agent/lock/state-lock.ts';
import { createLocalServer } from '../../../agent/socket/local-server.ts';
import { createClock } from '../../../agent/system/clock.ts';
import { createNodeFiles } from '../../../agent/system/node-files.ts';
import { silentLog } from '../../../proto/log.ts';
import { createPacketDevice, type PacketDevice } from '../../support/packet-device.ts';

const files = createNodeFiles();
const clock = createClock();

async function prepare(): Promise<PacketDevice> {
  const device = createPacketDevice();
  const data = { 'opt/a/one': '1', 'opt/a/two': '2' };
  await device.converge([await device.build({ name: 'a', data })]);
  return device;
}

/** Status and text of a check. */
async function run({ root, state }: PacketDevice, format: 'text' | 'json' = 'text') {
  const out: string[] = [];
  const status = await check({ root, state, format }, (text) => void out.push(text));
  return { status, out: out.join('') };
}

it('without an agent it looks itself: a line per path and status 1, nothing and 0 where all is right', async () => {
  const device = await prepare();
  expect(await run(device)).toEqual({ status: 0, out: '' });
  writeFileSync(join(device.root, 'opt/a/one'), 'x');
  unlinkSync(join(device.root, 'opt/a/two'));
  expect(await run(device)).toEqual({
    status: 1,
    out: 'a: /opt/a/one was changed\na: /opt/a/two is missing\n',
  });
  const { status, out } = await run(device, 'json');
  expect(status).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    packets: [{ name: 'a', status: 'modified', count: 2, paths: [{ path: '/opt/a/one' }, {}] }],
    packages: [],
  });
});

it('while another program has the state directory it says who', async () => {
  const device = await prepare();
  const lock = await acquireLock({ state: device.state, files, clock, pid: 4711 });
  onTestFinished(lock.release);
  await expect(run(device)).rejects.toMatchObject({ code: 'state-locked' });
});

it('through a running agent it waits for what that finds, which the agent then reports', async () => {
  const device = await prepare();
  const { state } = device;
  const { local, transactions } = device.parts();
  let told = 0;
  const server = createLocalServer({
    ...{ state, files, local, log: silentLog },
    holds: await openHolds({ files, state, clock, log: silentLog }),
    onChanged: () => {
      told += 1;
    },
  });
  await server.start();
  onTestFinished(() => server.stop());
  writeFileSync(join(device.root, 'opt/a/one'), 'x');
  expect(await run(device)).toEqual({ status: 1, out: 'a: /opt/a/one was changed\n' });
  expect(told).toBe(1);
  expect((await transactions.installed()).packets).toMatchObject([
    { name: 'a', status: 'modified', error: '/opt/a/one was changed.' },
  ]);
});
