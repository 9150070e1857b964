import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AgentWorld, startWorld } from '../support/agent-world.ts';
import { until } from '../support/fleet.ts';

let world: AgentWorld;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.stop());

it('a newer desired state waits for a change that is being applied, and follows it', async () => {
  const [runs, go] = [world.path('runs'), world.path('go')];
  const noted = (what: string): string => `#!/bin/sh\necho ${what} >> ${runs}\n`;
  await world.put({
    name: 'slow',
    labels: { version: '1' },
    data: { 'opt/slow': '1' },
    scripts: {
      postinst: `${noted('begun')}until test -e ${go}; do sleep 0.05; done\necho ended >> ${runs}\n`,
      prerm: noted('prerm'),
    },
  });
  await world.put({ name: 'next', data: { 'opt/next': 'n' }, scripts: { preinst: noted('next') } });
  const agent = await world.join('busy');
  await world.want('busy', [{ name: 'slow', labels: { version: '1' } }]);
  await until(() => existsSync(runs));
  await world.want('busy', [{ name: 'next' }]);
  const wanted = (await world.view('busy')).desired?.revision;
  await world.reaches(agent, ({ reported }) => reported?.seen?.revision === wanted);
  expect(readFileSync(runs, 'utf8')).toBe('begun\n');
  expect(readFileSync(join(agent.root, 'opt/slow'), 'utf8')).toBe('1');
  writeFileSync(go, '');
  await world.converged(agent);
  // It was not taken back half-way: it ended, and was then removed as what is not wanted any more.
  const ran = readFileSync(runs, 'utf8').trim().split('\n');
  expect(ran.slice(0, 2)).toEqual(['begun', 'ended']);
  expect(ran.slice(2).sort()).toEqual(['next', 'prerm']);
  expect(existsSync(join(agent.root, 'opt/slow'))).toBe(false);
  expect(existsSync(join(agent.root, 'opt/next'))).toBe(true);
});
