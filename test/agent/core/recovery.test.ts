import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isJournalEntry,
  JOURNAL_VERSION,
  type JournalEntry,
  type PackagesBegun,
} from '../../../agent/core/journal-entry.ts';
import { decodeLines, encodeLine } from '../../../agent/core/journal-line.ts';
import { type Event, next, phaseOf, type State, transitions } from '../../../agent/core/machine.ts';
import { hasChanged, type Moment, recoveryOf } from '../../../agent/core/recover.ts';
import { type Action, actionsOf, counterpartOf } from '../../../agent/core/script-order.ts';

const kind = fc.constantFrom('install' as const, 'upgrade' as const, 'remove' as const);
const now: Moment = { boot: 'boot-1', run: 'run-1' };
const begun: PackagesBegun = {
  lock: 'sha256:l',
  asked: null,
  sources: 's',
  policy: { version: 'locked', downgrade: false, unmanaged: 'keep' },
  managed: [],
  before: [],
};
const point = { epoch: 'e', revision: 2, digest: 'd' };

const beginOf = (manager: string | null): JournalEntry => ({
  entry: 'begin',
  version: JOURNAL_VERSION,
  transaction: 'tx',
  from: null,
  to: point,
  manager,
  health: null,
});
const stepOf = (of: 'install' | 'upgrade' | 'remove', driver: string | null) => ({
  ...{ kind: of, name: 'p', from: 'x', to: 'y', oldVersion: '1', newVersion: '2' },
  ...{ driver, timeoutMs: null },
});

/** The journal of one step in the order in which it is written, with packages or without. */
const journal = fc
  .tuple(kind, fc.boolean(), fc.constantFrom(null, 'image'))
  .map(([of, hasPackages, driver]): JournalEntry[] => [
    beginOf(hasPackages ? 'apt' : null),
    ...(hasPackages ? [{ entry: 'packages', begun } as const] : []),
    { entry: 'steps', steps: [stepOf(of, driver)] },
    { entry: 'operations', operations: [] },
    { entry: 'touched', directories: [] },
    { entry: 'planned' },
    { entry: 'staged' },
    ...actionsOf({ kind: of, driver }).map(
      (action): JournalEntry => ({ entry: 'action', step: 0, action }),
    ),
    { entry: 'commit' },
  ]);

it('every beginning of a journal says what to do, and never both ways', () => {
  fc.assert(
    fc.property(journal, (whole) => {
      for (let length = 0; length <= whole.length; length += 1) {
        const part = whole.slice(0, length);
        const recovery = recoveryOf(part, now, true);
        const actions = part.flatMap((line) => (line.entry === 'action' ? [line.action] : []));
        const expected = length === 0 ? 'nothing' : length === whole.length ? 'finish' : 'undo';
        expect(recovery.kind).toBe(expected);
        if (recovery.kind !== 'undo') continue;
        expect(recovery.written.back.map(({ action }) => action)).toEqual(
          actions.reverse().map(counterpartOf),
        );
        const touched = part.some(({ entry }) => entry === 'packages' || entry === 'planned');
        expect(hasChanged(recovery.written)).toBe(touched);
      }
    }),
  );
});

it('what is taken back already is not taken back again', () => {
  fc.assert(
    fc.property(journal, fc.nat(6), (whole, done) => {
      const part: JournalEntry[] = [...whole.slice(0, -1), { entry: 'undone', actions: done }];
      const all = recoveryOf(whole.slice(0, -1), now, true);
      const rest = recoveryOf(part, now, true);
      if (all.kind !== 'undo' || rest.kind !== 'undo') throw new Error('expected an undo');
      expect(rest.written.back).toEqual(all.written.back.slice(done));
      expect(rest.written.undone).toBe(done);
    }),
  );
});

it('the order of entries that nobody wrote does not matter to totality', () => {
  fc.assert(
    fc.property(journal, fc.array(fc.nat(10)), (whole, order) => {
      const any = order.flatMap((index) => whole.slice(index, index + 1));
      expect(['nothing', 'finish', 'undo']).toContain(recoveryOf(any, now, true).kind);
    }),
  );
});

