import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deviceTopic } from '../../proto/topics.ts';
import { type AgentWorld, leftovers, startWorld } from '../support/agent-world.ts';
import { type AgentProcess, until } from '../support/fleet.ts';
import { connectMqtt } from '../support/mqtt-client.ts';
import { listTree, treeDifference } from '../support/tree.ts';

const names = ['preinst', 'postinst', 'prerm', 'postrm'] as const;
type Name = (typeof names)[number];

/** Scripts that write down who they are and what they are told, and do what `does` says. */
const telling = (version: string, does: Partial<Record<Name, string>> = {}) =>
  Object.fromEntries(
    names.map((name) => [
      name,
      `#!/bin/sh
echo "${version} ${name}: $JAMESD_ACTION $JAMESD_PACKET '$JAMESD_OLD_VERSION' '$JAMESD_NEW_VERSION' $(pwd)" >> "$JAMESD_ROOT/../told"
${does[name] ?? ':'}
`,
    ]),
  );

let world: AgentWorld;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.stop());

const told = (device: string): string[] => {
  const file = world.path(device, 'told');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  writeFileSync(file, '');
  return lines.filter((line) => line !== '');
};
/** Uploads two versions of a packet; the scripts of the first do `old`, those of the second `fresh`. */
const putBoth = async (
  name: string,
  old: Partial<Record<Name, string>>,
  fresh: Partial<Record<Name, string>>,
): Promise<void> => {
  for (const [version, does] of [
    ['1', old],
    ['2', fresh],
  ] as const)
    await world.put({
      name,
      labels: { version },
      data: { [`opt/${name}/program`]: version, [`opt/${name}/v${version}`]: version },
      scripts: telling(version, does),
    });
};
const want = (name: string, version: string): Promise<void> =>
  world.want(name, [{ name, labels: { version } }]);
/** A device that has the first version. */
const withFirst = async (name: string): Promise<AgentProcess> => {
  mkdirSync(world.path(name), { recursive: true });
  const agent = await world.join(name);
  await want(name, '1');
  await world.converged(agent);
  return agent;
};

const pidIn = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');

describe('scripts', () => {
  it('run in order, in /, and are told what happens; what they write comes over the log topic', async () => {
    await putBoth('order', {}, { postinst: 'echo hello from postinst; echo and a complaint >&2' });
    const { token, mqtt } = world.server;
    const operator = await connectMqtt(mqtt, {
      clientId: 'op',
      username: 'token',
      password: token,
    });
    await operator.subscribe(deviceTopic('order', 'log'));
    const agent = await withFirst('order');
    expect(told('order')).toEqual([
      "1 preinst: install order '' '1' /",
      "1 postinst: install order '' '1' /",
    ]);
    await want('order', '2');
    await world.converged(agent);
    expect(told('order')).toEqual([
      "1 prerm: upgrade order '1' '2' /",
      "2 preinst: upgrade order '1' '2' /",
      "1 postrm: upgrade order '1' '2' /",
      "2 postinst: upgrade order '1' '2' /",
    ]);
    const message = await operator.message(deviceTopic('order', 'log'));
    expect(JSON.parse(String(message.payload))).toEqual({
      schema: 'jamesd.log/1',
      source: 'order postinst',
      lines: ['hello from postinst', 'and a complaint'],
    });
    await world.want('order', []);
    await world.converged(agent);
    expect(told('order')).toEqual([
      "2 prerm: remove order '2' '' /",
      "2 postrm: remove order '2' '' /",
    ]);
    await operator.end();
  });

  it.each([
    { name: 'bad-old-prerm', old: { prerm: 'echo no; exit 3' }, fresh: {}, undone: ['1 postinst'] },
    {
      name: 'bad-preinst',
      old: {},
      fresh: { preinst: 'echo no; exit 3' },
      undone: ['2 postrm', '1 postinst'],
    },
    {
      name: 'bad-old-postrm',
      old: { postrm: 'echo no; exit 3' },
      fresh: {},
      undone: ['1 preinst', '2 postrm', '1 postinst'],
    },
    {
      name: 'bad-postinst',
      old: {},
      fresh: { postinst: 'echo no; exit 3' },
      undone: ['2 prerm', '1 preinst', '2 postrm', '1 postinst'],
    },
  ])('an upgrade is undone: $name', async ({ name, old, fresh, undone }) => {
    await putBoth(name, old, fresh);
    const agent = await withFirst(name);
    const before = listTree(agent.root);
    told(name);
    await want(name, '2');
    const view = await world.reaches(agent, ({ phase }) => phase === 'rolled-back');
    expect(view.reason).toMatch(
      /The script (preinst|postinst|prerm|postrm) of the packet .* ended with status 3: no/,
    );
    expect(view.reported?.packets).toMatchObject([
      { name, status: 'installed', error: view.reason },
    ]);
    expect(view.reported?.installed?.revision).not.toBe(view.desired?.revision);
    expect(treeDifference(listTree(agent.root), before)).toEqual([]);
    const lines = told(name);
    const back = lines.filter((line) => line.includes(': undo '));
    expect(back.map((line) => line.split(':')[0])).toEqual(undone);
    expect(leftovers(agent.root)).toEqual([]);
    expect(existsSync(join(agent.state, 'journal'))).toBe(false);
  });

  it('a packet whose prerm fails is not removed, and what else was to change neither', async () => {
    await putBoth('stays', { prerm: 'exit 1' }, {});
    await world.put({ name: 'beside', data: { 'opt/beside': 'b' } });
    const agent = await withFirst('stays');
    await world.want('stays', [{ name: 'beside' }]);
    const view = await world.reaches(agent, ({ phase }) => phase === 'rolled-back');
    expect(view.reason).toContain('prerm');
    expect(existsSync(join(agent.root, 'opt/stays/program'))).toBe(true);
    expect(existsSync(join(agent.root, 'opt/beside'))).toBe(false);
  });

  it('one that kills the agent leaves the old version after the next start, and a better one arrives', async () => {
    await putBoth('murder', {}, { postinst: 'kill -9 $PPID' });
    await world.put({ name: 'murder', labels: { version: '3' }, data: { 'opt/murder/v3': '3' } });
    const agent = await withFirst('murder');
    const before = listTree(agent.root);
    await want('murder', '2');
    await agent.running.ended;
    const again = world.start('murder');
    const view = await world.reaches(again, ({ phase }) => phase === 'rolled-back');
    expect(view.reason).toContain('stopped in the middle');
    expect(treeDifference(listTree(again.root), before)).toEqual([]);
    await want('murder', '3');
    await world.converged(again);
    expect(Object.keys(listTree(again.root))).toEqual(['opt', 'opt/murder', 'opt/murder/v3']);
  });

  it('one that hangs does not keep the agent from its end when it is asked twice', async () => {
    await putBoth('hang', {}, { preinst: 'echo $$ > "$JAMESD_ROOT/../hangs"; exec sleep 600' });
    const agent = await withFirst('hang');
    const before = listTree(agent.root);
    await want('hang', '2');
    const pid = await until(() => Number(pidIn(world.path('hang', 'hangs'))) || undefined);
    agent.running.process.kill('SIGTERM');
    await until(() => {
      agent.running.process.kill('SIGTERM');
      return agent.running.process.signalCode !== null || agent.running.process.exitCode !== null;
    });
    process.kill(pid, 'SIGKILL');
    const again = world.start('hang');
    await world.reaches(again, ({ phase }) => phase === 'rolled-back');
    expect(treeDifference(listTree(again.root), before)).toEqual([]);
  });
});
