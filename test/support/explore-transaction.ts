import type { JournalEntry } from '../../agent/core/journal-entry.ts';
import { next } from '../../agent/core/machine.ts';
import {
  beginning,
  failed,
  givenUp,
  type Op,
  type Part,
  type Place,
  type Running,
  recovered,
  type Scenario,
  startedAnew,
  undoneAll,
  type World,
  wholeness,
} from './transaction-model.ts';

/** What may follow. `faults`: how many things went wrong for it. */
interface Branch {
  place: Place;
  faults: 0 | 1;
  what: string;
}

export interface Explored {
  places: number;
  /** A sentence and the way there; null: every promise holds. */
  violation: string | null;
}

/** Fault-free steps after which every transaction must be over. */
const MOST_STEPS = 200;

/** Tells places apart; of lines of a journal and of what is to be done it names what makes them differ. */
function keyOf({ world, agent }: Place): string {
  const parts = Object.values(world.parts)
    .map((part) => part[0])
    .join('');
  const journal = world.journal.map(lineOf).join(' ');
  const todo = agent.todo.map(opOf).join(' ');
  return `${parts}|${journal}|${todo}|${world.boot} ${agent.run} ${agent.course} ${agent.way}`;
}

function lineOf(line: JournalEntry): string {
  if (line.entry === 'action') return `a${line.step}${JSON.stringify(line.action)}`;
  if (line.entry === 'undone') return `u${line.actions}`;
  return 'id' in line ? `${line.entry}${line.id}` : line.entry;
}

function opOf(op: Op): string {
  if (op.do === 'append' || op.do === 'note') return `${op.do[0]}${lineOf(op.entry)}`;
  if (op.do === 'put') return `p${op.part}${op.to}`;
  if (op.do === 'event') return `e${op.event}`;
  if (op.do === 'tell') return `t${op.outcome}`;
  if (op.do === 'await') return `w${op.of}`;
  return op.do === 'recover' ? `r${op.back}` : op.do;
}

/** How somebody came to a place. */
interface Trail {
  what: string;
  before: Trail | null;
}

/**
 * Goes everywhere that a transaction can come to with so many faults, and holds every place against the promises. Each
 * place is visited once, with as many faults left as possible.
 */
export function exploreTransaction(scenario: Scenario, faults: number): Explored {
  const seen = new Set<string>();
  const ends: Ends = new Map();
  const start = { place: beginning(scenario), trail: null };
  const open: { place: Place; trail: Trail | null }[][] = Array.from({ length: faults }, () => []);
  open.push([start]);
  for (let left = faults; left >= 0; left -= 1) {
    const now = open[left] ?? [];
    for (let at = now.pop(); at !== undefined; at = now.pop()) {
      const { place, trail } = at;
      const key = keyOf(place);
      if (seen.has(key)) continue;
      seen.add(key);
      const wrong = wrongIn(scenario, place) ?? stuckAt(scenario, place, ends);
      if (wrong !== null)
        return { places: seen.size, violation: `${wrong}\n${told(trail).join('\n')}` };
      for (const { place: next, faults: cost, what } of branches(scenario, place))
        open[left - cost]?.push({ place: next, trail: { what, before: trail } });
    }
  }
  return { places: seen.size, violation: null };
}

const LONGEST_TRAIL = 40;

function told(trail: Trail | null): string[] {
  const lines: string[] = [];
  for (let at = trail; at !== null && lines.length < LONGEST_TRAIL; at = at.before)
    lines.unshift(at.what);
  return lines;
}

/** A promise that does not hold here. */
function wrongIn(scenario: Scenario, { world, agent }: Place): string | null {
  const [op] = agent.todo;
  const is = wholeness(scenario, world);
  const entries = world.journal.map(({ entry }) => entry);
  const isCommitted = entries.includes('commit');
  if (isCommitted && entries.includes('back')) return 'committed, and on the way back';
  if (op?.do === 'tell' && op.outcome === 'converged' && is !== 'new')
    return 'it says that it has converged, and is not wholly new';
  if (op?.do === 'tell' && op.outcome === 'undone' && is !== 'old')
    return 'it says that all was undone, and is not wholly old';
  if (op?.do === 'tell' && op.outcome !== 'failed' && agent.course !== 'idle')
    return `it is over, and stands at ${agent.course}`;
  if (op?.do === 'put' && isCommitted && op.to === 'old' && op.part !== 'staged')
    return 'what is committed is undone';
  if (op?.do === 'append' && op.entry.entry === 'commit' && world.parts.next !== 'new')
    return 'a way back that was begun is turned round';
  if (op?.do === 'put' && op.to === 'old' && laterThan(world, op.part))
    return `${op.part} is taken back before what came after it`;
  return null;
}

/** An action that was begun after this one and is not taken back yet. */
function laterThan({ parts }: World, part: string): boolean {
  const order = Object.keys(parts).filter((name) => name.includes('.'));
  const at = order.indexOf(part);
  return at >= 0 && order.slice(at + 1).some((name) => parts[name] !== 'old');
}

/** What a place ends in if nothing goes wrong any more. */
type Ends = Map<string, 'old' | 'new'>;

