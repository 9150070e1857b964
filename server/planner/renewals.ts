import type { Clock } from '../../proto/clock.ts';
import type { RenewalHold } from '../../proto/package-views.ts';
import { matches } from '../../proto/selector.ts';
import type { SpecEntry } from '../core/model.ts';
import type { Events } from '../events/events.ts';
import type { BindingLocks } from '../locks/binding-locks.ts';
import { isTooMuch, lossesBySpec } from './core/renewal.ts';
import { indexSpecs, type SpecIndex } from './core/spec-index.ts';
import type { Fleet, Labelset } from './fleet.ts';
import { choiceOfGiven, type Given, withKept } from './given.ts';
import type { Holds } from './holds.ts';
import type { ImpactOf } from './impact.ts';
import type { NextPlan } from './planning.ts';

/**
 * The guard of locks that are renewed by themselves, after uploads and refreshed sources: where a renewal would remove as
 * much as needs confirmation of a person, the specs concerned are held, and their devices keep what they have.
 */
export interface Renewals {
  /** To be called before plans are made: ends what counts no more. */
  tidy(): Promise<void>;
  /** Holds what may not be carried out; then plans have to be made again from the specs that are returned. */
  judge(plans: readonly NextPlan[], specs: SpecIndex): Promise<SpecIndex | null>;
  /** Ends holds that are needed no more, if these labelsets tell so: of the specs that are returned. */
  review(planned: readonly Labelset[]): Promise<ReadonlySet<string>>;
  /** Tells what was held and resumed since the last call. */
  tell(): void;
}

export function createRenewals({
  fleet,
  holds,
  locks,
  impact,
  devices,
  percent,
  clock,
  events,
}: {
  fleet: Fleet;
  holds: Holds;
  locks: Pick<BindingLocks, 'hold'>;
  impact: Pick<ImpactOf, 'released'>;
  /** How many are enrolled. */
  devices: () => number;
  /** Up to this percentage of all devices may lose something unconfirmed. */
  percent: number;
  clock: Clock;
  events: Pick<Events, 'add'>;
}): Renewals {
  const begun = new Map<string, RenewalHold>();
  const ended = new Map<string, string>();

  const end = async (specs: readonly string[], why: string): Promise<void> => {
    await holds.end(specs);
    for (const id of specs) {
      if (!begun.delete(id)) ended.set(id, why);
    }
  };

  /** Of these held specs those that may go on together, as all others stay held. */
  const releasable = async (held: ReadonlySet<string>): Promise<ReadonlySet<string>> => {
    if (held.size === 0) return held;
    const losses = await impact.released(held);
    if (!isTooMuch(losses, devices(), percent)) return held;
    const losing = lossesBySpec(losses);
    return releasable(new Set([...held].filter((id) => !losing.has(id))));
  };

  const givenFor = (
    { id, target }: SpecEntry,
    looked: ReadonlyMap<Labelset, Given | null>,
  ): Parameters<BindingLocks['hold']>[1]['rows'] =>
    [...fleet.matching(target)].flatMap((labelset) => {
      const given = looked.get(labelset) ?? givenNow(labelset);
      return given ? [{ labels: labelset.labels, choice: choiceOfGiven(given, id) }] : [];
    });

  return {
    async tidy() {
      for (const id of await holds.tidy()) events.add(resumedEvent(id, 'the spec was changed'));
    },
    async judge(plans, specs) {
      const losses = plans.flatMap((plan) => plan.losses);
      if (!isTooMuch(losses, devices(), percent)) return null;
      const looked = new Map(plans.map(({ labelset, given }) => [labelset, given]));
      const at = new Date(clock.now()).toISOString();
      const made: RenewalHold[] = [];
      for (const [id, loss] of [...lossesBySpec(losses)].sort(byId)) {
        const spec = specs.get(id);
        if (!spec) continue;
        const { revision } = spec;
        await locks.hold(
          { ...spec, held: true },
          { keys: fleet.keys, rows: givenFor(spec, looked) },
        );
        made.push({ spec: id, revision, at, ...loss });
      }
      await holds.begin(made);
      for (const hold of made) if (!ended.delete(hold.spec)) begun.set(hold.spec, hold);
      return made.length > 0 ? indexSpecs(holds.over(specs.all)) : null;
    },
    async review(planned) {
      const held = holds.specs().filter((spec) => spec.held);
      const isConcerned = held.some(({ target }) =>
        planned.some(({ labels }) => matches(target, labels)),
      );
      if (!isConcerned) return new Set();
      const over = await releasable(new Set(held.map(({ id }) => id)));
      await end([...over], 'the update removes no more than may go unconfirmed');
      return over;
    },
    tell() {
      for (const hold of begun.values()) events.add(heldEvent(hold, devices()));
      for (const [spec, why] of ended) events.add(resumedEvent(spec, why));
      begun.clear();
      ended.clear();
    },
  };
}

const byId = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1);

function givenNow({ outcome, packages }: Labelset): Given | null {
  return outcome && { lines: outcome.body.lines, packages: withKept(packages) };
}

function resumedEvent(subject: string, detail: string) {
  return { kind: 'renewal-resumed' as const, actor: 'server', subject, detail };
}

function heldEvent(hold: RenewalHold, all: number) {
  const { spec, removals, devicesLosing, devicesEmptied } = hold;
  const emptied = devicesEmptied > 0 ? ` and leave ${devicesEmptied} with nothing` : '';
  return {
    ...{ kind: 'renewal-held' as const, actor: 'server', subject: spec },
    detail: `the update would take ${removals} packets or packages without a successor from ${devicesLosing} of ${all} devices${emptied}; devices keep what they have. See "spec updates ${spec}"; "spec promote ${spec}" takes it.`,
  };
}
