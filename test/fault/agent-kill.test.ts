import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AgentWorld,
  leftovers,
  type OwnedPacket,
  putOwned,
  startWorld,
} from '../support/agent-world.ts';
import { type AgentProcess, until } from '../support/fleet.ts';
import { type Content, putContent } from '../support/packet-device.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { listTree, type TreeListing, treeDifference } from '../support/tree.ts';

const isRoot = process.getuid?.() === 0;
const isFull = process.env.JAMESD_FULL !== undefined;
const seed = Number(process.env.JAMESD_SEED ?? 20260101);
const kills = isFull ? 300 : 25;

const many = (count: number, text: string): Record<string, Content> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, n) => [`opt/many/${n % 7}/file-${n}`, `${text} ${n}`]),
  );

const ofNobody: Record<string, Content> = {
  'etc/motd': { text: 'of nobody', mode: 0o640 },
  'usr/share/of-nobody': 'n',
  taken: { link: 'usr' },
};
const one: OwnedPacket = {
  name: 'a',
  labels: { version: '1' },
  config: ['/etc/a.conf'],
  data: {
    ...many(120, 'one'),
    'etc/a.conf': 'one',
    'usr/bin/a': { text: 'a1', mode: 0o4755 },
    'usr/bin/again': { same: 'usr/bin/a' },
    'to-link/inner/x': 'x',
    'to-directory': 'file',
    'moves/over': 'from a',
  },
  ...(isRoot && { owners: { 'etc/a.conf': 33, 'usr/bin/a': 7 } }),
};
const gone: OwnedPacket = { name: 'gone', data: { 'etc/motd': 'theirs', 'opt/gone/x/y/z': 'z' } };
const two: OwnedPacket = {
  name: 'a',
  labels: { version: '2' },
  config: ['/etc/a.conf'],
  data: {
    ...many(150, 'two'),
    'etc/a.conf': 'two',
    'usr/bin/a': { text: 'a2', mode: 0o2755 },
    'to-link': { link: 'usr' },
    'to-directory/inside/x': 'x',
    'usr/lib/a': { link: '../bin/a' },
  },
  scripts: { preinst: '#!/bin/sh\nexit 0\n', postinst: '#!/bin/sh\nexit 0\n' },
  ...(isRoot && { owners: { 'usr/bin/a': 33, 'usr/lib/a': 33 } }),
};
const last: OwnedPacket = {
  name: 'b',
  depends: ['a'],
  data: { 'moves/over': 'to b', taken: 'taken by b' },
};

/** What a device can be asked to have: nothing, or one of two sets. */
const states: readonly (readonly OwnedPacket[])[] = [[], [one, gone], [two, last]];