/** Without a fault it must be over after some steps, wholly old or wholly new, and the journal empty. */
function stuckAt(scenario: Scenario, start: Place, ends: Ends): string | null {
  const way: string[] = [];
  let place = start;
  let end: 'old' | 'new' | null = null;
  while (end === null) {
    const key = keyOf(place);
    end = ends.get(key) ?? null;
    if (end !== null) break;
    way.push(key);
    if (way.length > MOST_STEPS) return 'it never comes to an end';
    const [branch] = branches(scenario, place).filter(({ faults }) => faults === 0);
    if (branch !== undefined) {
      place = branch.place;
      continue;
    }
    end = wholeness(scenario, place.world);
    if (end === null) return 'it is over, and neither old nor new';
    if (place.world.journal.length > 0) return 'it is over, and the journal is not empty';
  }
  for (const key of way) ends.set(key, end);
  const mustBe = promisedIn(start.world) ?? end;
  return end === mustBe ? null : `it forgot that it was to become ${mustBe}`;
}

/** What the journal says that it must become. */
function promisedIn({ journal }: World): 'old' | 'new' | null {
  if (journal.some(({ entry }) => entry === 'commit')) return 'new';
  return journal.some(({ entry }) => entry === 'back') ? 'old' : null;
}

/** Everything that may come next: what the agent does, its failure, its death, that of the machine. */
function branches(scenario: Scenario, place: Place): Branch[] {
  const { agent } = place;
  const [op, ...rest] = agent.todo;
  if (op === undefined) return [];
  const without = { ...place, agent: { ...agent, todo: rest } };
  if (op.do === 'event') {
    const course = next(agent.course, op.event);
    return [
      { place: { ...place, agent: { ...without.agent, course } }, faults: 0, what: op.event },
    ];
  }
  if (op.do === 'tell') {
    // What is told last comes to rest; what failed is tried again by a new try.
    const agentAfter: Running = { ...without.agent, course: 'idle' };
    return [{ place: { ...place, agent: agentAfter }, faults: 0, what: `tells ${op.outcome}` }];
  }
  const what = opOf(op);
  return [
    ...done(scenario, without, op).map((one) => ({ place: one, faults: 0 as const, what })),
    ...goneWrong(without, op).map((one) => ({ ...one, faults: 1 as const })),
    { place: startedAnew(place, false), faults: 1, what: `dies before ${what}` },
    { place: startedAnew(place, true), faults: 1, what: `boots before ${what}` },
  ];
}

function done(scenario: Scenario, place: Place, op: Op): Place[] {
  const { world, agent } = place;
  const withParts = (parts: Record<string, Part>): Place => ({
    ...place,
    world: { ...world, parts: { ...world.parts, ...parts } },
  });
  switch (op.do) {
    case 'append':
    case 'note':
      return [{ ...place, world: withEntry(world, op.entry) }];
    case 'put': {
      const isHalf = world.parts[op.part] === 'partly' || world.parts[op.part] === op.to;
      if (isHalf || op.part === 'next') return [withParts({ [op.part]: op.to })];
      const half = withParts({ [op.part]: 'partly' });
      return [{ ...half, agent: { ...agent, todo: [op, ...agent.todo] } }];
    }
    case 'promote':
      return [world.parts.next === 'new' ? withParts({ next: 'old', index: 'new' }) : place];
    case 'clear':
      return [{ ...place, world: { ...world, journal: [] } }];
    case 'settle':
      return [{ ...place, world: withEntry(world, { entry: 'settled' }) }];
    case 'await':
      return [startedAnew(place, op.of === 'machine')];
    case 'recover':
      return [{ ...place, agent: recovered(scenario, place, op.back) }];
    default:
      return [place];
  }
}

function goneWrong(place: Place, op: Op): Omit<Branch, 'faults'>[] {
  const { world, agent } = place;
  const fails: Place = { ...place, agent: failed(agent, 'failed') };
  const what = `fails at ${opOf(op)}`;
  switch (op.do) {
    case 'append':
      return [
        { place: fails, what },
        { place: { ...fails, world: withEntry(world, op.entry) }, what: `${what}, though written` },
      ];
    case 'note':
      return [
        { place: fails, what },
        { place, what: `has no space for ${lineOf(op.entry)}` },
      ];
    case 'heed':
      return [{ place: { ...place, agent: failed(agent, 'aborted') }, what: 'is aborted' }];
    case 'settle': {
      const forgets = { ...place, world: { ...world, journal: [] } };
      const full = { ...forgets, agent: { ...agent, todo: undoneAll } };
      return [
        { place: fails, what },
        { place: full, what: 'has no space, and forgets' },
      ];
    }
    case 'await':
      if (agent.way !== 'forward') return [{ place: triesAgain(place), what: 'is not restarted' }];
      return [{ place: { ...place, agent: givenUp(agent) }, what: 'waits for a restart in vain' }];
    default:
      return [{ place: fails, what }];
  }
}

/** A new try of an agent that is still there. */
const triesAgain = (place: Place): Place => ({
  ...place,
  agent: { ...place.agent, course: 'idle', todo: [{ do: 'recover', back: true }] },
});

/** Why it goes back is written once; where there is no open transaction nothing is. */
function withEntry(world: World, entry: JournalEntry): World {
  const isOpen = world.journal.length > 0 && !world.journal.some((line) => line.entry === 'commit');
  if (entry.entry === 'back' && !isOpen) return world;
  return { ...world, journal: [...world.journal, entry] };
}
