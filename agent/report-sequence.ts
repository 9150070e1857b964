import { join } from 'node:path';
import Type from 'typebox';
import Value from 'typebox/value';
import type { Clock } from '../proto/clock.ts';
import { jsonBytes, readJsonFile, replaceFile } from './state-file.ts';
import type { Files } from './system/files.ts';

const Saved = Type.Object({
  schema: Type.Literal('jamesc.sequence/1'),
  /** No number from here on was used. */
  free: Type.Integer({ minimum: 0 }),
});

/** So many numbers are reserved by one durable write; after a crash the unused ones are skipped. */
const BLOCK = 1000;

/** Numbers for reports that only grow, also across boots. */
export interface ReportSequence {
  next(): Promise<number>;
}

/** Where the saved number is unreadable it goes on from the time in seconds, which is beyond what was counted. */
export function createReportSequence(deps: {
  files: Files;
  state: string;
  clock: Clock;
}): ReportSequence {
  const path = join(deps.state, 'sequence.json');
  let next: number | null = null;
  let reserved = 0;

  const load = async (): Promise<number> => {
    if (!(await deps.files.lstat(path))) return 1;
    const saved = await readJsonFile(deps.files, path);
    return Value.Check(Saved, saved) ? saved.free : Math.floor(deps.clock.now() / 1000);
  };

  return {
    async next() {
      next ??= reserved = await load();
      const number = next;
      next += 1;
      if (number < reserved) return number;
      reserved = number + BLOCK;
      const saved = { schema: 'jamesc.sequence/1', free: reserved };
      await replaceFile(deps.files, path, jsonBytes(saved));
      return number;
    },
  };
}
