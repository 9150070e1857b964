import { isDeviceId, isId } from './ids.ts';

/** Every topic is built and parsed here. The version is the prefix. */
const PREFIX = 'jamesd/v1';

export const deviceChannels = ['desired', 'reported', 'presence', 'progress', 'log'] as const;
export type DeviceChannel = (typeof deviceChannels)[number];

/** A topic, taken apart. */
export type Topic =
  | { kind: 'device'; device: string; channel: DeviceChannel }
  | { kind: 'fleet-summary' }
  | { kind: 'fleet-changes' }
  | { kind: 'spec-status'; spec: string }
  | { kind: 'rollout-status'; rollout: string }
  | { kind: 'source-status'; source: string };

export const deviceTopic = (device: string, channel: DeviceChannel): string =>
  `${PREFIX}/devices/${device}/${channel}`;
export const FLEET_SUMMARY_TOPIC = `${PREFIX}/fleet/summary`;
export const FLEET_CHANGES_TOPIC = `${PREFIX}/fleet/changes`;
export const specStatusTopic = (spec: string): string => `${PREFIX}/specs/${spec}/status`;
export const rolloutStatusTopic = (rollout: string): string =>
  `${PREFIX}/rollouts/${rollout}/status`;

export const sourceStatusTopic = (source: string): string => `${PREFIX}/sources/${source}/status`;

/** How all sources stand. */
export const SOURCES_FILTER = `${PREFIX}/sources/#`;

/** The wildcard filters that a viewer may subscribe to. */
export const VIEWER_FILTERS: readonly string[] = [
  `${PREFIX}/fleet/#`,
  `${PREFIX}/specs/#`,
  `${PREFIX}/rollouts/#`,
  SOURCES_FILTER,
];

/** Takes a topic (not a filter) apart; null if it is none of ours. */
export function parseTopic(topic: string): Topic | null {
  const [root, version, area, id, channel, ...rest] = topic.split('/');
  if (`${root}/${version}` !== PREFIX || rest.length > 0) return null;
  switch (area) {
    case 'devices':
      return parseDeviceTopic(id, channel);
    case 'fleet':
      return channel === undefined ? parseFleetTopic(id) : null;
    case 'specs':
      return id !== undefined && isId(id) && channel === 'status'
        ? { kind: 'spec-status', spec: id }
        : null;
    case 'rollouts':
      return id !== undefined && isId(id) && channel === 'status'
        ? { kind: 'rollout-status', rollout: id }
        : null;
    case 'sources':
      return id !== undefined && isId(id) && channel === 'status'
        ? { kind: 'source-status', source: id }
        : null;
    default:
      return null;
  }
}

function parseDeviceTopic(device: string | undefined, channel: string | undefined): Topic | null {
  if (device === undefined || !isDeviceId(device)) return null;
  const known = deviceChannels.find((name) => name === channel);
  return known ? { kind: 'device', device, channel: known } : null;
}

function parseFleetTopic(name: string | undefined): Topic | null {
  if (name === 'summary') return { kind: 'fleet-summary' };
  return name === 'changes' ? { kind: 'fleet-changes' } : null;
}
