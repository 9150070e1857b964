import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentWorld, startWorld } from '../support/agent-world.ts';
import { listTree, treeDifference } from '../support/tree.ts';

let world: AgentWorld;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.stop());

describe('a change of how a device goes about it', () => {
  it('converges without touching anything', async () => {
    const runs = world.path('runs');
    const script = `#!/bin/sh\necho "$0" >> ${runs}\n`;
    const scripts = { preinst: script, postinst: script, prerm: script, postrm: script };
    await world.put({ name: 'tool', data: { 'etc/tool': 'tool' }, scripts });
    const agent = await world.join('quiet');
    await world.want('quiet', [{ name: 'tool' }]);
    const first = await world.converged(agent);
    const before = listTree(agent.root);
    const ran = readFileSync(runs, 'utf8');
    const policy = {
      windows: { blackout: ['2020-01-01'] },
      inhibit: { file: '/no/such/file' },
      health: { checks: [{ command: 'true' }] },
      drift: 'repair',
      reboot: 'never',
    };
    await world.want('quiet', [{ name: 'tool' }], policy);
    const second = await world.converged(agent);
    expect(second.desired?.revision).toBe((first.desired?.revision ?? 0) + 1);
    expect(second.desired?.digest).not.toBe(first.desired?.digest);
    expect(treeDifference(listTree(agent.root), before)).toEqual([]);
    expect(readFileSync(runs, 'utf8')).toBe(ran);
  });
});

describe('jamesd-ctl device retry', () => {
  it('lets a device try what had failed for good', async () => {
    const ready = world.path('ready');
    const scripts = { postinst: `#!/bin/sh\ntest -e ${ready}\n` };
    await world.put({ name: 'late', data: { 'etc/late': 'late' }, scripts });
    const agent = await world.join('late');
    await world.want('late', [{ name: 'late' }]);
    const failed = await world.reaches(agent, ({ phase }) =>
      ['failed', 'rolled-back'].includes(phase),
    );
    writeFileSync(ready, '');
    const answer = await world.server.ctlJson(['device', 'retry', '-l', 'unit=late']);
    expect(answer).toMatchObject({ asked: 1, devices: [{ id: 'late', asked: true }] });
    const after = await world.converged(agent);
    expect(after.desired?.digest).toBe(failed.desired?.digest);
    expect(after.desired?.revision).toBeGreaterThan(failed.desired?.revision ?? 0);
    expect(existsSync(`${agent.root}/etc/late`)).toBe(true);
  });
});
