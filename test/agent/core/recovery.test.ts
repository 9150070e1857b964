import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isJournalEntry, type JournalEntry } from '../../../agent/core/journal-entry.ts';
import { decodeLines, encodeLine } from '../../../agent/core/journal-line.ts';
import { type Event, next, phaseOf, type State, transitions } from '../../../agent/core/machine.ts';
import { recoveryOf } from '../../../agent/core/recover.ts';
import { type Action, actionsOf, counterpartOf } from '../../../agent/core/script-order.ts';

const kind = fc.constantFrom('install' as const, 'upgrade' as const, 'remove' as const);
const begin: JournalEntry = {
  entry: 'begin',
  version: 1,
  transaction: 'tx',
  steps: [{ kind: 'upgrade', name: 'p', from: 'x', to: 'y', oldVersion: '1', newVersion: '2' }],
};

/** The journal of one step in the order in which it is written. */
const journal = kind.map((of): JournalEntry[] => [
  begin,
  { entry: 'operations', operations: [] },
  { entry: 'touched', directories: [] },
  { entry: 'planned' },
  { entry: 'staged' },
  ...actionsOf[of].map((action): JournalEntry => ({ entry: 'action', step: 0, action })),
  { entry: 'commit' },
]);

it('every beginning of a journal says what to do, and never both ways', () => {
  fc.assert(
    fc.property(journal, (whole) => {
      for (let length = 0; length <= whole.length; length += 1) {
        const part = whole.slice(0, length);
        const recovery = recoveryOf(part);
        const actions = part.flatMap((line) => (line.entry === 'action' ? [line.action] : []));
        const expected =
          length === 0
            ? 'nothing'
            : length < 4
              ? 'forget'
              : length === whole.length
                ? 'finish'
                : 'undo';
        expect(recovery.kind).toBe(expected);
        if (recovery.kind === 'undo')
          expect(recovery.actions.map(({ action }) => action)).toEqual(
            actions.reverse().map(counterpartOf),
          );
      }
    }),
  );
});

it('what is taken back already is not taken back again', () => {
  fc.assert(
    fc.property(journal, fc.nat(6), (whole, done) => {
      const part: JournalEntry[] = [...whole.slice(0, -1), { entry: 'undone', actions: done }];
      const all = recoveryOf(whole.slice(0, -1));
      const rest = recoveryOf(part);
      if (all.kind !== 'undo' || rest.kind !== 'undo') throw new Error('expected an undo');
      expect(rest.actions).toEqual(all.actions.slice(done));
    }),
  );
});

it('the order of entries that nobody wrote does not matter to totality', () => {
  fc.assert(
    fc.property(journal, fc.array(fc.nat(10)), (whole, order) => {
      const any = order.flatMap((index) => whole.slice(index, index + 1));
      expect(['nothing', 'forget', 'finish', 'undo']).toContain(recoveryOf(any).kind);
    }),
  );
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
  const [first, second] = [encodeLine(0, begin), encodeLine(5, { entry: 'commit' })];
  expect(decodeLines(first + second, isJournalEntry)).toEqual([begin]);
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
  const happy: Event[] = ['planned', 'downloaded', 'journaled', 'staged', 'committed', 'cleaned'];
  for (let length = 0; length <= happy.length; length += 1) {
    const at = happy.slice(0, length).reduce<State>(next, 'idle');
    expect(['idle', 'stuck', 'discarding', 'undoing']).toContain(next(at, 'failed'));
    expect([...(['failed', 'cleaned'] as Event[])].reduce(next, at)).toMatch(/idle|stuck/);
  }
});

it('after everything is staged an abort is not followed', () => {
  for (const state of ['applying', 'finishing', 'undoing'] as const)
    expect(next(state, 'aborted')).toBe(state);
  for (const state of ['downloading', 'verified'] as const)
    expect(next(state, 'aborted')).toBe('idle');
  expect(next('staging', 'aborted')).toBe('discarding');
});

it('the counterpart of a counterpart is the action itself', () => {
  const actions: Action[] = Object.values(actionsOf).flat();
  for (const action of actions) expect(counterpartOf(counterpartOf(action))).toEqual(action);
});
