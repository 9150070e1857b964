import { JamesError } from '../../proto/errors.ts';
import { isBelow, onHost } from '../core/device-path.ts';
import type { InstalledIndex, InstalledPacket } from '../core/installed-index.ts';
import type { JournalStep } from '../core/journal-entry.ts';
import type { Manifest } from '../core/manifest.ts';
import { conflictsOf } from '../core/ownership.ts';
import type { Placed } from '../core/placed.ts';
import type { Step } from '../core/plan-steps.ts';
import { planTree, type TreePlan } from '../core/tree-plan.ts';
import type { Device } from './device.ts';
import { lookAtDisk } from './look-at-disk.ts';
import { placeComing, placeInstalled } from './place-entries.ts';
import type { ReadPacketFile } from './read-manifest.ts';

/** A change of what is installed, before anything is touched. */
export interface Change {
  steps: readonly Step[];
  /** The packets that come, read and verified. */
  packets: readonly ReadPacketFile[];
  /** The index before, and the packets and the point after. */
  index: InstalledIndex;
  nextPackets: readonly InstalledPacket[];
  nextPoint: InstalledIndex['point'];
}

export interface PlannedChange extends Change {
  transaction: string;
  tree: TreePlan;
  journalSteps: JournalStep[];
  /** How many entries cannot get their owner because the agent is not root. */
  ownersSkipped: number;
}

/**
 * Works out every operation of a change from the manifests and the disk. Throws `path-conflict`, `unsafe-path` or
 * `no-space` with the packets to blame in the members, before anything is touched.
 */
export async function planChange(
  device: Device,
  transaction: string,
  change: Change,
): Promise<PlannedChange> {
  const { files, root } = device;
  const { index, steps } = change;
  const installed = await manifestsOf(device, index);
  const changing = new Set(steps.map(({ name }) => name));
  const coming = [
    ...installed.filter(({ name }) => !changing.has(name)),
    ...change.packets.map(({ manifest }) => manifest),
  ];
  refuseOtherKind(installed, change.packets);
  const before = await placeInstalled(files, root, installed.map(ofFiles));
  const after = await placeComing(files, root, coming.map(ofFiles), before);
  refuseStateDirectory(device, after);
  refuseConflicts(conflictsOf(after));
  const disk = await lookAtDisk({ files, root, steps, before, after, index });
  const tree = planTree({ steps, before, after, index, disk, owners: device.user.uid === 0 });
  refuseObstacles(tree);
  nameCopies(transaction, tree);
  await requireSpace(device, tree);
  return {
    ...change,
    transaction,
    tree,
    journalSteps: steps.map((step) => journalStep(step, installed, coming)),
    ownersSkipped: ownersSkipped(device, tree),
  };
}

/** What a driver installs is no business of ours. */
const ofFiles = (manifest: Manifest): Manifest =>
  manifest.driver === undefined ? manifest : { ...manifest, entries: [] };

function refuseOtherKind(installed: readonly Manifest[], coming: readonly ReadPacketFile[]): void {
  for (const { manifest } of coming) {
    const old = installed.find(({ name }) => name === manifest.name);
    if (old === undefined || old.driver === manifest.driver) continue;
    throw new JamesError(
      'unsupported',
      `The packet ${manifest.name} is of another kind (${manifest.driver ?? 'files'}) than what is installed of it (${old.driver ?? 'files'}); let it be removed first, or give it another name.`,
      { members: { packet: manifest.name } },
    );
  }
}

export async function manifestsOf(device: Device, index: InstalledIndex): Promise<Manifest[]> {
  const manifests: Manifest[] = [];
  for (const { id } of index.packets) manifests.push(await device.state.readManifest(id));
  return manifests;
}

/** No packet may own what the agent itself lives on. */
function refuseStateDirectory({ root, stateDirectory }: Device, after: readonly Placed[]): void {
  const inside = after.find(({ path }) => isBelow(onHost(root, path), stateDirectory));
  if (!inside) return;
  throw new JamesError(
    'unsafe-path',
    `The packet ${inside.packet} brings ${inside.path}, which lies in the agent's state directory.`,
    { members: { packet: inside.packet } },
  );
}

function refuseConflicts(conflicts: ReturnType<typeof conflictsOf>): void {
  const [first] = conflicts;
  if (!first) return;
  const packets = [...new Set(conflicts.flatMap((conflict) => conflict.packets))];
  const more = conflicts.length > 1 ? ` There are ${conflicts.length} such paths or more.` : '';
  throw new JamesError('path-conflict', `${first.detail}${more}`, { members: { packets } });
}

function refuseObstacles({ obstacles }: TreePlan): void {
  const [first] = obstacles;
  if (!first) return;
  throw new JamesError(
    'path-conflict',
    `The packet ${first.packet} cannot be installed: ${first.detail}`,
    {
      members: { packets: [...new Set(obstacles.map(({ packet }) => packet))] },
    },
  );
}

/** Each file of nobody that is kept gets a name in the state directory. */
function nameCopies(transaction: string, tree: TreePlan): void {
  for (const { keeps, n } of tree.operations) {
    if (keeps?.type === 'file') keeps.copy = `${transaction}-${n}`;
  }
}

/** On each file system there must be room for everything new beside everything old, and some more. */
async function requireSpace({ files, root }: Device, { operations }: TreePlan): Promise<void> {
  const needed = new Map<string, number>();
  for (const { source, stage } of operations) {
    if (source === null) continue;
    const size = source.kind === 'packet' ? source.entry.size : source.kept.size;
    needed.set(stage, (needed.get(stage) ?? 0) + Math.ceil(size / 4096) * 4096);
  }
  const systems = new Map<number, { path: string; bytes: number }>();
  for (const [stage, bytes] of needed) {
    const path = onHost(root, stage);
    const { device = 0 } = (await files.lstat(path)) ?? {};
    systems.set(device, { path, bytes: (systems.get(device)?.bytes ?? 0) + bytes });
  }
  for (const { path, bytes } of systems.values()) {
    const free = await files.freeSpace(path);
    if (free.bytes >= bytes && free.inodes > operations.length) continue;
    throw new JamesError(
      'no-space',
      `The new files need ${bytes} bytes, but ${free.bytes} are free at ${path}; make room.`,
    );
  }
}

function journalStep(
  step: Step,
  installed: readonly Manifest[],
  coming: readonly Manifest[],
): JournalStep {
  const versionOf = (manifests: readonly Manifest[]): string =>
    manifests.find(({ name }) => name === step.name)?.labels.version ?? '';
  const about = (step.to === null ? installed : coming).find(({ name }) => name === step.name);
  return {
    kind: step.kind,
    name: step.name,
    from: step.from,
    to: step.to,
    oldVersion: step.from === null ? '' : versionOf(installed),
    newVersion: step.to === null ? '' : versionOf(coming),
    driver: about?.driver ?? null,
    timeoutMs: about?.timeoutMs ?? null,
  };
}

function ownersSkipped({ user }: Device, { operations }: TreePlan): number {
  if (user.uid === 0) return 0;
  return operations.filter(({ source, attributes, kind }) => {
    const owner = source?.kind === 'packet' ? source.entry : kind === 'make' ? attributes : null;
    return owner !== null && (owner.uid !== user.uid || owner.gid !== user.gid);
  }).length;
}
