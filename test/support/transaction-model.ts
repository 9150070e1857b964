import {
  JOURNAL_VERSION,
  type JournalEntry,
  type PackagesBegun,
  type Restarting,
} from '../../agent/core/journal-entry.ts';
import { type Event, next, type State } from '../../agent/core/machine.ts';
import { hasChanged, recoveryOf, type Written } from '../../agent/core/recover.ts';
import { actionsOf, counterpartOf } from '../../agent/core/script-order.ts';

/** What a transaction is about. */
export interface Scenario {
  packages: boolean;
  steps: readonly ('install' | 'upgrade' | 'remove')[];
  driver: string | null;
  restart: Restarting | null;
  health: boolean;
}

/** Something of a device that is as it was, as it shall be, or caught in between. */
export type Part = 'old' | 'partly' | 'new';

/** What outlasts the agent. `next` and `staged` are there (`new`) or not; steps' actions are named `STEP.ACTION`. */
export interface World {
  parts: Readonly<Record<string, Part>>;
  journal: readonly JournalEntry[];
  boot: number;
}

/** One thing that the agent does; crashes come before, between and after. */
export type Op =
  | { do: 'event'; event: Event }
  | { do: 'append'; entry: JournalEntry }
  /** Like `append`; goes on where the disk is full. */
  | { do: 'note'; entry: JournalEntry }
  | { do: 'put'; part: string; to: Part }
  | { do: 'promote' }
  | { do: 'clear' }
  /** An abort is followed here. */
  | { do: 'heed' }
  | { do: 'examine' }
  | { do: 'await'; of: Restarting }
  /** Notes that all is taken back; forgets the transaction where the disk is full. */
  | { do: 'settle' }
  /** Goes on as the journal says; `back` where nothing may be waited for. */
  | { do: 'recover'; back: boolean }
  | { do: 'tell'; outcome: 'converged' | 'undone' | 'failed' };

/** An agent that runs. `way`: where what fails leads to. */
export interface Running {
  run: number;
  course: State;
  way: 'forward' | 'back' | 'start';
  todo: readonly Op[];
}

export interface Place {
  world: World;
  agent: Running;
}

const begun: PackagesBegun = {
  ...{ lock: 'l', asked: null, sources: 's', managed: [], before: [] },
  policy: { version: 'locked', downgrade: false, unmanaged: 'keep' },
};
const why = { entry: 'back', code: 'unhealthy', reason: 'w' } as const;

const append = (entry: JournalEntry): Op => ({ do: 'append', entry });
const put = (part: string, to: Part): Op => ({ do: 'put', part, to });
const happen = (event: Event): Op => ({ do: 'event', event });
const when = (is: boolean, ...ops: Op[]): Op[] => (is ? ops : []);
export const noteWhy: Op = { do: 'note', entry: why };
const recoverBack: Op = { do: 'recover', back: true };

const actionsIn = (scenario: Scenario, step: number) =>
  actionsOf({ kind: scenario.steps[step] ?? 'install', driver: scenario.driver });

/** A device as it was, and an agent that has begun with nothing yet. */
export function beginning(scenario: Scenario): Place {
  const names = scenario.steps.flatMap((_, step) =>
    actionsIn(scenario, step).map((_action, n) => `${step}.${n}`),
  );
  const all = ['sources', 'updated', 'removed', 'index', 'next', 'staged', ...names];
  const parts = Object.fromEntries(all.map((name): [string, Part] => [name, 'old']));
  const agent: Running = { run: 0, course: 'idle', way: 'forward', todo: forward(scenario) };
  return { world: { parts, journal: [], boot: 0 }, agent };
}

/** All parts as one of these: wholly old or wholly new; null if neither. */
export function wholeness({ packages }: Scenario, { parts }: World): 'old' | 'new' | null {
  if (parts.next !== 'old' || parts.staged !== 'old') return null;
  const ofPackages = ['sources', 'updated', 'removed'];
  const counted = Object.entries(parts).filter(
    ([name]) => !['next', 'staged'].includes(name) && (packages || !ofPackages.includes(name)),
  );
  const [first] = counted.map(([, part]) => part);
  const isWhole = counted.every(([, part]) => part === first);
  return isWhole && first !== 'partly' ? (first ?? null) : null;
}

/** The order of `agent/drivers/perform.ts`. */
function forward(scenario: Scenario): Op[] {
  const { packages, steps, restart } = scenario;
  const from = { transaction: 't', from: null, to: null, health: null };
  const manager = packages ? 'apt' : null;
  const hasSteps = steps.length > 0;
  return [
    ...[happen('planned'), { do: 'heed' } as const],
    append({ entry: 'begin', version: JOURNAL_VERSION, ...from, manager }),
    happen(packages ? 'begun' : 'downloaded'),
    ...when(packages, put('sources', 'partly'), { do: 'heed' }, happen('downloaded')),
    ...when(packages, append({ entry: 'packages', begun }), happen('packaging')),
    ...when(packages, put('updated', 'new')),
    ...when(hasSteps && !packages, { do: 'heed' }),
    ...when(hasSteps, ...written(scenario), happen('journaled'), put('staged', 'new')),
    ...when(hasSteps && !packages, { do: 'heed' }),
    ...when(hasSteps, append({ entry: 'staged' }), happen('staged'), ...applied(scenario)),
    ...when(packages, put('removed', 'new')),
    ...[put('next', 'new'), happen('applied')],
    ...(restart === null ? conclusion(scenario) : restarting(restart)),
  ];
}

