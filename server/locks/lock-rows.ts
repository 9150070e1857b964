import type { Labels } from '../../proto/labels.ts';
import type { Pins } from '../core/model.ts';
import {
  type Choice,
  type LookUp,
  lookUpIn,
  pinsOfChoice,
  type SpecLock,
} from './core/lock-table.ts';
import type { LockHistory } from './lock-history.ts';

/** A lock, and how its rows are found. */
export interface HeldLock {
  lock: SpecLock;
  lookUp: LookUp;
}

/** The newest locks of some specs with what their rows chose, in memory. */
export interface LockRows {
  get(spec: string): HeldLock | undefined;
  all(): Iterable<HeldLock>;
  /** Puts a lock in place of the spec's former one. */
  hold(lock: SpecLock): void;
  /** Forgets the locks of all specs but these. */
  keepOnly(specs: ReadonlySet<string>): void;
  /** Reads what the rows of a lock chose, where that is not known yet. */
  read(lock: SpecLock): Promise<void>;
  choice(digest: string): Choice | undefined;
  addChoice(digest: string, choice: Choice): void;
  /** The pins of a lock's row; they are whole if the spec says what it said when the lock was made. */
  pinsIn(one: HeldLock | undefined, labels: Labels, document: string | undefined): Pins | undefined;
  /** Forgets what no row says any more. */
  tidy(): void;
}

export function createLockRows(history: Pick<LockHistory, 'choices'>): LockRows {
  const held = new Map<string, HeldLock>();
  const choices = new Map<string, Choice>();
  const pins = new Map<string, Pins>();

  return {
    get: (spec) => held.get(spec),
    all: () => held.values(),
    hold: (lock) => void held.set(lock.spec, { lock, lookUp: lookUpIn(lock) }),
    keepOnly(specs) {
      for (const id of held.keys()) if (!specs.has(id)) held.delete(id);
    },
    async read(lock) {
      const missing = choicesOf(lock).filter((digest) => !choices.has(digest));
      for (const [digest, choice] of await history.choices(missing)) choices.set(digest, choice);
    },
    choice: (digest) => choices.get(digest),
    addChoice: (digest, choice) => void choices.set(digest, choice),
    pinsIn(one, labels, document) {
      const digest = one?.lookUp(labels);
      const choice = digest === undefined ? undefined : choices.get(digest);
      if (!one || digest === undefined || !choice) return undefined;
      const whole = one.lock.document === document ? one.lock.spec : null;
      const key = `${digest} ${whole}`;
      const known = pins.get(key) ?? pinsOfChoice(choice, whole);
      pins.set(key, known);
      return known;
    },
    tidy() {
      const used = new Set([...held.values()].flatMap(({ lock }) => choicesOf(lock)));
      for (const digest of choices.keys()) if (!used.has(digest)) choices.delete(digest);
      for (const key of pins.keys())
        if (!used.has(key.slice(0, key.indexOf(' ')))) pins.delete(key);
    },
  };
}

function choicesOf({ groups }: SpecLock): string[] {
  return groups.flatMap(({ rows }) => rows.map(({ choice }) => choice));
}
