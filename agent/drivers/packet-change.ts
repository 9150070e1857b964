import { isKept, type PacketLine, type WantedPacket } from '../../proto/desired.ts';
import type { InstalledIndex, InstalledPacket } from '../core/installed-index.ts';
import type { Manifest } from '../core/manifest.ts';
import { planSteps, type Step } from '../core/plan-steps.ts';
import type { Files } from '../system/files.ts';
import type { Downloads, Reporter, Target } from '../transaction.ts';
import type { Change } from './change.ts';
import type { Course } from './course.ts';
import { fetchPackets } from './fetch-packets.ts';
import type { ReadPacketFile } from './read-manifest.ts';

/** The packets' part of a transaction, ready to be carried out: everything that comes is on disk and verified. */
export type PacketChange =
  /** No packet changes; the index only gets the new point, and what was adopted. */
  | { kind: 'nothing'; before: InstalledIndex; after: InstalledIndex }
  | { kind: 'steps'; change: Change };

export interface ChangeSources {
  files: Files;
  downloads: Downloads;
}

interface PreparingPackets {
  course: Course;
  reporter: Reporter;
  signal: AbortSignal;
  /** Names of installed packets that were changed. */
  repair: ReadonlySet<string>;
}

/**
 * Plans the steps from what is installed to the target, and fetches what is needed. Nothing is changed. What stands in
 * `repair` and in the target is put back.
 */
export async function preparePackets(
  sources: ChangeSources,
  index: InstalledIndex,
  target: Target,
  { course, reporter, signal, repair }: PreparingPackets,
): Promise<PacketChange> {
  const { packets: lines } = target;
  const policy = target.policy.downloads ?? {};
  const plan = planSteps(index.packets, lines, dependsOf(index, []), repair);
  const nextPoint = { epoch: target.epoch, revision: target.revision, digest: target.digest };
  const adopted = adopt(index, plan.adopted);
  if (plan.steps.length === 0) {
    return {
      kind: 'nothing',
      before: index,
      after: { ...index, point: nextPoint, packets: adopted },
    };
  }
  course.happen('planned');
  const wanted = plan.steps.flatMap((step) => wantedBy(lines, step));
  const packets = await fetchPackets(sources, wanted, { reporter, signal, policy });
  const manifests = packets.map(({ manifest }) => manifest);
  const { steps } = planSteps(index.packets, lines, dependsOf(index, manifests), repair);
  const nextPackets = packetsAfter(adopted, steps, manifests);
  const rest = { packets: inStepOrder(steps, packets), index, nextPackets, nextPoint };
  return { kind: 'steps', change: { steps, ...rest } };
}

const wantedBy = (lines: readonly PacketLine[], step: Step): WantedPacket[] =>
  lines.flatMap((line) =>
    !isKept(line) && line.id === step.to && line.name === step.name ? [line] : [],
  );

function dependsOf(index: InstalledIndex, manifests: readonly Manifest[]) {
  const all = new Map([...index.packets, ...manifests].map(({ id, depends }) => [id, depends]));
  return (id: string): readonly string[] => all.get(id) ?? [];
}

/** What was installed by hand and stands in the target belongs to the plan from now on. */
function adopt(index: InstalledIndex, adopted: readonly string[]): InstalledPacket[] {
  return index.packets.map((packet) =>
    adopted.includes(packet.name) ? { ...packet, origin: 'plan' } : packet,
  );
}

function packetsAfter(
  packets: readonly InstalledPacket[],
  steps: readonly Step[],
  manifests: readonly Manifest[],
): InstalledPacket[] {
  const changing = new Set(steps.map(({ name }) => name));
  const coming = manifests.map(
    ({ name, id, labels, depends }): InstalledPacket => ({
      name,
      id,
      labels,
      depends,
      origin: 'plan',
    }),
  );
  return [...packets.filter(({ name }) => !changing.has(name)), ...coming];
}

function inStepOrder(steps: readonly Step[], packets: readonly ReadPacketFile[]): ReadPacketFile[] {
  return steps.flatMap(({ to }) => packets.filter(({ manifest }) => manifest.id === to));
}