const restarting = (of: Restarting): Op[] => [
  append({ entry: 'restart', of, id: of === 'machine' ? 'b0' : 'r0' }),
  ...[happen('restarting'), { do: 'await', of } as const],
];

function written({ steps, driver }: Scenario): Op[] {
  const rest = { name: 'p', from: 'x', to: 'y', oldVersion: '1', newVersion: '2', timeoutMs: null };
  return [
    append({ entry: 'steps', steps: steps.map((kind) => ({ kind, ...rest, driver })) }),
    append({ entry: 'operations', operations: [] }),
    append({ entry: 'touched', directories: [] }),
    append({ entry: 'planned' }),
  ];
}

const applied = (scenario: Scenario): Op[] =>
  scenario.steps.flatMap((_, step) =>
    actionsIn(scenario, step).flatMap((action, n): Op[] => [
      append({ entry: 'action', step, action }),
      put(`${step}.${n}`, 'new'),
    ]),
  );

const conclusion = (scenario: Scenario): Op[] => [
  ...when(scenario.health, happen('checking'), { do: 'examine' }),
  ...[append({ entry: 'commit' }), happen('committed')],
  ...finish(scenario),
];

const finish = ({ packages }: Scenario): Op[] => [
  ...[{ do: 'promote' } as const, put('staged', 'old')],
  ...when(packages, put('sources', 'new')),
  ...[{ do: 'clear' } as const, happen('cleaned'), { do: 'tell', outcome: 'converged' } as const],
];

function undo(scenario: Scenario, written: Written): Op[] {
  const { back, undone, planned, packages } = written;
  const mustRestart = written.restarted === 'machine' && hasChanged(written) && !written.settled;
  const partOf = ({ step, action }: Written['back'][number]): string =>
    `${step}.${actionsIn(scenario, step).findIndex(
      (one) => JSON.stringify(counterpartOf(one)) === JSON.stringify(action),
    )}`;
  return [
    put('next', 'old'),
    ...back.flatMap((one, n): Op[] => [
      put(partOf(one), 'old'),
      { do: 'note', entry: { entry: 'undone', actions: undone + n + 1 } },
    ]),
    ...when(planned, put('staged', 'old')),
    ...when(packages !== null && packages.begun !== null, put('removed', 'old')),
    ...when(packages !== null && packages.begun !== null, put('updated', 'old')),
    ...when(packages !== null, put('sources', 'old')),
    ...(mustRestart
      ? [{ do: 'settle' } as const, { do: 'await', of: 'machine' } as const]
      : undoneAll),
  ];
}

export const undoneAll: Op[] = [
  { do: 'clear' },
  happen('cleaned'),
  { do: 'tell', outcome: 'undone' },
];

/** What the agent does next by its journal, as `agent/drivers/go-back.ts` and `recover-device.ts` do. */
export function recovered(scenario: Scenario, { world, agent }: Place, back: boolean): Running {
  const moment = { boot: `b${world.boot}`, run: `r${agent.run}` };
  const recovery = recoveryOf(world.journal, moment, world.parts.next === 'new');
  const goes = (way: Running['way'], todo: Op[]): Running => ({ ...agent, way, todo });
  switch (recovery.kind) {
    case 'nothing':
      return goes(agent.way, [put('next', 'old'), ...undoneAll]);
    case 'finish':
      return goes(agent.way, finish(scenario));
    case 'undo':
      return goes(agent.way, undo(scenario, recovery.written));
    case 'restart':
      if (back) return goes('back', undo(scenario, recovery.written));
      return goes('forward', [{ do: 'await', of: recovery.of }]);
    case 'check': {
      if (back) return goes('back', undo(scenario, recovery.written));
      const id = recovery.written.restarted === 'machine' ? moment.boot : moment.run;
      const restarted = [append({ entry: 'restarted', id }), happen('restarted')];
      return goes('forward', [...restarted, ...conclusion(scenario)]);
    }
  }
}

/** What follows when something fails: a way back, or where that fails another try. */
export function failed(agent: Running, event: 'failed' | 'aborted'): Running {
  const course = next(agent.course, event);
  if (agent.way === 'forward')
    return { ...agent, course, way: 'back', todo: [noteWhy, recoverBack] };
  const told: Op = { do: 'tell', outcome: 'failed' };
  return { ...agent, course, way: 'back', todo: [told, recoverBack] };
}

/** The restart that is waited for does not come in time. */
export const givenUp = (agent: Running): Running => ({
  ...agent,
  course: next('idle', 'resumed'),
  way: 'back',
  todo: [noteWhy, recoverBack],
});

/** An agent that was started anew, maybe with the machine. */
export function startedAnew({ world }: Place, withMachine: boolean): Place {
  const ids = world.journal.flatMap((line) => ('id' in line ? [line.id] : []));
  const unused = (letter: string): number =>
    Array.from({ length: ids.length + 1 }, (_, n) => n + 1).find(
      (n) => !ids.includes(`${letter}${n}`),
    ) ?? 0;
  const boot = withMachine ? unused('b') : world.boot;
  const todo: Op[] = [{ do: 'recover', back: false }];
  const agent: Running = { run: unused('r'), course: 'idle', way: 'start', todo };
  return { world: { ...world, boot }, agent };
}
