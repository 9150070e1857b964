import { SUMMARY_SCHEMA, type Summary } from '../../proto/messages.ts';
import type { Phase, ReportedPacket } from '../../proto/reported.ts';

/** `specs` and `packets` of a summary are cut to this many with most devices. */
const MAX_ROWS = 100;

/** What one device adds to the counts. */
export interface Share {
  phase: Phase;
  online: boolean;
  converged: boolean;
  problems: boolean;
  specs: readonly string[];
  /** Compared as an object. */
  packets: readonly ReportedPacket[];
}

export interface SpecCount {
  devices: number;
  converged: number;
  failed: number;
  problems: number;
}

const FAILED: ReadonlySet<Phase> = new Set(['failed', 'rolled-back']);

/** Counts over the fleet that follow single devices: a change costs what the device has, not what the fleet has. */
export class FleetCounts {
  readonly #shares = new Map<string, Share>();
  readonly #phases = new Map<string, number>();
  readonly #specs = new Map<string, SpecCount>();
  readonly #packets = new Map<string, { id: string; name: string; devices: number }>();
  #online = 0;
  #converged = 0;
  #problems = 0;
  /** Specs whose counts changed and were not taken yet. */
  #touched = new Set<string>();

  /** Puts a device's share in the place of its former one; undefined: it is gone. Returns true if anything changed. */
  set(device: string, share: Share | undefined): boolean {
    const former = this.#shares.get(device);
    if (equal(former, share)) return false;
    if (former) this.#add(former, -1);
    if (share) {
      this.#add(share, 1);
      this.#shares.set(device, share);
    } else {
      this.#shares.delete(device);
    }
    return true;
  }

  /** The counts of a spec; all 0 if it applies to no device. */
  spec(id: string): SpecCount {
    return this.#specs.get(id) ?? { devices: 0, converged: 0, failed: 0, problems: 0 };
  }

  /** The specs whose counts changed since the last call. */
  takeTouched(): Set<string> {
    const touched = this.#touched;
    this.#touched = new Set();
    return touched;
  }

  /** The summary; `versionOf` gives the version label of a packet. */
  summary(at: string, versionOf: (packet: string) => string | null): Summary {
    return {
      schema: SUMMARY_SCHEMA,
      at,
      devices: this.#shares.size,
      online: this.#online,
      converged: this.#converged,
      problems: this.#problems,
      phases: Object.fromEntries([...this.#phases].sort(([a], [b]) => (a < b ? -1 : 1))),
      specs: most(
        [...this.#specs].map(([id, { devices, converged }]) => ({ id, devices, converged })),
      ),
      packets: most([...this.#packets.values()]).map(({ id, name, devices }) => ({
        id,
        name,
        version: versionOf(id),
        devices,
      })),
    };
  }

  #add(share: Share, by: 1 | -1): void {
    if (share.online) this.#online += by;
    if (share.converged) this.#converged += by;
    if (share.problems) this.#problems += by;
    const phase = (this.#phases.get(share.phase) ?? 0) + by;
    if (phase > 0) this.#phases.set(share.phase, phase);
    else this.#phases.delete(share.phase);
    for (const spec of share.specs) this.#addSpec(spec, share, by);
    for (const packet of share.packets) this.#addPacket(packet, by);
  }

  #addSpec(id: string, share: Share, by: 1 | -1): void {
    const count = this.spec(id);
    count.devices += by;
    if (share.converged) count.converged += by;
    if (FAILED.has(share.phase)) count.failed += by;
    if (share.problems) count.problems += by;
    if (count.devices > 0) this.#specs.set(id, count);
    else this.#specs.delete(id);
    this.#touched.add(id);
  }

  #addPacket({ id, name, status }: ReportedPacket, by: 1 | -1): void {
    if (id === null || (status !== 'installed' && status !== 'manual')) return;
    const count = this.#packets.get(id) ?? { id, name, devices: 0 };
    count.devices += by;
    if (count.devices > 0) this.#packets.set(id, count);
    else this.#packets.delete(id);
  }
}

function equal(a: Share | undefined, b: Share | undefined): boolean {
  if (!a || !b) return a === b;
  return (
    a.phase === b.phase &&
    a.online === b.online &&
    a.converged === b.converged &&
    a.problems === b.problems &&
    (a.specs === b.specs || a.specs.join('/') === b.specs.join('/')) &&
    a.packets === b.packets
  );
}

/** The rows with most devices, then by id. */
function most<Row extends { id: string; devices: number }>(rows: Row[]): Row[] {
  return rows.sort((a, b) => b.devices - a.devices || (a.id < b.id ? -1 : 1)).slice(0, MAX_ROWS);
}
