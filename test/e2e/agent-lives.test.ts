import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deviceTopic } from '../../proto/topics.ts';
import { type AgentWorld, startWorld } from '../support/agent-world.ts';
import { type AgentProcess, type Finished, until } from '../support/fleet.ts';
import { connectMqtt } from '../support/mqtt-client.ts';
import { listTree, treeDifference } from '../support/tree.ts';

const isRoot = process.getuid?.() === 0;
/** The user "nobody" of most systems. */
const NOBODY = 65534;
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
const program = ({ root }: AgentProcess): string => readFileSync(join(root, 'bin/app'), 'utf8');
const withApp = async (device: string, version = '1'): Promise<AgentProcess> => {
  const agent = await world.join(device);
  await world.want(device, app(version));
  await world.converged(agent);
  return agent;
};

describe('one state directory, one agent', () => {
  it('a second one ends with a sentence, and the first goes on', async () => {
    const first = await withApp('single');
    const second = await world.start('single').running.ended;
    expect(second.status).toBe(1);
    expect(second.stderr).toMatch(
      new RegExp(`process ${first.running.process.pid} uses the state directory .*state-locked`),
    );
    await world.want('single', app('2'));
    await world.converged(first);
    await first.stop('SIGKILL');
    const third = world.start('single');
    await world.want('single', app('1'));
    await world.converged(third);
    expect(program(third)).toBe('1');
  });

  it('of several that start together exactly one stays', async () => {
    const agents = Array.from({ length: 4 }, () => world.start('together'));
    const ended: Finished[] = [];
    for (const { running } of agents) void running.ended.then((end) => ended.push(end));
    await until(() => ended.length === 3);
    expect(ended.map(({ status }) => status)).toEqual([1, 1, 1]);
    expect(ended.every(({ stderr }) => stderr.includes('state-locked'))).toBe(true);
    const left = agents.find(({ running }) => running.process.exitCode === null) as AgentProcess;
    await world.reaches(left, ({ desired }) => desired !== null);
    await world.want('together', app('1'));
    await world.converged(left);
  });

  it('a device that an operator removed keeps what it has and is heard no more', async () => {
    const agent = await withApp('removed');
    const { status, stderr } = await world.server.ctl(['device', 'remove', 'removed']);
    expect(stderr + status).toBe('0');
    await until(
      () => agent.running.stderr().includes('"cause":"credentials"'),
      () => agent.running.stderr(),
    );
    await agent.stop();
    const again = world.start('removed');
    await until(
      () => again.running.stderr().includes('"cause":"credentials"'),
      () => again.running.stderr(),
    );
    expect(program(again)).toBe('1');
    expect((await world.server.api('GET', '/v1/devices/removed')).status).toBe(404);
  });

  it('killed before it could save what it was given, it is taken for what it is, without anybody’s help', async () => {
    const agent = await withApp('cut-short');
    await agent.stop('SIGKILL');
    const identity = join(agent.state, 'identity.json');
    const { device, secret } = JSON.parse(readFileSync(identity, 'utf8'));
    const enrolling = { schema: 'jamesc.enrolling/1', device, secret };
    writeFileSync(join(agent.state, 'enrolling.json'), JSON.stringify(enrolling));
    rmSync(identity);
    const again = world.start('cut-short');
    await world.want('cut-short', app('2'));
    await world.converged(again);
    expect(JSON.parse(readFileSync(identity, 'utf8'))).toMatchObject({ device, secret });
    expect(existsSync(join(agent.state, 'enrolling.json'))).toBe(false);
  });

  it('two devices of one id: the second waits until an operator approves, then the first is out', async () => {
    const first = await withApp('twin');
    const state = world.path('elsewhere', 'state');
    const place = ['--state', state, '--root', world.path('elsewhere', 'root')];
    const second = world.start('twin', { args: place });
    await until(
      () => second.running.stderr().includes('jamesd-ctl device approve twin'),
      () => second.running.stderr(),
    );
    const said = await until(() => {
      const file = join(state, 'status.json');
      const status = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
      return status.phase === 'waiting' && status.reason;
    });
    expect(said).toMatch(/approv/);
    // Until then the first is the device.
    await world.want('twin', app('2'));
    await world.converged(first);
    const { status, stderr } = await world.server.ctl(['device', 'approve', 'twin']);
    expect(stderr + status).toBe('0');
    const installed = join(world.path('elsewhere', 'root'), 'bin/app');
    await until(
      () => existsSync(installed),
      () => second.running.stderr(),
    );
    await until(
      () => first.running.stderr().includes('credentials'),
      () => first.running.stderr(),
    );
    await world.want('twin', app('1'));
    await until(() => readFileSync(installed, 'utf8') === '1');
    expect(program(first)).toBe('2');
  });
});

