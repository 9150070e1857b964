import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentWorld, leftovers, startWorld } from '../support/agent-world.ts';
import { craftedPacket } from '../support/crafted-packet.ts';
import type { AgentProcess } from '../support/fleet.ts';
import { putContent } from '../support/packet-device.ts';
import { listTree, treeDifference } from '../support/tree.ts';

const isRoot = process.getuid?.() === 0;
let world: AgentWorld;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.stop());

const rootOf = (device: string): string => world.path(device, 'root');
const text = ({ root }: AgentProcess, path: string): string =>
  readFileSync(join(root, path), 'utf8');
const tree = (root: string) => listTree(root, { owners: isRoot });
/** A device with these things of nobody on it. */
const startOn = (
  device: string,
  content: Parameters<typeof putContent>[1] = {},
): Promise<AgentProcess> => {
  mkdirSync(rootOf(device), { recursive: true });
  putContent(rootOf(device), content);
  return world.join(device);
};

describe('two packets that own one path', () => {
  it('are reported before anything is touched, and the device keeps what it had', async () => {
    await world.put({ name: 'x', data: { 'etc/shared': 'of x', 'etc/x': 'x' } });
    await world.put({ name: 'y', data: { 'etc/shared': 'of y', 'etc/y': 'y' } });
    await world.put({ name: 'z', data: { 'etc/z': 'z' } });
    const agent = await startOn('owners');
    await world.want('owners', [{ name: 'x' }]);
    await world.converged(agent);
    const before = tree(agent.root);
    await world.want('owners', [{ name: 'x' }, { name: 'y' }, { name: 'z' }]);
    const view = await world.reaches(agent, ({ phase }) => phase === 'failed');
    expect(view.reason).toMatch(/packets x and y both own \/etc\/shared/);
    expect(view).toMatchObject({ converged: false, reported: { retryAt: null } });
    expect(view.reported?.packets).toEqual([
      expect.objectContaining({ name: 'x', status: 'installed', error: view.reason }),
      expect.objectContaining({ name: 'y', status: 'failed', error: view.reason }),
    ]);
    expect(treeDifference(tree(agent.root), before)).toEqual([]);
    await world.want('owners', [{ name: 'y' }, { name: 'z' }]);
    await world.converged(agent);
    expect(text(agent, 'etc/shared')).toBe('of y');
    expect(readdirSync(join(agent.root, 'etc')).sort()).toEqual(['shared', 'y', 'z']);
  });
});

