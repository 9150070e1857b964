import { join } from 'node:path';
import Type from 'typebox';
import { plainCheck } from '../../proto/check.ts';
import type { Log } from '../../proto/log.ts';
import { jsonBytes, readJsonFile, replaceFile } from '../state-file.ts';
import type { Files } from '../system/files.ts';
import { MOST_NAMED, PacketDrift } from './packet-drift.ts';

const SCHEMA = 'jamesc.drift/1';

/** What the last look found, and how far files were read; over restarts. */
export const DriftRecord = Type.Object({
  schema: Type.Literal(SCHEMA),
  /** The wish that was followed last: `check` of a desired document. */
  check: Type.Union([Type.String(), Type.Null()]),
  /** So many bytes of all files had been read, and so many there were. */
  read: Type.Number(),
  total: Type.Number(),
  packets: Type.Array(PacketDrift),
});
export type DriftRecord = Type.Static<typeof DriftRecord>;

const isRecord = plainCheck(DriftRecord);
const nothing: DriftRecord = { schema: SCHEMA, check: null, read: 0, total: 0, packets: [] };

export interface DriftRecords {
  read(): Promise<DriftRecord>;
  /** Keeps it, with the first paths of each packet. On a disk that cannot be written it counts while the process runs. */
  write(record: DriftRecord): Promise<void>;
}

export function createDriftRecords(deps: { files: Files; state: string; log: Log }): DriftRecords {
  const { files, state, log } = deps;
  const path = join(state, 'drift.json');
  let known: DriftRecord | null = null;
  const load = async (): Promise<DriftRecord> => {
    const value = await readJsonFile(files, path).catch(() => undefined);
    return isRecord(value) ? value : nothing;
  };
  return {
    read: async () => {
      known ??= await load();
      return known;
    },
    async write(record) {
      const packets = record.packets.map((one) => ({
        ...one,
        paths: one.paths.slice(0, MOST_NAMED),
      }));
      const next = { ...record, packets };
      const isSame = JSON.stringify(next) === JSON.stringify(known ?? (await load()));
      known = next;
      if (isSame) return;
      await replaceFile(files, path, jsonBytes(next)).catch((error: unknown) => {
        log.warn({ err: error }, 'What was found of changed files could not be written down.');
      });
    },
  };
}
