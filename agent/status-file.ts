import { join } from 'node:path';
import Type from 'typebox';
import Value from 'typebox/value';
import type { Log } from '../proto/log.ts';
import { type Phase, phases } from '../proto/reported.ts';
import { jsonBytes, readJsonFile, replaceFile } from './state-file.ts';
import type { Files } from './system/files.ts';

const Point = Type.Union([
  Type.Object({ epoch: Type.String(), revision: Type.Integer(), digest: Type.String() }),
  Type.Null(),
]);

/** What `jamesc status` shows: how the agent on this state directory stands, or stood when it ended. */
export const Status = Type.Object({
  schema: Type.Literal('jamesc.status/1'),
  device: Type.Union([Type.String(), Type.Null()]),
  pid: Type.Integer(),
  at: Type.String(),
  phase: Type.Unsafe<Phase>(Type.Union(phases.map((phase) => Type.Literal(phase)))),
  reason: Type.Union([Type.String(), Type.Null()]),
  retryAt: Type.Union([Type.String(), Type.Null()]),
  transport: Type.Union([Type.String(), Type.Null()]),
  seen: Point,
  installed: Point,
  packets: Type.Array(
    Type.Object({
      name: Type.String(),
      id: Type.Union([Type.String(), Type.Null()]),
      status: Type.String(),
      error: Type.Union([Type.String(), Type.Null()]),
    }),
  ),
});
export type Status = Type.Static<typeof Status>;

/** Keeps the status on disk for people; the latest wins, nothing waits for it. */
export interface StatusFile {
  show(status: Omit<Status, 'schema'>): void;
  /** Resolves when the last status is written. */
  flush(): Promise<void>;
}

const pathOf = (state: string): string => join(state, 'status.json');

export function createStatusFile(deps: { files: Files; state: string; log: Log }): StatusFile {
  let latest: Omit<Status, 'schema'> | null = null;
  let writing: Promise<void> | null = null;
  const work = async (): Promise<void> => {
    while (latest !== null) {
      const content = jsonBytes({ schema: 'jamesc.status/1', ...latest });
      latest = null;
      await replaceFile(deps.files, pathOf(deps.state), content, { sync: false }).catch(
        (error: unknown) => deps.log.debug({ err: error }, 'The status could not be written.'),
      );
    }
    writing = null;
  };
  return {
    show(status) {
      latest = status;
      writing ??= work();
    },
    flush: async () => {
      await writing;
    },
  };
}

/** The status that the agent wrote last, or null. */
export async function readStatus(files: Files, state: string): Promise<Status | null> {
  const value = await readJsonFile(files, pathOf(state));
  return Value.Check(Status, value) ? value : null;
}