describe('what is on the device already', () => {
  it('gives way and comes back as it was: files, links, modes, owners, times', async () => {
    await world.put({
      name: 'motd',
      data: {
        'etc/motd': 'theirs',
        'etc/link': 'a file',
        'etc/to-directory/x': 'x',
        'etc/loop': { link: '../usr' },
      },
    });
    const agent = await startOn('guest', {
      'etc/motd': { text: 'mine', mode: 0o4750, time: 1_400_000_000 },
      'etc/link': { link: 'nowhere', time: 1_400_000_000 },
      'etc/to-directory': 'a file',
      'etc/loop': { link: 'loop' },
    });
    const before = tree(agent.root);
    await world.want('guest', [{ name: 'motd' }]);
    await world.converged(agent);
    expect(text(agent, 'etc/motd') + text(agent, 'etc/to-directory/x')).toBe('theirsx');
    await world.want('guest', []);
    await world.converged(agent);
    expect(treeDifference(tree(agent.root), before)).toEqual([]);
    expect(readdirSync(join(agent.state, 'kept'))).toEqual([]);
  });

  it('a directory of nobody is not replaced by a file', async () => {
    await world.put({ name: 'flat', data: { 'srv/data': 'a file', 'srv/other': 'o' } });
    const agent = await startOn('full', { 'srv/data/precious': 'precious' });
    const before = tree(agent.root);
    await world.want('full', [{ name: 'flat' }]);
    const { reason } = await world.reaches(agent, ({ phase }) => phase === 'failed');
    expect(reason).toContain('/srv/data');
    expect(treeDifference(tree(agent.root), before)).toEqual([]);
  });

  it('a configuration file that was changed stays, with the new one beside it', async () => {
    for (const version of ['1', '2']) {
      await world.put({
        name: 'conf',
        labels: { version },
        config: ['/etc/conf'],
        data: { 'etc/conf': `version ${version}` },
      });
    }
    const want = (version: string) => world.want('conf', [{ name: 'conf', labels: { version } }]);
    const agent = await startOn('conf');
    await want('1');
    await world.converged(agent);
    writeFileSync(join(agent.root, 'etc/conf'), 'mine');
    await want('2');
    await world.converged(agent);
    expect(text(agent, 'etc/conf')).toBe('mine');
    expect(text(agent, 'etc/conf.jamesd-new')).toBe('version 2');
    await world.want('conf', []);
    await world.converged(agent);
    expect(Object.keys(tree(agent.root))).toEqual(['etc', 'etc/conf']);
  });

  it('a merged /usr stays merged, and what a packet has below /lib arrives in usr/lib', async () => {
    await world.put({
      name: 'merged',
      data: { lib: { directory: 0o755 }, 'lib/x.so': 'x', 'bin/tool': 'tool', 'sbin/ln': 'l' },
    });
    const agent = await startOn('merged', {
      'usr/lib/other': 'o',
      'usr/bin': { directory: 0o755 },
      lib: { link: 'usr/lib' },
      bin: { link: '/usr/bin' },
      sbin: { link: 'bin' },
    });
    const before = tree(agent.root);
    await world.want('merged', [{ name: 'merged' }]);
    await world.converged(agent);
    expect(text(agent, 'usr/lib/x.so')).toBe('x');
    // An absolute link counts from the device's root, not from the machine's.
    expect(readdirSync(join(agent.root, 'usr/bin')).sort()).toEqual(['ln', 'tool']);
    expect(existsSync('/usr/bin/ln-of-merged')).toBe(false);
    await world.want('merged', []);
    await world.converged(agent);
    expect(treeDifference(tree(agent.root), before)).toEqual([]);
  });

  it.each([
    { device: 'climb', link: '../outside', from: 'root' },
    { device: 'climb-high', link: '../../../../../../../../etc', from: 'root' },
  ])('a link to $link does not lead out of the root', async ({ device, link }) => {
    await world.put({ name: device, data: { 'door/in': 'written through the link' } });
    mkdirSync(world.path(device, 'outside'), { recursive: true });
    const agent = await startOn(device, { door: { link } });
    await world.want(device, [{ name: device }]);
    const { reason } = await world.reaches(agent, ({ phase }) => phase === 'failed');
    expect(reason).toMatch(/\/door.*leaves the root/);
    expect(readdirSync(world.path(device, 'outside'))).toEqual([]);
    expect(existsSync('/etc/in')).toBe(false);
    expect(Object.keys(tree(agent.root))).toEqual(['door']);
  });

  it('a script that puts a link where a directory was leads nothing out of the root', async () => {
    const outside = world.path('swapped-outside');
    mkdirSync(outside);
    await world.put({
      name: 'swapped',
      data: { 'opt/here/file': 'f' },
      scripts: {
        preinst: `#!/bin/sh\nrm -rf "$JAMESD_ROOT/opt/here"; ln -s ${outside} "$JAMESD_ROOT/opt/here"\n`,
      },
    });
    const agent = await startOn('swapped', { 'opt/here/mine': 'm' });
    await world.want('swapped', [{ name: 'swapped' }]);
    const { reason } = await world.reaches(agent, ({ phase }) => phase === 'rolled-back');
    expect(reason).toContain('/opt/here');
    expect(readdirSync(outside)).toEqual([]);
  });
});

