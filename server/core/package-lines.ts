import type { PlanProblem } from '../../proto/api.ts';
import { type PackageType, type PackageWish, packageWish } from '../../proto/package-line.ts';
import { isBound, type PlannedPacket, type SpecEntry } from './model.ts';
import { problem } from './problems.ts';

/** Why a package is wanted: a spec's line, or through packets (from the app down) that the spec chose. */
export interface WantReason {
  spec: string;
  revision: number;
  packets: readonly string[];
}

/** A package that specs, or packets that they chose, ask for on a device. */
export interface PackageWant {
  name: string;
  arch?: string;
  version?: string;
  verify: boolean;
  recommended?: boolean;
  /** Locks of specs decide its version: one of the lines that count is of a spec whose lock decides. */
  manual: boolean;
  reason: WantReason;
}

/** A line of a spec for packages of a device's type. */
export interface PackageSpecLine {
  wish: PackageWish;
  spec: SpecEntry;
  priority: number;
  /** Whether it has the highest priority of all lines of its name; others have no effect. */
  counts: boolean;
}

/** True if some spec lists packages or some packet needs them: only then does planning look at sources. */
export function asksForPackages(
  applying: readonly SpecEntry[],
  packets: readonly PlannedPacket[],
): boolean {
  return (
    applying.some((spec) => (spec.packages?.length ?? 0) > 0) ||
    packets.some(({ packet }) => (packet.packages?.length ?? 0) > 0)
  );
}

/**
 * The lines of specs (in order of precedence) by package name, names sorted. `type`: of the device's packages; lines of
 * another type are not for it. Null: unknown, all lines are looked at.
 */
export function packageLines(
  applying: readonly SpecEntry[],
  type: PackageType | null,
): Map<string, PackageSpecLine[]> {
  const byName = new Map<string, PackageSpecLine[]>();
  for (const spec of applying) {
    const priority = spec.priority ?? 0;
    for (const line of spec.packages ?? []) {
      const wish = packageWish(line);
      if (isOther(wish, type)) continue;
      const lines = byName.get(wish.name) ?? [];
      lines.push({ wish, spec, priority, counts: priority === (lines[0]?.priority ?? priority) });
      byName.set(wish.name, lines);
    }
  }
  return new Map([...byName].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isOther(wish: PackageWish, type: PackageType | null): boolean {
  return wish.type !== undefined && type !== null && wish.type !== type;
}

/** What is asked for, sorted by name; a name whose lines contradict each other is a problem and no want. */
export interface PackageWants {
  wants: PackageWant[];
  problems: PlanProblem[];
}

/**
 * The wants of specs' lines and of the packets that the specs chose. A packet's line without a version adds nothing to
 * a spec's line of that name; one with a version must hold beside it. Independent of the order of equal precedence.
 */
export function packageWants(
  applying: readonly SpecEntry[],
  packets: readonly PlannedPacket[],
  type: PackageType | null,
): PackageWants {
  const wants: PackageWant[] = [];
  const problems: PlanProblem[] = [];
  for (const [name, lines] of packageLines(applying, type)) {
    const counting = lines.filter(({ counts }) => counts);
    const merged = byArch(counting).map((same) => mergeLines(name, same));
    const conflict = merged.find((one) => 'code' in one);
    if (conflict && 'code' in conflict) problems.push(conflict);
    else wants.push(...merged.filter((one): one is PackageWant => !('code' in one)));
  }
  const refused = new Set(problems.map(({ name }) => name));
  const manual = new Set(applying.filter(isBound).map(({ id }) => id));
  wants.push(
    ...packetWants({ packets, type, wanted: wants, manual }).filter(
      ({ name }) => !refused.has(name),
    ),
  );
  return { wants: wants.sort(compareWants), problems };
}

function byArch(lines: readonly PackageSpecLine[]): PackageSpecLine[][] {
  const groups = new Map<string, PackageSpecLine[]>();
  for (const line of lines) {
    const key = line.wish.arch ?? '';
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  return [...groups.values()];
}

/** One want of lines that agree wherever they say something; otherwise the problem. */
function mergeLines(name: string, lines: readonly PackageSpecLine[]): PackageWant | PlanProblem {
  const [first] = lines as [PackageSpecLine];
  for (const field of ['version', 'verify', 'recommended'] as const) {
    const stated = lines.filter(({ wish }) => wish[field] !== undefined);
    if (new Set(stated.map(({ wish }) => wish[field])).size > 1)
      return problem('conflict', name, describeContradiction(name, field, stated));
  }
  const said = <Field extends keyof PackageWish>(field: Field): PackageWish[Field] | undefined =>
    lines.find(({ wish }) => wish[field] !== undefined)?.wish[field];
  const version = said('version');
  const recommended = said('recommended');
  return {
    name,
    ...(first.wish.arch !== undefined && { arch: first.wish.arch }),
    ...(version !== undefined && { version }),
    ...(recommended !== undefined && { recommended }),
    verify: said('verify') ?? true,
    manual: lines.some(({ spec }) => isBound(spec)),
    reason: { spec: first.spec.id, revision: first.spec.revision, packets: [] },
  };
}

function describeContradiction(
  name: string,
  field: 'version' | 'verify' | 'recommended',
  lines: readonly PackageSpecLine[],
): string {
  const sides = lines.map(({ wish, spec }) => `spec ${spec.id} says ${field} ${wish[field]}`);
  return `At priority ${lines[0]?.priority}, ${[...new Set(sides)].sort().join('; ')} of package ${name}. Give one spec a higher priority or let them agree.`;
}

function packetWants({
  packets,
  type,
  wanted,
  manual,
}: {
  packets: readonly PlannedPacket[];
  type: PackageType | null;
  wanted: readonly PackageWant[];
  manual: ReadonlySet<string>;
}): PackageWant[] {
  const known = new Set(wanted.map(wantKey));
  const added = new Map<string, PackageWant>();
  for (const { packet, reason } of packets) {
    for (const line of packet.packages ?? []) {
      const wish = packageWish(line);
      if (isOther(wish, type)) continue;
      const want = packetWant(wish, reason, packet.name, manual.has(reason.spec));
      const key = `${wantKey(want)} ${want.version ?? ''}`;
      if (added.has(key) || (want.version === undefined && known.has(wantKey(want)))) continue;
      added.set(key, want);
    }
  }
  return [...added.values()];
}

function packetWant(
  wish: PackageWish,
  reason: PlannedPacket['reason'],
  packet: string,
  manual: boolean,
): PackageWant {
  const { name, arch, version, verify, recommended } = wish;
  return {
    name,
    ...(arch !== undefined && { arch }),
    ...(version !== undefined && { version }),
    ...(recommended !== undefined && { recommended }),
    verify: verify ?? true,
    manual,
    reason: {
      spec: reason.spec,
      revision: reason.revision,
      packets: [...(reason.neededBy ?? []), packet],
    },
  };
}

function wantKey({ name, arch }: PackageWant): string {
  return `${name}:${arch ?? ''}`;
}

function compareWants(a: PackageWant, b: PackageWant): number {
  const left = `${wantKey(a)} ${a.version ?? ''}`;
  const right = `${wantKey(b)} ${b.version ?? ''}`;
  return left < right ? -1 : left > right ? 1 : 0;
}