describe('a restart', () => {
  const applied = (of: 'machine' | 'agent', ...restarted: string[]): JournalEntry[] => [
    beginOf(null),
    { entry: 'planned' },
    { entry: 'staged' },
    { entry: 'restart', of, id: of === 'machine' ? 'boot-1' : 'run-1' },
    ...restarted.map((id): JournalEntry => ({ entry: 'restarted', id })),
  ];
  const later = (boot: string, run: string): Moment => ({ boot, run });

  it('that has not come yet is waited for, also by an agent that was started anew', () => {
    expect(recoveryOf(applied('machine'), later('boot-1', 'run-2'), true)).toMatchObject({
      kind: 'restart',
      of: 'machine',
    });
  });

  it('that has come lets health decide', () => {
    expect(recoveryOf(applied('machine'), later('boot-2', 'run-2'), true).kind).toBe('check');
    expect(recoveryOf(applied('agent'), later('boot-1', 'run-2'), true).kind).toBe('check');
  });

  it('an agent that dies while it looks takes all back', () => {
    expect(recoveryOf(applied('machine', 'boot-2'), later('boot-2', 'run-3'), true).kind).toBe(
      'undo',
    );
    expect(recoveryOf(applied('agent', 'run-2'), later('boot-1', 'run-3'), true).kind).toBe('undo');
  });

  it('a machine that boots again and again takes all back in the end', () => {
    const boots = ['boot-2', 'boot-3', 'boot-4'];
    expect(
      recoveryOf(applied('machine', ...boots.slice(0, 2)), later('boot-4', 'r'), true).kind,
    ).toBe('check');
    expect(recoveryOf(applied('machine', ...boots), later('boot-5', 'r'), true).kind).toBe('undo');
  });

  it('does not turn a way back round that was begun', () => {
    const back: JournalEntry = { entry: 'back', code: 'unhealthy', reason: 'It is not well.' };
    const recovery = recoveryOf(
      [...applied('machine', 'boot-2'), back],
      later('boot-3', 'r'),
      true,
    );
    expect(recovery).toMatchObject({ kind: 'undo', written: { why: { code: 'unhealthy' } } });
  });
});

it('a journal is read up to the first line that is torn or changed', () => {
  fc.assert(
    fc.property(journal, fc.nat(), fc.nat(255), (whole, at, byte) => {
      const text = whole.map((line, index) => encodeLine(index, line)).join('');
      expect(decodeLines(text, isJournalEntry)).toEqual(whole);
      const cut = at % text.length;
      const torn = decodeLines(text.slice(0, cut), isJournalEntry);
      expect(torn).toEqual(whole.slice(0, torn.length));
      expect(torn.length).toBe(text.slice(0, cut).split('\n').length - 1);
      const bytes = Buffer.from(text);
      bytes[cut] = byte;
      const changed = decodeLines(bytes.toString('latin1'), isJournalEntry);
      expect(changed).toEqual(whole.slice(0, changed.length));
    }),
  );
});

it('lines of another journal do not count', () => {
  const [first, second] = [encodeLine(0, beginOf(null)), encodeLine(5, { entry: 'commit' })];
  expect(decodeLines(first + second, isJournalEntry)).toEqual([beginOf(null)]);
});

it('the machine knows an answer to every event in every state, and always comes to rest', () => {
  const states = Object.keys(transitions) as State[];
  const events = Object.keys(transitions.idle) as Event[];
  for (const state of states) {
    for (const event of events) {
      expect(Object.hasOwn(transitions[state], event)).toBe(true);
      expect(states).toContain(next(state, event));
      expect(Object.hasOwn(phaseOf, next(state, event))).toBe(true);
    }
  }
  const happy: Event[] = [
    ...(['planned', 'downloaded', 'journaled', 'staged', 'applied'] as const),
    ...(['committed', 'cleaned'] as const),
  ];
  for (let length = 0; length <= happy.length; length += 1) {
    const at = happy.slice(0, length).reduce<State>(next, 'idle');
    expect(['idle', 'stuck', 'undoing']).toContain(next(at, 'failed'));
    expect([...(['failed', 'cleaned'] as Event[])].reduce(next, at)).toMatch(/idle|stuck/);
  }
});

it('after everything is staged an abort is not followed', () => {
  for (const state of ['packaging', 'applying', 'applied', 'finishing', 'undoing'] as const)
    expect(next(state, 'aborted')).toBe(state);
  expect(next('downloading', 'aborted')).toBe('idle');
  for (const state of ['readying', 'verified', 'staging'] as const)
    expect(next(state, 'aborted')).toBe('undoing');
});

it('the counterpart of a counterpart is the action itself', () => {
  const kinds = ['install', 'upgrade', 'remove'] as const;
  const actions: Action[] = kinds.flatMap((of) => actionsOf({ kind: of, driver: null }));
  for (const action of actions) expect(counterpartOf(counterpartOf(action))).toEqual(action);
});