describe('what changes its kind', () => {
  const kinds = ['file', 'link', 'directory', 'nothing'] as const;
  const content = {
    file: { 'k/thing': { text: 'file', mode: 0o4711 } },
    link: { 'k/thing': { link: 'else' } },
    directory: { 'k/thing/in/x': 'x', 'k/thing/y': { text: 'y', mode: 0o2755 } },
    nothing: { 'k/other': 'o' },
  };

  it('goes from every kind to every other, exactly', async () => {
    for (const kind of kinds)
      await world.put({ name: 'kind', labels: { kind }, data: content[kind] });
    const agent = await startOn('kinds');
    for (const to of [
      'file',
      'link',
      'file',
      'directory',
      'link',
      'nothing',
      'link',
      'directory',
      'file',
      'nothing',
      'file',
    ] as const) {
      await world.want('kinds', [{ name: 'kind', labels: { kind: to } }]);
      await world.converged(agent);
      const want = world.path('kinds', `want-${to}`);
      rmSync(want, { recursive: true, force: true });
      putContent(want, content[to]);
      expect(treeDifference(tree(agent.root), tree(want)), to).toEqual([]);
    }
    expect(leftovers(agent.root)).toEqual([]);
  });

  it('changes that come faster than they can be carried out end with the last one', async () => {
    const lib = Object.fromEntries(
      Array.from({ length: 60 }, (_, n) => [`opt/hasty/lib-${n}`, `lib ${n}`]),
    );
    for (const version of ['1', '2', '3'])
      await world.put({
        name: 'hasty',
        labels: { version },
        data: { ...lib, 'opt/hasty/version': version, [`opt/hasty/only-${version}`]: 'o' },
      });
    const agent = await startOn('hasty');
    for (const version of ['1', '2', '3', '1', '3', '2', '1', '2', '3', '2'])
      await world.want('hasty', [{ name: 'hasty', labels: { version } }]);
    await world.converged(agent);
    const names = readdirSync(join(agent.root, 'opt/hasty'));
    expect(names.sort()).toEqual(
      [...Object.keys(lib).map((path) => path.slice(10)), 'only-2', 'version'].sort(),
    );
    expect(text(agent, 'opt/hasty/version')).toBe('2');
    expect(readdirSync(join(agent.state, 'installed'))).toHaveLength(1);
  });

  it('a program is replaced while it runs, and the old one runs on', async () => {
    for (const version of ['1', '2']) {
      const script = `#!/bin/sh\necho ${version}\n`;
      await world.put({
        name: 'prog',
        labels: { version },
        data: { 'bin/prog': { text: script, mode: 0o755 } },
      });
    }
    const agent = await startOn('running');
    await world.want('running', [{ name: 'prog', labels: { version: '1' } }]);
    await world.converged(agent);
    const program = join(agent.root, 'bin/prog');
    writeFileSync(program, readFileSync('/bin/sleep'));
    const child = spawn(program, ['600']);
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    await world.want('running', [{ name: 'prog', labels: { version: '2' } }]);
    await world.converged(agent);
    expect(text(agent, 'bin/prog')).toContain('echo 2');
    expect(child.exitCode).toBe(null);
    child.kill();
  });
});

describe('packet files made to harm', () => {
  it('are refused by the server, and nothing arrives', async () => {
    const bad = [
      craftedPacket([{ name: 'data/../../x', body: 'x' }]),
      craftedPacket([{ name: 'data/dev', type: '3' }]),
      craftedPacket([
        { name: 'data/l', type: '2', linkName: '/etc' },
        { name: 'data/l/x', body: 'x' },
      ]),
      craftedPacket([{ name: 'data/h', type: '1', linkName: '/etc/passwd' }]),
    ];
    for (const bytes of bad)
      await expect(world.putBytes(bytes)).rejects.toThrow(/bad-packet|unsafe/);
  });
});

describe('a spec that comes to a conflict', () => {
  it('keeps the packet that is installed, with its prerequisites, and the rest goes on', async () => {
    await world.put({ name: 'lib', data: { 'lib/lib': '1' } });
    for (const version of ['1', '2'])
      await world.put({
        name: 'app',
        labels: { version },
        depends: ['lib'],
        data: { 'bin/app': version },
      });
    await world.put({ name: 'rest', data: { 'bin/rest': 'r' } });
    const agent = await startOn('keeper');
    await world.want('keeper', [{ name: 'app', labels: { version: '1' } }]);
    await world.converged(agent);
    const other = {
      id: 'keeper-2',
      target: { unit: 'keeper' },
      apps: [{ name: 'app', labels: { version: '2' } }, { name: 'rest' }],
    };
    const { status } = await world.server.api('POST', '/v1/apply', { documents: [other] });
    expect(status).toBe(200);
    const view = await world.reaches(agent, () => existsSync(join(agent.root, 'bin/rest')));
    expect(text(agent, 'bin/app') + text(agent, 'lib/lib')).toBe('11');
    expect(view.desired?.problems).toEqual([
      expect.objectContaining({ code: 'conflict', name: 'app' }),
    ]);
    const converged = await world.converged(agent);
    expect(converged.reported?.packets.map(({ name }) => name).sort()).toEqual([
      'app',
      'lib',
      'rest',
    ]);
  });
});