describe(`an agent that is killed at any moment (seed ${seed}, ${kills} kills)`, () => {
  const random = seededRandom(seed);
  const device = 'mortal';
  let world: AgentWorld;
  let agent: AgentProcess;
  let trees: TreeListing[];
  let slowest = 0;

  const listing = (root: string): TreeListing => listTree(root, { owners: isRoot });
  const expectedTree = (packets: readonly OwnedPacket[], n: number): TreeListing => {
    const root = world.path('expected', String(n));
    const theirs = packets.flatMap(({ data = {} }) => Object.keys(data));
    putContent(root, {
      ...Object.fromEntries(Object.entries(ofNobody).filter(([path]) => !theirs.includes(path))),
    });
    for (const { data = {}, owners } of packets) putOwned(root, data, owners);
    return listing(root);
  };
  const want = (state: number): Promise<void> =>
    world.want(
      device,
      (states[state] ?? []).map(({ name, labels = {} }) => ({ name, labels })),
    );

  /** The agent itself recovers while the server is away and there is nothing to go on with. */
  const recoverByAgent = async (): Promise<void> => {
    rmSync(join(agent.state, 'downloads'), { recursive: true, force: true });
    const away = { http: 'http://127.0.0.1:1', mqtt: 'mqtt://127.0.0.1:1' };
    const recovering = world.start(device, { server: away });
    const status = join(agent.state, 'status.json');
    await until(
      () => readFileSync(status, 'utf8').includes(`"pid":${recovering.running.process.pid},`),
      () => recovering.running.stderr(),
    );
    await recovering.stop();
  };
  /** The hand tool recovers, since it finds a journal. */
  const recoverByHand = async (): Promise<void> => {
    const place = ['--root', agent.root, '--state', agent.state];
    const { stderr } = await world.server.ctl(['packet', 'uninstall', 'nothing-such', ...place]);
    expect(stderr).toContain('not-found');
  };
  const isOneOf = (allowed: readonly number[], where: string): number => {
    const tree = listing(agent.root);
    const now = allowed.find(
      (state) => treeDifference(tree, trees[state] as TreeListing).length === 0,
    );
    if (now === undefined) {
      const [old = 0] = allowed;
      expect(treeDifference(tree, trees[old] as TreeListing), `${where}: old`).toEqual([]);
    }
    return now as number;
  };
  const isClean = (): void => {
    expect(leftovers(agent.root)).toEqual([]);
    expect(existsSync(join(agent.state, 'journal'))).toBe(false);
    expect(existsSync(join(agent.state, 'installed.next.json'))).toBe(false);
  };

  beforeAll(async () => {
    world = await startWorld();
    for (const packet of [one, gone, two, last]) await world.put(packet);
    const root = world.path(device, 'root');
    mkdirSync(root, { recursive: true });
    putContent(root, ofNobody);
    trees = states.map(expectedTree);
    agent = await world.join(device);
    for (const state of [1, 2, 0]) {
      const began = performance.now();
      await want(state);
      await world.converged(agent);
      slowest = Math.max(slowest, performance.now() - began);
      expect(treeDifference(listing(agent.root), trees[state] as TreeListing)).toEqual([]);
    }
  });
  afterAll(() => world?.stop());

  it('has exactly what it had or what it was to have, and converges', async () => {
    let now = 0;
    let wanted = 0;
    let moved = 0;
    // What it was asked for since it last stood still: started again, it goes on with what it had accepted before it
    // hears of anything newer.
    let asked: number[] = [];
    // How many kills fall into a transaction depends on how busy the machine is: it goes on until enough have.
    const enough = (n: number): boolean => n > kills && (moved > kills / 10 || n > 4 * kills);
    for (let n = 1; !enough(n); n += 1) {
      wanted = (wanted + 1 + Math.floor(random() * 2)) % 3;
      await want(wanted);
      asked.push(wanted);
      if (n % 5 === 0) await world.restartServer('SIGKILL');
      const moment = random() * slowest;
      await new Promise((resolve) => setTimeout(resolve, moment));
      await agent.stop('SIGKILL');
      const wasBusy = existsSync(join(agent.state, 'journal'));
      const where = `kill ${n} of ${kills}, ${Math.round(moment)} ms after ${now} → ${wanted}, seed ${seed}`;
      await (n % 2 === 0 ? recoverByHand() : recoverByAgent());
      isClean();
      if (wasBusy) moved += 1;
      now = isOneOf([now, ...asked], where);
      agent = world.start(device);
      if (n % 6 !== 0) continue;
      await world.converged(agent, 60_000);
      now = isOneOf([wanted], `${where}, at last`);
      asked = [];
    }
    expect(moved, 'kills in the middle of a transaction').toBeGreaterThan(kills / 10);
    wanted = wanted === 2 ? 1 : 2;
    await want(wanted);
    await world.converged(agent);
    isOneOf([wanted], 'at the end');
    isClean();
    expect(readdirSync(join(agent.state, 'installed'))).toHaveLength(2);
    // The test itself removes the directory now and then; without it there is nothing either.
    const downloads = join(agent.state, 'downloads');
    expect(existsSync(downloads) ? readdirSync(downloads) : []).toEqual([]);
  }, 1_200_000);
});
