import type { ReadPacketFile } from '../../drivers/read-manifest.ts';
import type { Verb } from '../core/verbs.ts';
import { Broken, type Change, type Trial } from './trial.ts';

/** The packets of a trial; null is none. */
export interface Packets {
  first: ReadPacketFile;
  /** Another one of the same name; null if none was given. */
  second: ReadPacketFile | null;
}

/** One promise of a driver. `run` throws `Broken` if it is not kept. */
export interface DriverPromise {
  promise: string;
  /** What is installed before. */
  start: 'nothing' | 'first';
  /** What is installed when it was kept: what was before, or what the change brings. */
  end: 'before' | 'after';
  /** It needs a second packet. */
  upgrade?: true;
  run(at: At): Promise<void>;
}

/** Where a promise is tried. */
export interface At {
  trial: Trial;
  packets: Packets;
  /** A new change of the kind that the promise is about. */
  change(): Change;
}

/** The driver is killed at these parts of the time that it takes otherwise. */
const KILLED_AT = [0.05, 0.3, 0.55, 0.8];

const twice = <Item>(items: readonly Item[]): Item[] => items.flatMap((item) => [item, item]);

async function askAll({ trial }: At, change: Change, verbs: readonly Verb[]): Promise<void> {
  for (const verb of verbs) await trial.ask(verb, change);
}

/** After these verbs of one transaction what is installed is what was before. */
async function leadsBack(at: At, verbs: readonly Verb[]): Promise<void> {
  const before = await at.trial.list();
  await askAll(at, at.change(), verbs);
  await expectList(at.trial, before, 'what was before');
}

/** After these verbs of one transaction `packet` is installed, and nothing else of its name. */
async function leadsTo(
  at: At,
  verbs: readonly Verb[],
  packet: ReadPacketFile | null,
): Promise<void> {
  await askAll(at, at.change(), verbs);
  await expectInstalled(at, packet);
}

/** Killed in the last of these verbs at several moments, it is brought back by `rollback`. */
async function killedLeadsBack(at: At, verbs: readonly Verb[]): Promise<void> {
  const { trial } = at;
  const before = await trial.list();
  const earlier = verbs.slice(0, -1);
  const last = verbs.at(-1) ?? 'rollback';
  const measured = at.change();
  await askAll(at, measured, earlier);
  const { ms } = await trial.ask(last, measured);
  await trial.ask('rollback', measured);
  for (const part of KILLED_AT) {
    const change = at.change();
    await askAll(at, change, earlier);
    await trial.kill(last, change, ms * part);
    await trial.ask('rollback', change);
    await expectList(trial, before, `what was before, killed after ${Math.round(ms * part)} ms`);
  }
}

/** Killed in `commit` it is repeated, and what was installed stays. */
async function killedInCommit(
  at: At,
  verbs: readonly Verb[],
  packet: ReadPacketFile | null,
): Promise<void> {
  const change = at.change();
  await askAll(at, change, verbs);
  await at.trial.kill('commit', change, 1);
  await at.trial.ask('commit', change);
  await expectInstalled(at, packet);
}

async function expectInstalled(
  { trial, packets }: At,
  packet: ReadPacketFile | null,
): Promise<void> {
  const { name } = packets.first.manifest;
  const list = await trial.list();
  if (list === null) return;
  const { id = '', labels = {} } = packet?.manifest ?? {};
  const wanted = packet === null ? [] : [`${name} ${labels.version ?? ''} ${id}`];
  const own = list.filter((line) => line.startsWith(`${name} `));
  if (own.join() !== wanted.join()) throw new Broken(differs(own, wanted, 'what was asked for'));
}

async function expectList(
  trial: Trial,
  wanted: readonly string[] | null,
  what: string,
): Promise<void> {
  const list = await trial.list();
  if (list !== null && wanted !== null && list.join() !== wanted.join())
    throw new Broken(differs(list, wanted, what));
}

const differs = (list: readonly string[], wanted: readonly string[], what: string): string =>
  `list tells ${list.join(', ') || 'nothing'}, where ${what} is ${wanted.join(', ') || 'nothing'}.`;

const INSTALL: readonly Verb[] = ['prepare', 'install', 'needs-reboot', 'health'];

