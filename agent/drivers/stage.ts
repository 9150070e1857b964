import { createHash } from 'node:crypto';
import { type DataEntry, readPacket } from '../../proto/archive/read-packet.ts';
import { JamesError } from '../../proto/errors.ts';
import { onHost } from '../core/device-path.ts';
import type { KeptFile } from '../core/installed-index.ts';
import type { Attributes } from '../core/journal-entry.ts';
import type { PlannedOperation } from '../core/tree-plan.ts';
import { setAttributes, setLinkAttributes } from './attributes.ts';
import { blaming } from './blame.ts';
import { type Device, placesOf } from './device.ts';
import type { ReadPacketFile } from './read-manifest.ts';

export interface Staging {
  device: Device;
  transaction: string;
  operations: readonly PlannedOperation[];
  packets: readonly ReadPacketFile[];
  signal: AbortSignal;
}

/** So many files are made durable at the same time. */
const SYNCS = 8;

/**
 * Puts everything new beside its place, with owner, bits and time, and everything of nobody that will give way into the
 * state directory; when it resolves all of it is durable. An aborted signal rejects with its reason.
 */
export async function stageAll(staging: Staging): Promise<void> {
  const syncs = createSyncs(staging.device);
  for (const packet of staging.packets) {
    await blaming(packet.manifest.name, async () => {
      await staging.device.state.keepPacket(packet);
      await stagePacket(staging, packet, syncs.add);
    });
  }
  for (const operation of staging.operations) {
    staging.signal.throwIfAborted();
    const kept = operation.source?.kind === 'kept' ? operation.source.kept : null;
    if (kept) await stageKept(staging, operation, kept, syncs.add);
    if (operation.keeps?.copy) await keepCopy(staging.device, operation.keeps, syncs.add);
  }
  await syncs.settled();
  const stages = new Set(staging.operations.map(({ stage }) => stage));
  for (const stage of stages) {
    await staging.device.files.syncDirectory(onHost(staging.device.root, stage));
  }
}

type AddSync = (path: string) => Promise<void>;

function createSyncs({ files }: Device): { add: AddSync; settled(): Promise<void> } {
  const running = new Set<Promise<void>>();
  return {
    async add(path) {
      const sync = files.syncFile(path).finally(() => running.delete(sync));
      running.add(sync);
      sync.catch(() => undefined);
      if (running.size >= SYNCS) await Promise.race(running);
    },
    async settled() {
      await Promise.all(running);
    },
  };
}

async function stagePacket(staging: Staging, packet: ReadPacketFile, sync: AddSync): Promise<void> {
  const { name } = packet.manifest;
  const operations = new Map<string, PlannedOperation>();
  for (const operation of staging.operations) {
    const { source } = operation;
    if (source?.kind === 'packet' && source.packet === name)
      operations.set(source.entry.path, operation);
  }
  const digests = new Map(packet.manifest.entries.map(({ path, digest }) => [path, digest]));
  for await (const entry of readPacket(staging.device.files.readStream(packet.file))) {
    staging.signal.throwIfAborted();
    const operation = entry.part === 'data' ? operations.get(entry.path) : undefined;
    if (entry.part !== 'data' || !operation) continue;
    await stageEntry(staging, entry, operation, operations, digests.get(entry.path) ?? null, sync);
  }
}

async function stageEntry(
  { device, transaction }: Staging,
  entry: DataEntry,
  operation: PlannedOperation,
  operations: ReadonlyMap<string, PlannedOperation>,
  digest: string | null,
  sync: AddSync,
): Promise<void> {
  const { staged } = placesOf(device.root, transaction, operation);
  if (entry.type === 'hardlink') {
    const first = operations.get(entry.linkTarget ?? '');
    if (!first)
      throw new JamesError('bad-packet', `${entry.path} links to a file that is not there.`);
    await device.files.link(placesOf(device.root, transaction, first).staged, staged);
  } else if (entry.type === 'symlink') {
    await device.files.symlink(entry.linkTarget ?? '', staged);
    await setLinkAttributes(device, staged, entry);
  } else {
    await writeFile(device, staged, verified(entry, digest), entry, sync);
  }
}

async function writeFile(
  device: Device,
  path: string,
  content: AsyncIterable<Uint8Array>,
  attributes: Attributes,
  sync: AddSync,
): Promise<void> {
  await device.files.writeNew(path, content, { mode: 0o600, sync: false });
  await setAttributes(device, path, attributes);
  await sync(path);
}

/** The content of an entry; at its end it must be what was read before. */
async function* verified(entry: DataEntry, digest: string | null): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  for await (const chunk of entry.content()) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest('hex') !== digest)
    throw new JamesError(
      'digest-mismatch',
      `The content of ${entry.path} changed while it was read.`,
    );
}

/** What a packet had replaced is made ready to come back. */
async function stageKept(
  { device, transaction }: Staging,
  operation: PlannedOperation,
  kept: KeptFile,
  sync: AddSync,
): Promise<void> {
  const { staged } = placesOf(device.root, transaction, operation);
  if (kept.type === 'symlink') {
    await device.files.symlink(kept.linkTarget ?? '', staged);
    await setLinkAttributes(device, staged, kept);
    return;
  }
  const copy = device.files.readStream(device.state.keptPath(kept.copy ?? ''));
  await writeFile(device, staged, copy, kept, sync);
}

/** The content of a file of nobody goes into the state directory. */
async function keepCopy(device: Device, kept: KeptFile, sync: AddSync): Promise<void> {
  if (kept.type !== 'file' || kept.copy === null) return;
  const path = device.state.keptPath(kept.copy);
  await device.files.writeNew(path, device.files.readStream(onHost(device.root, kept.path)), {
    mode: 0o600,
    sync: false,
  });
  await sync(path);
}
