import type { DevicePatch } from '../../proto/api.ts';
import { JamesError } from '../../proto/errors.ts';
import { formatLabels, type Labels, labelsProblem } from '../../proto/labels.ts';
import type { Events } from '../events/events.ts';
import { keys } from '../store/keys.ts';
import type { Store } from '../store/store.ts';
import { sameLabels } from './device.ts';
import type { Interner } from './interner.ts';
import type { Locks } from './locks.ts';
import type { Roster } from './roster.ts';

interface Parts {
  store: Store;
  events: Events;
  roster: Roster;
  interner: Interner;
  locks: Locks;
}

/** A person's change of a device's operator labels. */
export interface RelabelRequest {
  id: string;
  /** Null removes a label. */
  labels: DevicePatch['labels'];
  actor: string;
  /** Asked with the operator labels as they would be, before anything is written; throws to refuse them. */
  check: (operator: Labels) => void;
}

/** Sets operator labels. Throws `not-found`, `bad-labels`, or what `check` throws. */
export type Relabel = (request: RelabelRequest) => Promise<void>;

/** Operator labels win over all others that a device has. */
export function createRelabel({ store, events, roster, interner, locks }: Parts): Relabel {
  return ({ id, labels, actor, check }) =>
    locks.run(id, async () => {
      const device = roster.get(id);
      if (!device) throw new JamesError('not-found', `No device "${id}" is enrolled.`);
      const operator = patched(device.record.operator, labels);
      if (sameLabels(operator, device.record.operator)) return;
      check(operator);
      const record = { ...device.record, operator };
      await store.batch([{ put: keys.device(id), value: JSON.stringify(record) }]);
      const relabelled = device.identify(record, interner);
      events.add({ kind: 'device-labels', actor, subject: id, detail: formatLabels(operator) });
      if (relabelled) roster.changed({ device: id, cause: 'person' });
    });
}

function patched(labels: Labels, patch: DevicePatch['labels']): Labels {
  // a map, since assigning `__proto__` to an object adds no key
  const next = new Map(Object.entries(labels));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) next.delete(key);
    else next.set(key, value);
  }
  const patchedLabels = Object.fromEntries(next);
  const problem = labelsProblem(patchedLabels);
  if (problem) throw new JamesError('bad-labels', `Labels: ${problem}.`);
  return patchedLabels;
}