describe.runIf(isRoot)('a user who is not root', () => {
  it('installs, changes and removes; owners are left out and that is reported', async () => {
    for (const version of ['1', '2'])
      await world.put({
        name: 'owned',
        labels: { version },
        data: { 'opt/owned/file': { text: version, mode: 0o4755 }, 'opt/owned/plain': 'p' },
        owners: { 'opt/owned/file': 33 },
      });
    const home = world.path('humble');
    mkdirSync(home);
    chownSync(home, NOBODY, NOBODY);
    const { token, mqtt } = world.server;
    const operator = await connectMqtt(mqtt, {
      clientId: 'humble-op',
      username: 'token',
      password: token,
    });
    await operator.subscribe(deviceTopic('humble', 'log'));
    const agent = await world.join('humble', { user: NOBODY });
    for (const version of ['1', '2']) {
      await world.want('humble', [{ name: 'owned', labels: { version } }]);
      await world.converged(agent);
      const tree = listTree(agent.root);
      expect(tree['opt/owned/file']).toMatch(new RegExp(`^file 4755 ${NOBODY}:${NOBODY} 1 `));
      expect(readFileSync(join(agent.root, 'opt/owned/file'), 'utf8')).toBe(version);
    }
    const message = await operator.message(deviceTopic('humble', 'log'));
    expect(JSON.parse(String(message.payload))).toMatchObject({
      source: 'owners',
      lines: [expect.stringContaining('not root')],
    });
    await operator.end();
    await world.want('humble', []);
    await world.converged(agent);
    expect(listTree(agent.root)).toEqual({});
  });

  it('where it may not write, it fails with that reason, and goes on when it may', async () => {
    const home = world.path('barred');
    mkdirSync(join(home, 'root', 'bin'), { recursive: true });
    for (const path of [home, join(home, 'root')]) chownSync(path, NOBODY, NOBODY);
    const agent = await world.join('barred', { user: NOBODY });
    await world.want('barred', app('1'));
    const view = await world.reaches(agent, ({ phase }) => phase === 'failed');
    expect(view.reason).toMatch(/EACCES|permission denied/);
    expect(Object.keys(listTree(agent.root))).toEqual(['bin']);
    chownSync(join(home, 'root', 'bin'), NOBODY, NOBODY);
    await world.want('barred', app('2'));
    await world.converged(agent);
    expect(program(agent)).toBe('2');
  });
});

describe('labels of the device', () => {
  it('that change at a start plan it anew', async () => {
    const agent = await withApp('moves');
    const spec = { id: 'harbour', target: { site: 'harbour' }, apps: app('2') };
    await world.server.api('POST', '/v1/apply', { documents: [spec] });
    await agent.stop();
    const again = world.start('moves', { labels: 'site=harbour' });
    await world.reaches(again, ({ labels }) => labels.site === 'harbour');
    await until(
      () => program(again) === '2',
      () => again.running.stderr(),
    );
    expect((await world.converged(again)).labelSources.config).toEqual({ site: 'harbour' });
  });

  it('that would leave it with nothing wait for an operator, who approves', async () => {
    const agent = await withApp('leaver');
    await agent.stop();
    const again = world.start('leaver', { labels: 'unit=nowhere' });
    const held = await world.reaches(again, ({ phase }) => phase === 'waiting');
    expect(held).toMatchObject({ reason: 'removal', converged: false });
    expect(program(again)).toBe('1');
    // Back again in time: nothing waits any more.
    await again.stop();
    const back = world.start('leaver');
    await world.converged(back);
    await back.stop();
    const gone = world.start('leaver', { labels: 'unit=nowhere' });
    await world.reaches(gone, ({ phase }) => phase === 'waiting');
    const { status, stderr } = await world.server.ctl(['device', 'approve-removal', 'leaver']);
    expect(stderr + status).toBe('0');
    await until(
      () => !existsSync(join(gone.root, 'bin')),
      () => gone.running.stderr(),
    );
    await world.converged(gone);
  });
});

