import { isErrorCode, JamesError } from '../../proto/errors.ts';
import type { Labels } from '../../proto/labels.ts';
import type { InstalledIndex, InstalledPacket, Origin } from '../core/installed-index.ts';
import type { Step } from '../core/plan-steps.ts';
import type { Found } from '../drift/packet-drift.ts';
import { createCourse } from './course.ts';
import type { Device } from './device.ts';
import { readInstalled } from './go-back.ts';
import { perform } from './perform.ts';
import { type ReadPacketFile, readPacketFile } from './read-manifest.ts';
import type { OnLog } from './run-script.ts';
import { quiet } from './tell.ts';

/** Installing and removing by hand. What was installed so stays until it is removed so, or a plan wants its name. */
export interface LocalPackets {
  /** Installs a packet file; throws what is wrong with it, or why it was undone. */
  install(file: string, onLog: OnLog): Promise<LocalChange>;
  /** Removes the packet with this name or id; `not-found` if there is none. */
  uninstall(nameOrId: string, onLog: OnLog): Promise<LocalChange>;
  list(): Promise<LocalPacket[]>;
  /** Looks at everything that is installed, and reads every file. Throws `restart-pending` while a change waits for one. */
  check(): Promise<Found>;
  /** Where packets are installed. */
  readonly root: string;
}

export interface LocalPacket {
  name: string;
  id: string;
  labels: Labels;
  origin: Origin;
}

export interface LocalChange {
  packet: LocalPacket;
  /** `unchanged`: exactly this packet was installed already. */
  change: 'installed' | 'upgraded' | 'removed' | 'unchanged';
}

interface LocalOptions {
  device: Device;
  exclusive<Result>(act: () => Promise<Result>): Promise<Result>;
  newId: () => string;
  check(): Promise<Found>;
}

export function createLocalPackets({
  device,
  exclusive,
  newId,
  check,
}: LocalOptions): LocalPackets {
  const ready = (): Promise<InstalledIndex> => readInstalled(device, quiet);
  return {
    root: device.root,
    install: (file, onLog) =>
      exclusive(async () => {
        const packet = await readPacketFile(device.files, file, null);
        return await install(device, newId(), await ready(), packet, onLog);
      }),
    uninstall: (nameOrId, onLog) =>
      exclusive(async () => await uninstall(device, newId(), await ready(), nameOrId, onLog)),
    check: () => exclusive(check),
    list: () => exclusive(async () => (await ready()).packets.map(localPacket)),
  };
}

const localPacket = ({ name, id, labels, origin }: InstalledPacket): LocalPacket => ({
  name,
  id,
  labels,
  origin,
});

async function install(
  device: Device,
  transaction: string,
  index: InstalledIndex,
  packet: ReadPacketFile,
  onLog: OnLog,
): Promise<LocalChange> {
  const { name, id, labels, depends } = packet.manifest;
  const old = index.packets.find((installed) => installed.name === name);
  if (old?.id === id) return { packet: localPacket(old), change: 'unchanged' };
  requirePrerequisites(index, name, depends);
  const step: Step = old
    ? { kind: 'upgrade', name, from: old.id, to: id }
    : { kind: 'install', name, from: null, to: id };
  const coming: InstalledPacket = { name, id, labels, depends, origin: 'manual' };
  const others = index.packets.filter((installed) => installed.name !== name);
  await change(device, transaction, index, step, [packet], [...others, coming], onLog);
  return { packet: localPacket(coming), change: old ? 'upgraded' : 'installed' };
}

function requirePrerequisites(
  { packets }: InstalledIndex,
  name: string,
  depends: readonly string[],
): void {
  const has = new Set(packets.map((packet) => packet.name));
  const missing = depends.filter((needed) => !has.has(needed));
  if (missing.length === 0) return;
  throw new JamesError(
    'conflict',
    `The packet ${name} needs ${missing.join(', ')}; install that first.`,
    { members: { packet: name, missing } },
  );
}

async function uninstall(
  device: Device,
  transaction: string,
  index: InstalledIndex,
  nameOrId: string,
  onLog: OnLog,
): Promise<LocalChange> {
  const old = index.packets.find(({ name, id }) => name === nameOrId || id === nameOrId);
  if (!old)
    throw new JamesError('not-found', `No packet with the name or id ${nameOrId} is installed.`);
  const needing = index.packets.filter(({ depends }) => depends.includes(old.name));
  if (needing.length > 0)
    throw new JamesError(
      'packet-in-use',
      `The packet ${old.name} is needed by ${needing.map(({ name }) => name).join(', ')}; remove that first.`,
    );
  const step: Step = { kind: 'remove', name: old.name, from: old.id, to: null };
  const others = index.packets.filter((packet) => packet !== old);
  await change(device, transaction, index, step, [], others, onLog);
  return { packet: localPacket(old), change: 'removed' };
}

/** A packet of the plan that is touched by hand means that the plan is not brought about any more. */
async function change(
  device: Device,
  transaction: string,
  index: InstalledIndex,
  step: Step,
  packets: readonly ReadPacketFile[],
  nextPackets: readonly InstalledPacket[],
  onLog: OnLog,
): Promise<void> {
  const ofPlan = index.packets.some(({ name, origin }) => name === step.name && origin === 'plan');
  const nextPoint = ofPlan ? null : index.point;
  const packetChange = { steps: [step], packets, index, nextPackets, nextPoint };
  const course = createCourse({ phase: () => undefined });
  course.happen('planned');
  const whole = {
    ...{ transaction, from: index.point, to: nextPoint },
    ...{ packets: { kind: 'steps', change: packetChange } as const, packages: null },
    ...{ health: null, reboot: 'never' as const },
  };
  const signal = new AbortController().signal;
  const outcome = await perform(device, whole, { course, tell: { ...quiet, onLog }, signal });
  if (outcome.kind !== 'failed') return;
  const code = isErrorCode(outcome.code) ? outcome.code : 'internal';
  throw new JamesError(code, outcome.reason, { members: { undone: outcome.undone } });
}
