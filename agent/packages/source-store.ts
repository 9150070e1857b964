import Type, { type Static } from 'typebox';
import { plainCheck } from '../../proto/check.ts';
import { JamesError } from '../../proto/errors.ts';
import type { SourceFile } from '../../proto/source-files/source-file.ts';
import { onHost, parentOf } from '../core/device-path.ts';
import { ensureDirectory, jsonBytes, readJsonFile, replaceFile } from '../state-file.ts';
import type { Files } from '../system/files.ts';

/** A file as it was: text and permission bits; null where there was none. */
const Former = Type.Object({
  path: Type.String(),
  former: Type.Union([Type.Object({ base64: Type.String(), mode: Type.Integer() }), Type.Null()]),
});
/** The files that are ours, each with what of others it took the place of. */
const Record = Type.Object({ version: Type.Literal(1), files: Type.Array(Former) });
/** Written before anything is replaced: how everything was, and the record of that time. */
const Undo = Type.Object({ version: Type.Literal(1), files: Type.Array(Former), record: Record });
type Former = Static<typeof Former>;
type Record = Static<typeof Record>;

const isRecord = plainCheck(Record) as (value: unknown) => value is Record;
const isUndo = plainCheck(Undo) as (value: unknown) => value is Static<typeof Undo>;

/** The configuration files of package managers that jamesd wrote on a device. */
export interface SourceStore {
  /** Paths on the device. */
  paths(): Promise<string[]>;
  /**
   * Replaces the files of the last time by these. A file of somebody else at such a path is kept and comes back when ours
   * goes. Until `keep`, all can be put back, also by another process.
   */
  write(next: readonly SourceFile[]): Promise<void>;
  restore(): Promise<void>;
  keep(): Promise<void>;
}

/** `state` is a directory of the agent's own. */
export function createSourceStore(options: {
  files: Files;
  root: string;
  state: string;
}): SourceStore {
  const { files, root, state } = options;
  const [recordPath, undoPath] = [`${state}/sources.json`, `${state}/sources.undo.json`];

  const readRecord = async (): Promise<Record> => {
    const value = await readJsonFile(files, recordPath);
    if (value === undefined) return { version: 1, files: [] };
    if (isRecord(value)) return value;
    throw new JamesError('bad-document', `${recordPath} cannot be read; it may be damaged.`);
  };

  const read = async (path: string): Promise<Former> => {
    const info = await files.lstat(onHost(root, path));
    if (info === undefined) return { path, former: null };
    if (info.type !== 'file')
      throw new JamesError(
        'path-conflict',
        `${path} is no plain file; a source cannot take its place.`,
      );
    const content = Buffer.from(await files.readFile(onHost(root, path)));
    return { path, former: { base64: content.toString('base64'), mode: info.mode } };
  };

  const put = async (path: string, content: Uint8Array, mode: number): Promise<void> => {
    const place = onHost(root, path);
    const there = await read(path);
    const same = there.former?.base64 === Buffer.from(content).toString('base64');
    if (same && there.former?.mode === mode) return;
    await ensureDirectory(files, parentOf(place), 0o755);
    await replaceFile(files, place, content, { mode });
  };

  const putBack = async ({ path, former }: Former): Promise<void> => {
    if (former) return await put(path, Buffer.from(former.base64, 'base64'), former.mode);
    const place = onHost(root, path);
    if (await files.lstat(place)) await files.unlink(place);
  };

  const writeRecord = async (record: Record): Promise<void> =>
    await replaceFile(files, recordPath, jsonBytes(record));

  const keep = async (): Promise<void> => {
    if (await files.lstat(undoPath)) await files.unlink(undoPath);
  };

  return {
    paths: async () => (await readRecord()).files.map(({ path }) => path),
    async write(next) {
      await ensureDirectory(files, state, 0o700);
      const record = await readRecord();
      const paths = new Set([...record.files, ...next].map(({ path }) => path));
      const before: Former[] = [];
      for (const path of paths) before.push(await read(path));
      await replaceFile(files, undoPath, jsonBytes({ version: 1, files: before, record }));
      const ours = new Map(record.files.map((file) => [file.path, file]));
      const found = new Map(before.map((file) => [file.path, file]));
      for (const { path, content, mode } of next) await put(path, Buffer.from(content), mode);
      const stays = new Set(next.map(({ path }) => path));
      for (const file of record.files) if (!stays.has(file.path)) await putBack(file);
      const recorded = [...stays].map(
        (path) => ours.get(path) ?? found.get(path) ?? { path, former: null },
      );
      await writeRecord({ version: 1, files: recorded });
    },
    async restore() {
      const undo = await readJsonFile(files, undoPath);
      if (!isUndo(undo)) return;
      for (const file of undo.files) await putBack(file);
      await writeRecord(undo.record);
      await keep();
    },
    keep,
  };
}
