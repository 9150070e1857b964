import { setImmediate } from 'node:timers/promises';
import { SPEC_STATUS_SCHEMA, type SpecStatus, type Summary } from '../../proto/messages.ts';
import { isConverged, phaseOf, versionOf } from './device-state.ts';
import type { FeedParts } from './feed-parts.ts';
import { FleetCounts, type Share } from './fleet-counts.ts';
import { createSpecsOf } from './spec-membership.ts';

/** Devices that are counted before others get their turn. */
const PER_SLICE = 1_000;

/** The counts over the fleet, kept by looking again at the devices that changed. */
export interface FleetTally {
  /** Looks at devices again. Resolves with true if any count changed. */
  count(devices: Iterable<string>): Promise<boolean>;
  /** Takes the specs as they are now; all devices have to be counted again. */
  takeSpecs(): void;
  summary(): Summary;
  /** The states of the specs whose counts or revisions changed since the last call, null for those that are gone. */
  takeStatuses(): Map<string, SpecStatus | null>;
}

type Parts = Pick<FeedParts, 'registry' | 'planner' | 'specs' | 'packets' | 'clock' | 'epoch'>;

/** A tally that has counted nothing yet. */
export function createFleetTally(parts: Parts): FleetTally {
  const { registry, planner, specs, packets, clock, epoch } = parts;
  const counts = new FleetCounts();
  let revisions = new Map<string, number>();
  let specsOf = createSpecsOf([]);
  let revised = new Set<string>();

  function shareOf(id: string): Share | undefined {
    const device = registry.get(id);
    if (!device) return undefined;
    const point = planner.desiredOf(id);
    return {
      phase: phaseOf(device.reported, point).phase,
      online: device.online,
      converged: isConverged(device.reported, point, epoch),
      problems: (point?.problems.length ?? 0) > 0,
      specs: specsOf(device.labels),
      packets: device.reported?.packets ?? [],
    };
  }

  function status(spec: string): SpecStatus | null {
    const revision = revisions.get(spec);
    if (revision === undefined) return null;
    return { schema: SPEC_STATUS_SCHEMA, spec, revision, ...counts.spec(spec) };
  }

  return {
    async count(devices) {
      let changed = false;
      let counted = 0;
      for (const id of devices) {
        if (counts.set(id, shareOf(id))) changed = true;
        counted += 1;
        if (counted % PER_SLICE === 0) await setImmediate();
      }
      return changed;
    },
    takeSpecs() {
      const former = revisions;
      const present = [...specs.all()];
      revisions = new Map(present.map(({ id, revision }) => [id, revision]));
      for (const id of new Set([...former.keys(), ...revisions.keys()])) {
        if (former.get(id) !== revisions.get(id)) revised.add(id);
      }
      specsOf = createSpecsOf(present);
    },
    summary: () =>
      counts.summary(new Date(clock.now()).toISOString(), (id) => versionOf(id, packets)),
    takeStatuses() {
      const ids = [...revised, ...counts.takeTouched()];
      revised = new Set();
      return new Map(ids.map((id) => [id, status(id)]));
    },
  };
}
