import { type DeviceChannel, parseTopic, type Topic, VIEWER_FILTERS } from '../../proto/topics.ts';
import type { Identity } from './identity.ts';

/** What can be done with a topic. `retain` comes on top of `publish`; `receive` is checked when a message is delivered. */
export type Action = 'publish' | 'retain' | 'subscribe' | 'receive' | 'will';

type Actions = readonly Action[];
const nothing: Actions = [];
const read: Actions = ['subscribe', 'receive'];

/** A device, on the topics under its own id. It may name its presence in a will; the embedded broker knows better. */
const ownDevice: Record<DeviceChannel, Actions> = {
  desired: read,
  reported: [...read, 'publish', 'retain'],
  presence: [...read, 'will'],
  progress: [...read, 'publish'],
  log: [...read, 'publish'],
};

/** An operator, on the topics of a device that it names. */
const namedDevice: Record<DeviceChannel, Actions> = {
  desired: nothing,
  reported: read,
  presence: read,
  progress: read,
  log: read,
};

/** All other topics. */
const overview: Record<Identity['kind'], Record<Exclude<Topic['kind'], 'device'>, Actions>> = {
  device: {
    'fleet-summary': nothing,
    'fleet-changes': nothing,
    'spec-status': nothing,
    'rollout-status': nothing,
    'source-status': nothing,
  },
  operator: {
    'fleet-summary': read,
    'fleet-changes': read,
    'spec-status': read,
    'rollout-status': read,
    'source-status': read,
  },
};

/** Filters with wildcards. None reaches below a device. */
const wildcards: Record<Identity['kind'], readonly string[]> = {
  device: [],
  operator: VIEWER_FILTERS,
};

/**
 * Whether `identity` may do `action` with `topic` (for `subscribe`: a topic or filter). Whatever the tables do not name
 * is refused: `$SYS`, `#`, `+`, topics of another device.
 */
export function may(identity: Identity, action: Action, topic: string): boolean {
  if (action === 'subscribe' && wildcards[identity.kind].includes(topic)) return true;
  const parsed = parseTopic(topic);
  return parsed !== null && allowed(identity, parsed).includes(action);
}

function allowed(identity: Identity, topic: Topic): Actions {
  if (topic.kind !== 'device') return overview[identity.kind][topic.kind];
  if (identity.kind === 'operator') return namedDevice[topic.channel];
  return identity.device === topic.device ? ownDevice[topic.channel] : nothing;
}
