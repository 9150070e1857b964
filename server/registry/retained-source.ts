import type { RetainedSource } from '../../broker/bus.ts';
import { PRESENCE_SCHEMA, type Presence } from '../../proto/messages.ts';
import { parseTopic } from '../../proto/topics.ts';
import type { Planner } from '../planner/planner.ts';
import type { DeviceEntry } from './devices.ts';
import type { Registry } from './registry.ts';

interface Parts {
  planner: Pick<Planner, 'message'>;
  registry: Pick<Registry, 'get' | 'reported'>;
}

/** The retained messages of devices: desired from the planner, reported from the store, presence from memory. */
export function createRetainedSource({ planner, registry }: Parts): RetainedSource {
  return {
    owns(topic) {
      const parsed = parseTopic(topic);
      return parsed?.kind === 'device' && parsed.channel !== 'progress' && parsed.channel !== 'log';
    },
    load(topic) {
      const parsed = parseTopic(topic);
      if (parsed?.kind !== 'device') return undefined;
      const device = registry.get(parsed.device);
      if (!device) return undefined;
      switch (parsed.channel) {
        case 'desired':
          return planner.message(device.id);
        case 'reported':
          return registry.reported.bytes(device.id);
        case 'presence':
          return presenceMessage(device);
        case 'progress':
        case 'log':
          return undefined;
      }
    },
  };
}

/** The presence message of a device. One that was not there since the server's start is offline since it was last seen. */
export function presenceMessage(device: DeviceEntry): Uint8Array {
  const { online, transport } = device;
  const since = device.since ?? device.lastSeenAt ?? device.enrolledAt;
  const message: Presence = { schema: PRESENCE_SCHEMA, online, since, transport };
  return Buffer.from(JSON.stringify(message));
}
