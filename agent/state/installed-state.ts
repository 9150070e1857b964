import type { Static, TSchema } from 'typebox';
import { faultsOf } from '../../proto/check.ts';
import { JamesError } from '../../proto/errors.ts';
import { joinPath, parentOf } from '../core/device-path.ts';
import { emptyIndex, InstalledIndex } from '../core/installed-index.ts';
import { Manifest } from '../core/manifest.ts';
import type { Script } from '../core/script-order.ts';
import type { ReadPacketFile } from '../drivers/read-manifest.ts';
import type { Files } from '../system/files.ts';
import { removeTree } from '../system/remove-tree.ts';

/**
 * What is installed, on disk. The index is replaced as a whole; a packet's manifest and scripts stand under its id and
 * never change, so that it can be removed without its file.
 */
export interface InstalledState {
  /** Makes the directories that are missing. */
  prepare(): Promise<void>;
  readIndex(): Promise<InstalledIndex>;
  /** Puts the next index beside the current one, durably. */
  writeNext(index: InstalledIndex): Promise<void>;
  /** Whether there is a next index. */
  hasNext(): Promise<boolean>;
  /** The next index becomes the current one, if there is one. */
  promoteNext(): Promise<void>;
  dropNext(): Promise<void>;
  readManifest(id: string): Promise<Manifest>;
  scriptPath(id: string, script: Script | 'health'): string;
  /** Keeps a packet's manifest and scripts, durably. */
  keepPacket(packet: ReadPacketFile): Promise<void>;
  /** Where the content of a replaced file of nobody is kept. */
  keptPath(copy: string): string;
  /** Removes everything that the index does not name. */
  sweep(index: InstalledIndex): Promise<void>;
}

export function createInstalledState(options: { files: Files; state: string }): InstalledState {
  const { files, state } = options;
  const current = joinPath(state, 'installed.json');
  const next = joinPath(state, 'installed.next.json');
  const packets = joinPath(state, 'installed');
  const kept = joinPath(state, 'kept');
  const packetDirectory = (id: string): string => joinPath(packets, id.replace('sha256:', ''));
  const scriptPath = (id: string, script: string): string => joinPath(packetDirectory(id), script);

  return {
    async prepare() {
      for (const directory of [state, packets, kept]) await makeAll(files, directory);
    },
    async readIndex() {
      if (!(await files.lstat(current))) return emptyIndex;
      return await readJson(files, current, InstalledIndex);
    },
    async writeNext(index) {
      await removeIfThere(files, next);
      await writeJson(files, next, index);
      await files.syncDirectory(state);
    },
    hasNext: async () => (await files.lstat(next)) !== null,
    async promoteNext() {
      if (!(await files.lstat(next))) return;
      await files.rename(next, current);
      await files.syncDirectory(state);
    },
    async dropNext() {
      if (!(await files.lstat(next))) return;
      await files.unlink(next);
      await files.syncDirectory(state);
    },
    readManifest: (id) => readJson(files, joinPath(packetDirectory(id), 'manifest.json'), Manifest),
    scriptPath,
    async keepPacket({ manifest, scripts }) {
      const directory = packetDirectory(manifest.id);
      await removeTree(files, directory);
      await files.makeDirectory(directory, 0o700);
      for (const [name, content] of scripts) {
        await files.writeNew(joinPath(directory, name), content, { mode: 0o700, sync: true });
      }
      await writeJson(files, joinPath(directory, 'manifest.json'), manifest);
      await files.syncDirectory(directory);
      await files.syncDirectory(packets);
    },
    keptPath: (copy) => joinPath(kept, copy),
    async sweep(index) {
      const ids = new Set(index.packets.map(({ id }) => id.replace('sha256:', '')));
      const copies = new Set(index.kept.map(({ copy }) => copy));
      await sweepDirectory(files, packets, ids);
      await sweepDirectory(files, kept, copies);
    },
  };
}

async function sweepDirectory(
  files: Files,
  directory: string,
  keep: ReadonlySet<string | null>,
): Promise<void> {
  for (const name of await files.readDirectory(directory)) {
    if (!keep.has(name)) await removeTree(files, joinPath(directory, name));
  }
  await files.syncDirectory(directory);
}

async function writeJson(files: Files, path: string, value: unknown): Promise<void> {
  await files.writeNew(path, Buffer.from(JSON.stringify(value)), { mode: 0o600, sync: true });
}

async function readJson<Schema extends TSchema>(
  files: Files,
  path: string,
  schema: Schema,
): Promise<Static<Schema>> {
  const value = parse(Buffer.from(await files.readFile(path)).toString('utf8'));
  const [fault] = faultsOf(schema, value);
  if (!fault) return value as Static<Schema>;
  throw new JamesError(
    'bad-document',
    `${path} cannot be read (${fault.path || 'as a whole'} ${fault.message}); it may be of a newer agent, or damaged.`,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function makeAll(files: Files, path: string): Promise<void> {
  if (path === '/' || (await files.lstat(path))) return;
  await makeAll(files, parentOf(path));
  await files.makeDirectory(path, 0o700);
}

async function removeIfThere(files: Files, path: string): Promise<void> {
  if (await files.lstat(path)) await files.unlink(path);
}
