import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentWorld, startWorld } from '../support/agent-world.ts';
import type { Finished } from '../support/fleet.ts';
import { listTree } from '../support/tree.ts';

const away = { http: 'http://127.0.0.1:1', mqtt: 'mqtt://127.0.0.1:1' };

let world: AgentWorld;
beforeAll(async () => {
  world = await startWorld();
  for (const version of ['1', '2'])
    await world.put({ name: 'app', labels: { version }, data: { 'bin/app': version } });
  await world.put({
    name: 'broken',
    data: { broken: 'b' },
    scripts: { postinst: '#!/bin/sh\nexit 7\n' },
  });
});
afterAll(() => world?.stop());

const app = (version: string) => [{ name: 'app', labels: { version } }];

describe('run --once', () => {
  const once = (device: string, options = {}): Promise<Finished> =>
    world.start(device, { args: ['--once'], ...options }).running.ended;

  it('ends with 0 when the device has converged, on nothing and on something', async () => {
    expect((await once('once')).status).toBe(0);
    await world.want('once', app('1'));
    const { status, stderr } = await once('once');
    expect([status, stderr]).toEqual([0, expect.stringContaining('Converged')]);
    expect(readFileSync(world.path('once', 'root', 'bin/app'), 'utf8')).toBe('1');
    expect((await world.view('once')).converged).toBe(true);
  });

  it.each(['mqtt', 'http'])('converges on what follows from other labels over %s', async (way) => {
    const device = `once-moves-${way}`;
    const program = world.path(device, 'root', 'bin/app');
    for (const version of ['1', '2'])
      await world.want(`${device}-${version}`, app(version), { target: { [way]: version } });
    for (const version of ['1', '2', '1', '2']) {
      const labels = `${way}=${version}`;
      const options = { labels, ...(way === 'http' && { mqtt: 'off' }) };
      expect((await once(device, options)).status).toBe(0);
      expect(readFileSync(program, 'utf8')).toBe(version);
    }
  });

  it('ends with 3 while what the device would lose has to be approved', async () => {
    await once('once-loses');
    await world.want('once-loses', app('1'));
    expect((await once('once-loses')).status).toBe(0);
    expect((await once('once-loses', { labels: 'unit=none' })).status).toBe(3);
    expect((await once('once-loses', { labels: 'unit=none' })).status).toBe(3);
    expect((await once('once-loses')).status).toBe(0);
  });

  it('ends with 1 when it failed and was undone', async () => {
    await once('once-bad');
    await world.want('once-bad', [...app('1'), { name: 'broken' }]);
    expect((await once('once-bad')).status).toBe(1);
    expect(listTree(world.path('once-bad', 'root'))).toEqual({});
    expect((await world.view('once-bad')).phase).toBe('rolled-back');
  });

  it('ends with 1 when an unknown device finds no server', async () => {
    const { status, stderr } = await once('once-alone', { server: away });
    expect([status, stderr]).toEqual([1, expect.stringContaining('server')]);
  });

  it('ends with 3 when an operator has to approve', async () => {
    await once('once-twin');
    const state = ['--state', world.path('once-twin', 'other-state')];
    const args = ['--once', ...state];
    expect((await once('once-twin', { args })).status).toBe(3);
  });

  it('ends with 2 on wrong usage, and with a sentence', async () => {
    const { status, stderr } = await once('once', { args: ['--once', '--labels', 'a=b=c'] });
    expect([status, stderr]).toEqual([2, expect.stringContaining('--labels')]);
  });
});