/** What an agent does with a packet that comes, in every order that it may have. */
const ofArrival = (start: 'nothing' | 'first'): DriverPromise[] => {
  const what = start === 'nothing' ? 'install' : 'upgrade';
  const come = ({ packets }: At) => (start === 'nothing' ? packets.first : packets.second);
  const one = (
    promise: string,
    run: DriverPromise['run'],
    end: DriverPromise['end'] = 'before',
  ): DriverPromise => ({
    promise: `${what}: ${promise}`,
    ...{ start, end },
    ...(start === 'first' && { upgrade: true }),
    run,
  });
  return [
    one('rollback of what never began changes nothing', (at) => leadsBack(at, ['rollback'])),
    one('prepare alone changes nothing that is in use', (at) => preparesOnly(at)),
    one('prepare, rollback lead back', (at) => leadsBack(at, ['prepare', 'rollback'])),
    one('prepare, rollback lead back, each done twice', (at) =>
      leadsBack(at, twice<Verb>(['prepare', 'rollback'])),
    ),
    one('prepare, install, needs-reboot, health find it well', (at) =>
      leadsBack(at, [...INSTALL, 'rollback']),
    ),
    one('an unhealthy packet: prepare, install, rollback lead back, each done twice', (at) =>
      leadsBack(at, twice<Verb>(['prepare', 'install', 'rollback'])),
    ),
    one('killed in prepare, rollback leads back', (at) => killedLeadsBack(at, ['prepare'])),
    one('killed in install, rollback leads back', (at) =>
      killedLeadsBack(at, ['prepare', 'install']),
    ),
    one('killed in rollback, it is repeated and leads back', (at) =>
      killedLeadsBack(at, ['prepare', 'install', 'rollback']),
    ),
    one(
      'prepare, install, commit bring it',
      (at) => leadsTo(at, ['prepare', 'install', 'commit'], come(at)),
      'after',
    ),
    one(
      'prepare, install, commit bring it, each done twice',
      (at) => leadsTo(at, twice<Verb>(['prepare', 'install', 'commit']), come(at)),
      'after',
    ),
    one(
      'killed in commit, it is repeated and keeps it',
      (at) => killedInCommit(at, ['prepare', 'install'], come(at)),
      'after',
    ),
  ];
};

async function preparesOnly(at: At): Promise<void> {
  const before = await at.trial.list();
  const change = at.change();
  await at.trial.ask('prepare', change);
  await expectList(at.trial, before, 'what was before');
  await at.trial.ask('rollback', change);
}

const ofRemoval: readonly DriverPromise[] = [
  {
    promise: 'remove: remove, rollback lead back, each done twice',
    start: 'first',
    end: 'before',
    run: (at) => leadsBack(at, twice<Verb>(['remove', 'rollback'])),
  },
  {
    promise: 'remove: rollback of what never began changes nothing',
    start: 'first',
    end: 'before',
    run: (at) => leadsBack(at, ['rollback']),
  },
  {
    promise: 'remove: killed in remove, rollback leads back',
    start: 'first',
    end: 'before',
    run: (at) => killedLeadsBack(at, ['remove']),
  },
  {
    promise: 'remove: remove, commit take it away, each done twice',
    start: 'first',
    end: 'after',
    run: (at) => leadsTo(at, twice<Verb>(['remove', 'commit']), null),
  },
  {
    promise: 'remove: killed in commit, it is repeated and stays away',
    start: 'first',
    end: 'after',
    run: (at) => killedInCommit(at, ['remove'], null),
  },
];

/** All promises, in the order in which they are tried. */
export const PROMISES: readonly DriverPromise[] = [
  {
    promise: 'list tells what is installed, or is not supported (69)',
    start: 'nothing',
    end: 'before',
    run: async ({ trial }) => void (await trial.list()),
  },
  {
    promise: 'a verb that it does not know is answered with status 69',
    start: 'nothing',
    end: 'before',
    run: async ({ trial }) => {
      const code = await trial.askUnknown();
      if (code !== 69) throw new Broken(`It ended with ${code}.`);
    },
  },
  ...ofArrival('nothing'),
  ...ofArrival('first'),
  ...ofRemoval,
];
