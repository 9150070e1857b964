import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AgentWorld,
  leftovers,
  type OwnedPacket,
  putOwned,
  startWorld,
} from './agent-world.ts';
import { until } from './fleet.ts';
import { type Content, putContent } from './packet-device.ts';
import { listTree, type TreeListing, treeDifference } from './tree.ts';

/** A device that goes to and fro between two sets of packets while something goes wrong. */
export interface FaultWalk {
  /** The points that an agent passes on the way there and on the way back, as `POINT#N`, in order. */
  readonly passed: readonly [there: string[], back: string[]];
  /**
   * Asks for the other set, lets an agent run into the fault, starts another one without, and waits until it has converged.
   * Throws a sentence for the first promise that does not hold.
   */
  step(fault: string): Promise<StepResult>;
  /** Which way the next step goes: 0 there, 1 back. */
  direction(): 0 | 1;
  stop(): Promise<void>;
}

export interface StepResult {
  /** The agent came to the point. */
  hit: boolean;
  /** Its process was killed there, or was because it hung. */
  killed: boolean;
}

const ofNobody: Record<string, Content> = {
  'etc/motd': { text: 'of nobody', mode: 0o640 },
  'usr/share/of-nobody': 'n',
  taken: { link: 'usr' },
};
const script = '#!/bin/sh\nexit 0\n';
const scripts = { preinst: script, postinst: script, prerm: script, postrm: script };
const old: OwnedPacket[] = [
  {
    name: 'a',
    labels: { version: '1' },
    config: ['/etc/a.conf'],
    data: {
      'etc/a.conf': 'one',
      'usr/bin/a': { text: 'a1', mode: 0o4755 },
      'usr/bin/again': { same: 'usr/bin/a' },
      'to-link/inner/x': 'x',
      'to-directory': 'file',
      'moves/over': 'from a',
    },
    scripts,
  },
  { name: 'gone', data: { 'etc/motd': 'theirs', 'opt/gone/x/y/z': 'z' }, scripts },
];
const next: OwnedPacket[] = [
  {
    name: 'a',
    labels: { version: '2' },
    config: ['/etc/a.conf'],
    data: {
      'etc/a.conf': 'two',
      'usr/bin/a': { text: 'a2', mode: 0o755 },
      'to-link': { link: 'usr' },
      'to-directory/inside/x': 'x',
      'usr/lib/a': { link: '../bin/a' },
    },
    scripts: { ...scripts, health: script },
  },
  { name: 'b', depends: ['a'], data: { 'moves/over': 'to b', taken: 'taken by b' }, scripts },
];
const sets = [old, next] as const;

/** An agent that hangs at a point is killed once it has come there; one that does not come there ends by itself. */
const LONGEST_MS = 60_000;

export async function createFaultWalk(device = 'walker'): Promise<FaultWalk> {
  const world = await startWorld();
  const [root, state] = [world.path(device, 'root'), world.path(device, 'state')];
  const trace = world.path('trace');
  for (const packet of sets.flat()) await world.put(packet);
  mkdirSync(root, { recursive: true });
  putContent(root, ofNobody);
  const trees = sets.map((packets, n) => expectedTree(world, packets, n));
  let now: 0 | 1 = 0;

  const want = (set: 0 | 1): Promise<void> =>
    world.want(
      device,
      sets[set].map(({ name, labels = {} }) => ({ name, labels })),
    );
  const treeIs = (set: 0 | 1): boolean =>
    treeDifference(listTree(root, { owners: false }), trees[set] as TreeListing).length === 0;

  /** Runs an agent until it ends; gives its exit status, null if it was killed. */
  async function run(env: Record<string, string>, hangsAt: string | null): Promise<number | null> {
    const agent = world.start(device, { args: ['--once'], env });
    if (hangsAt !== null) {
      await until(
        () => agent.running.process.exitCode !== null || passedBy(trace).includes(hangsAt),
        () => `${agent.running.stderr()}`,
        LONGEST_MS,
      );
      if (agent.running.process.exitCode === null) await agent.stop('SIGKILL');
    }
    await until(
      () => agent.running.process.exitCode !== null || agent.running.process.signalCode !== null,
      () => agent.running.stderr(),
      LONGEST_MS,
    );
    return agent.running.process.exitCode;
  }

  function requireWhole(where: string, allowed: readonly (0 | 1)[]): 0 | 1 {
    const set = allowed.find(treeIs);
    if (set === undefined)
      throw new Error(
        `${where}: neither old nor new: ${treeDifference(listTree(root, { owners: false }), trees[now] as TreeListing).join('; ')}`,
      );
    if (leftovers(root).length > 0)
      throw new Error(`${where}: left over: ${leftovers(root).join(', ')}`);
    if (existsSync(join(state, 'journal'))) throw new Error(`${where}: the journal is not empty`);
    return set;
  }

  async function traced(): Promise<string[]> {
    const other = now === 0 ? 1 : 0;
    await want(other);
    rmSync(trace, { force: true });
    const status = await run({ JAMESD_FAULT_TRACE: trace }, null);
    if (status !== 0) throw new Error(`without a fault the agent ended with ${status}`);
    now = requireWhole('without a fault', [other]);
    return passedBy(trace);
  }

  await want(0);
  const joining = await world.join(device, { args: ['--once'] });
  await world.converged(joining);
  await joining.stop();
  const passed = [await traced(), await traced()] as [string[], string[]];

  return {
    passed,
    direction: () => now,
    async step(fault) {
      const other = now === 0 ? 1 : 0;
      const [point = ''] = fault.split(':');
      const where = `${fault} on the way ${now === 0 ? 'there' : 'back'}`;
      await want(other);
      rmSync(trace, { force: true });
      const hangs = fault.endsWith(':hang') ? point : null;
      const status = await run({ JAMESD_FAULT: fault, JAMESD_FAULT_TRACE: trace }, hangs);
      const hit = passedBy(trace).includes(point);
      const again = await run({}, null);
      if (again !== 0) throw new Error(`${where}: the next agent ended with ${again}`);
      now = requireWhole(where, [other]);
      if (readdirSync(join(state, 'installed')).length !== sets[now].length)
        throw new Error(`${where}: the state keeps packets that are not installed`);
      return { hit, killed: hit && (status === null || hangs !== null) };
    },
    stop: () => world.stop(),
  };
}

const passedBy = (trace: string): string[] =>
  existsSync(trace) ? readFileSync(trace, 'utf8').trimEnd().split('\n') : [];

function expectedTree(world: AgentWorld, packets: readonly OwnedPacket[], n: number): TreeListing {
  const root = world.path('expected', String(n));
  const theirs = packets.flatMap(({ data = {} }) => Object.keys(data));
  const kept = Object.entries(ofNobody).filter(([path]) => !theirs.includes(path));
  putContent(root, Object.fromEntries(kept));
  for (const { data = {}, owners } of packets) putOwned(root, data, owners);
  return listTree(root, { owners: false });
}
