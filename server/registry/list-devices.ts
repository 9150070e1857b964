import { setImmediate } from 'node:timers/promises';
import type { DeviceView, Page } from '../../proto/api.ts';
import type { Phase } from '../../proto/reported.ts';
import { matches, type Selector } from '../../proto/selector.ts';
import type { Planner } from '../planner/planner.ts';
import { deviceView, phaseOf } from './device-state.ts';
import type { DeviceEntry } from './devices.ts';
import type { Registry } from './registry.ts';

const DEFAULT_LIMIT = 100;
/** Devices that are looked at before others get their turn. */
const PER_SLICE = 5_000;

export interface DeviceQuery {
  selector: Selector;
  phase?: Phase;
  limit?: number;
  /** The `next` of the page before. */
  cursor?: string;
}

interface Parts {
  registry: Registry;
  planner: Pick<Planner, 'desiredOf'>;
  epoch: string;
}

/**
 * A page of devices in id order. The cursor is the last id of the page before, so a device that comes or goes meanwhile
 * shifts no other.
 */
export async function listDevices(
  { registry, planner, epoch }: Parts,
  { selector, phase, limit = DEFAULT_LIMIT, cursor = '' }: DeviceQuery,
): Promise<Page<DeviceView>> {
  const found: DeviceEntry[] = [];
  let seen = 0;
  for (const device of registry.after(cursor)) {
    seen += 1;
    if (seen % PER_SLICE === 0) await setImmediate();
    if (!matches(selector, device.labels)) continue;
    if (phase && phaseOf(device.reported, planner.desiredOf(device.id)).phase !== phase) continue;
    found.push(device);
    if (found.length > limit) break;
  }
  const page = found.slice(0, limit);
  const reports = await registry.reported.many(page.map(({ id }) => id));
  return {
    items: page.map((device, at) =>
      deviceView(device, planner.desiredOf(device.id), reports[at] ?? null, epoch),
    ),
    next: found.length > limit ? (page.at(-1)?.id ?? null) : null,
  };
}
