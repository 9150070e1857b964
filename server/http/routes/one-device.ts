import type { FastifyRequest } from 'fastify';
import type { DeviceView } from '../../../proto/api.ts';
import { JamesError } from '../../../proto/errors.ts';
import type { Planner } from '../../planner/planner.ts';
import { deviceView } from '../../registry/device-state.ts';
import type { DeviceEntry } from '../../registry/devices.ts';
import type { Registry } from '../../registry/registry.ts';
import { actorOf, unauthenticated } from '../identity.ts';

/** A route about one device. */
export interface One {
  Params: { id: string };
}

export interface ViewParts {
  registry: Registry;
  planner: Pick<Planner, 'desiredOf'>;
  /** The identity of the store's lineage. */
  epoch: string;
}

/** How often the report of a device is read at most for one view. */
const MAX_READS = 8;

/** The report is read from the store, its summary from memory; a report that comes between is read again. */
export async function viewOf(
  { registry, planner, epoch }: ViewParts,
  id: string,
): Promise<DeviceView> {
  for (let tries = 1; ; tries += 1) {
    requireDevice(registry, id);
    const [reported = null] = await registry.reported.many([id]);
    const device = requireDevice(registry, id);
    const isOfOneMoment = device.reported?.seq === reported?.seq;
    if (isOfOneMoment || tries === MAX_READS)
      return deviceView(device, planner.desiredOf(id), reported, epoch);
  }
}

/** Throws `not-found`. */
export function requireDevice(registry: Registry, id: string): DeviceEntry {
  const device = registry.get(id);
  if (device) return device;
  const shown = JSON.stringify(id.slice(0, 128));
  throw new JamesError('not-found', `There is no device ${shown}.`);
}

/** Who asks, as events name it. */
export function actorOfRequest({ identity }: FastifyRequest): string {
  if (!identity) throw unauthenticated();
  return actorOf(identity);
}
