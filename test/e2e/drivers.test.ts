import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AgentWorld, startWorld } from '../support/agent-world.ts';
import { AB_IMAGE, putAbImage } from '../support/external-driver.ts';
import type { AgentProcess } from '../support/fleet.ts';

let world: AgentWorld;
let agent: AgentProcess;

beforeAll(async () => {
  world = await startWorld();
  await upload('1', 'works: version 1');
  await upload('2', 'broken: version 2');
  putAbImage(world.path('drivers'), world.path('device', 'root'));
  await world.want('device', image('1'));
  agent = await world.join('device', { args: ['--drivers', world.path('drivers')] });
});
afterAll(() => world?.stop());

const image = (version: string) => [{ name: 'system-image', labels: { version } }];
const slots = (...path: string[]): string => world.path('device', 'root/var/lib/ab-image', ...path);
const inUse = (): string => readFileSync(slots('current'), 'utf8').trim();

/** The packet of the worked example in another version. */
async function upload(version: string, text: string): Promise<void> {
  const directory = world.path(`image-${version}`);
  cpSync(join(AB_IMAGE, 'packet'), directory, { recursive: true });
  const control = join(directory, 'control.yaml');
  writeFileSync(
    control,
    readFileSync(control, 'utf8').replace('version: "1"', `version: "${version}"`),
  );
  mkdirSync(join(directory, 'data'), { recursive: true });
  writeFileSync(join(directory, 'data/image.img'), `${text}\n`);
  await world.server.ctlJson(['packet', 'build', directory, '-f', `${directory}.jpk`]);
  await world.server.ctlJson(['packet', 'upload', `${directory}.jpk`]);
}

it('a device with the driver gets the image, and tells which drivers it has', async () => {
  await world.converged(agent);
  expect(inUse()).toBe('works: version 1');
  expect(JSON.stringify(await world.view('device'))).toContain('"drivers":"ab-image"');
});

it('one that is not well is put back, and left alone until something changes', async () => {
  await world.want('device', image('2'));
  const back = await world.reaches(agent, ({ phase }) => phase === 'rolled-back');
  expect(back.reason).toContain('the image in slot b is not well');
  expect(back.reported).toMatchObject({ retryAt: null });
  expect(inUse()).toBe('works: version 1');
  expect(existsSync(join(agent.state, 'drivers/ab-image/state/open'))).toBe(false);
});

it('is tried again when a person asks for it', async () => {
  const config = world.path('device', 'root/etc/ab-image.conf');
  writeFileSync(config, `${readFileSync(config, 'utf8')}health=true\n`);
  const { status, stderr } = await world.server.ctl(['device', 'retry', 'device']);
  expect(stderr + status).toBe('0');
  await world.converged(agent);
  expect(inUse()).toBe('broken: version 2');
});

it('goes with its line, and a device without the driver says what it lacks', async () => {
  await world.want('device', []);
  await world.converged(agent);
  expect(existsSync(slots('current'))).toBe(false);
  await world.want('bare', image('1'));
  const bare = await world.join('bare');
  const view = await world.reaches(bare, ({ reason }) => reason?.includes('driver') === true);
  expect(view.reason).toContain('ab-image');
  expect(existsSync(world.path('bare', 'root/var'))).toBe(false);
});