describe('by hand', () => {
  const ctl = (agent: AgentProcess, ...args: string[]): Promise<Finished> =>
    world.server.ctl(['packet', ...args, '--root', agent.root, '--state', agent.state]);
  const done = async (agent: AgentProcess, ...args: string[]): Promise<void> => {
    const { status, stderr } = await ctl(agent, ...args);
    expect([status, stderr]).toEqual([0, '']);
  };
  const statuses = async (device: string): Promise<unknown> =>
    (await world.view(device)).reported?.packets
      .map(({ name, status }) => [name, status])
      .sort(([one = ''], [other = '']) => (one < other ? -1 : 1));

  it.each([{ running: true }, { running: false }])(
    'what is installed is reported as manual and left alone, and adopted by a spec (agent running: $running)',
    async ({ running }) => {
      const device = running ? 'hand-running' : 'hand-stopped';
      await world.put({ name: `${device}-tool`, data: { 'bin/tool': 'tool' } });
      let agent = await withApp(device);
      if (!running) await agent.stop();
      await done(agent, 'install', `${device}-tool`);
      expect(readFileSync(join(agent.root, 'bin/tool'), 'utf8')).toBe('tool');
      if (!running) agent = world.start(device);
      await until(async () => JSON.stringify(await statuses(device)).includes('manual'));
      expect(await statuses(device)).toEqual([
        ['app', 'installed'],
        [`${device}-tool`, 'manual'],
      ]);
      await world.want(device, app('2'));
      await world.converged(agent);
      expect(existsSync(join(agent.root, 'bin/tool'))).toBe(true);
      await world.want(device, [...app('2'), { name: `${device}-tool` }]);
      await world.converged(agent);
      expect(await statuses(device)).toEqual([
        ['app', 'installed'],
        [`${device}-tool`, 'installed'],
      ]);
      await world.want(device, app('2'));
      await world.converged(agent);
      expect(existsSync(join(agent.root, 'bin/tool'))).toBe(false);
    },
  );

  it.each([{ running: true }, { running: false }])(
    'what a spec wants comes back after it was removed (agent running: $running)',
    async ({ running }) => {
      const device = running ? 'bare-running' : 'bare-stopped';
      let agent = await withApp(device);
      if (!running) await agent.stop();
      await done(agent, 'uninstall', 'app');
      if (!running) {
        expect(existsSync(join(agent.root, 'bin/app'))).toBe(false);
        agent = world.start(device);
      }
      await until(
        () => existsSync(join(agent.root, 'bin/app')),
        () => agent.running.stderr(),
      );
      await world.converged(agent);
    },
  );

  it('a packet that cannot be installed leaves all as it was, and says why', async () => {
    const agent = await withApp('hand-bad');
    const before = listTree(agent.root);
    const { status, stderr } = await ctl(agent, 'install', 'broken');
    expect([status, stderr]).toEqual([1, expect.stringMatching(/postinst.*status 7/)]);
    expect(treeDifference(listTree(agent.root), before)).toEqual([]);
    const other = await world.server.ctl([
      ...['packet', 'install', 'broken', '--state', agent.state],
      ...['--root', world.path('another-root')],
    ]);
    expect(other.status).toBe(1);
    expect(existsSync(world.path('another-root'))).toBe(false);
  });
});

describe('the server', () => {
  it('being away changes nothing on a device, at its start either', async () => {
    const agent = await withApp('lonely');
    await agent.stop();
    const alone = world.start('lonely', { server: away });
    await until(
      () => alone.running.stderr().includes('Not connected'),
      () => alone.running.stderr(),
    );
    expect(program(alone)).toBe('1');
    await alone.stop();
    expect(program(alone)).toBe('1');
  });

  it('that went back in time is not followed', async () => {
    const agent = await withApp('time');
    const data = world.path('server');
    await world.restartServer('SIGTERM', () =>
      cpSync(data, world.path('backup'), { recursive: true }),
    );
    await world.want('time', app('2'));
    await world.converged(agent);
    const before = (await world.view('time')).reported?.installed?.revision;
    await world.restartServer('SIGTERM', () => {
      rmSync(data, { recursive: true });
      cpSync(world.path('backup'), data, { recursive: true });
    });
    await world.reaches(agent, ({ online }) => online);
    await world.reaches(agent, ({ reported }) => reported?.installed?.revision === before);
    expect(program(agent)).toBe('2');
  });
});
