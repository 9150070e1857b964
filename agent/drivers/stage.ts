import { createHash } from 'node:crypto';
import { type DataEntry, readPacket } from '../../proto/archive/read-packet.ts';
import { JamesError } from '../../proto/errors.ts';
import { onHost } from '../core/device-path.ts';
import type { KeptFile } from '../core/installed-index.ts';
import type { Attributes } from '../core/operation.ts';
import type { PlannedOperation } from '../core/tree-plan.ts';
import { setAttributes, setLinkAttributes } from './attributes.ts';
import { blaming } from './blame.ts';
import { type Device, placesOf } from './device.ts';
import type { ReadPacketFile } from './read-manifest.ts';
import { createWorkPool, type WorkPool } from './work-pool.ts';

export interface Staging {
  device: Device;
  transaction: string;
  operations: readonly PlannedOperation[];
  packets: readonly ReadPacketFile[];
  /** Ids of packets whose manifest and scripts are kept already. */
  installed: ReadonlySet<string>;
  signal: AbortSignal;
}

/** So many files are written at the same time. */
const WRITERS = 16;
/** A file up to this size waits in memory for its turn; a larger one is written as it comes. */
const SMALL_BYTES = 256 * 1024;

/**
 * Puts everything new beside its place, with owner, bits and time, and everything of nobody that will give way into the
 * state directory; when it resolves all of it is durable. An aborted signal rejects with its reason. When it has rejected,
 * nothing is being written any more.
 */
export async function stageAll(staging: Staging): Promise<void> {
  const pool = createWorkPool(WRITERS);
  try {
    for (const packet of staging.packets) await stagePacket(staging, packet, pool);
    for (const operation of staging.operations) {
      staging.signal.throwIfAborted();
      const kept = operation.source?.kind === 'kept' ? operation.source.kept : null;
      if (kept) await pool.add(() => stageKept(staging, operation, kept));
      const { keeps } = operation;
      if (keeps) await pool.add(() => keepCopy(staging.device, keeps));
    }
    await pool.done();
    const written = staging.operations.filter(isFile);
    for (const operation of written) {
      const { staged } = placesOf(staging.device.root, staging.transaction, operation);
      await pool.add(() => staging.device.files.syncFile(staged));
    }
    await pool.done();
  } finally {
    await pool.idle();
  }
  const stages = new Set(staging.operations.map(({ stage }) => stage));
  for (const stage of stages) {
    await staging.device.files.syncDirectory(onHost(staging.device.root, stage));
  }
}

/** Once all is written, syncing it file by file costs little: the first sync takes most of the others with it. */
function isFile({ source }: PlannedOperation): boolean {
  if (source === null) return false;
  return (source.kind === 'packet' ? source.entry.type : source.kept.type) === 'file';
}

async function stagePacket(
  staging: Staging,
  packet: ReadPacketFile,
  pool: WorkPool,
): Promise<void> {
  const { files, state } = staging.device;
  const { name, entries } = packet.manifest;
  const operations = operationsOf(staging, name);
  const digests = new Map(entries.map(({ path, digest }) => [path, digest]));
  await blaming(name, async () => {
    if (!staging.installed.has(packet.manifest.id)) await state.keepPacket(packet);
    for await (const entry of readPacket(files.readStream(packet.file))) {
      staging.signal.throwIfAborted();
      if (entry.part !== 'data') continue;
      const operation = operations.get(entry.path);
      if (!operation) continue;
      const { staged } = placesOf(staging.device.root, staging.transaction, operation);
      if (entry.type === 'hardlink') {
        await pool.done();
        await stageHardLink(staging, entry, operations.get(entry.linkTarget ?? ''), staged);
      } else {
        await stageEntry(
          staging.device,
          entry,
          staged,
          digests.get(entry.path) ?? null,
          name,
          pool,
        );
      }
    }
  });
}

/** What a packet brings, by the path that it has in the packet. */
function operationsOf({ operations }: Staging, packet: string): Map<string, PlannedOperation> {
  const own = new Map<string, PlannedOperation>();
  for (const operation of operations) {
    const { source } = operation;
    if (source?.kind === 'packet' && source.packet === packet)
      own.set(source.entry.path, operation);
  }
  return own;
}

async function stageHardLink(
  { device, transaction }: Staging,
  entry: DataEntry,
  first: PlannedOperation | undefined,
  staged: string,
): Promise<void> {
  if (!first)
    throw new JamesError('bad-packet', `${entry.path} links to a file that is not there.`);
  await device.files.link(placesOf(device.root, transaction, first).staged, staged);
}

/** Small files are read at once and written side by side. */
async function stageEntry(
  device: Device,
  entry: DataEntry,
  staged: string,
  digest: string | null,
  packet: string,
  pool: WorkPool,
): Promise<void> {
  const { mode, uid, gid, modifiedMs } = entry;
  const attributes = { mode, uid, gid, modifiedMs };
  const target = entry.linkTarget ?? '';
  const add = (task: () => Promise<void>): Promise<void> => pool.add(() => blaming(packet, task));
  if (entry.type === 'symlink') {
    await add(() => makeLink(device, staged, target, attributes));
  } else if (entry.size > SMALL_BYTES) {
    await writeFile(device, staged, verified(entry, digest), attributes);
  } else {
    const content = await whole(verified(entry, digest));
    await add(() => writeFile(device, staged, content, attributes));
  }
}

async function whole(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of content) parts.push(part.slice());
  return Buffer.concat(parts);
}

async function makeLink(
  device: Device,
  path: string,
  target: string,
  attributes: Attributes,
): Promise<void> {
  await device.files.symlink(target, path);
  await setLinkAttributes(device, path, attributes);
}

async function writeFile(
  device: Device,
  path: string,
  content: AsyncIterable<Uint8Array> | Uint8Array,
  attributes: Attributes,
): Promise<void> {
  await device.files.writeNew(path, content, { mode: 0o600, sync: false });
  await setAttributes(device, path, attributes);
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
): Promise<void> {
  const { staged } = placesOf(device.root, transaction, operation);
  if (kept.type === 'symlink') {
    await makeLink(device, staged, kept.linkTarget ?? '', kept);
    return;
  }
  const copy = device.files.readStream(device.state.keptPath(kept.copy ?? ''));
  await writeFile(device, staged, copy, kept);
}

/** The content of a file of nobody goes into the state directory. */
async function keepCopy({ files, state, root }: Device, kept: KeptFile): Promise<void> {
  if (kept.type !== 'file' || kept.copy === null) return;
  const path = state.keptPath(kept.copy);
  const content = files.readStream(onHost(root, kept.path));
  await files.writeNew(path, content, { mode: 0o600, sync: true });
}
