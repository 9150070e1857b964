import { dirname } from 'node:path';
import type { Clock } from '../../../proto/clock.ts';
import type { SourceFileView } from '../../../proto/document-views.ts';
import { JamesError } from '../../../proto/errors.ts';
import type { Log } from '../../../proto/log.ts';
import type { Source } from '../../../proto/source.ts';
import type { Events } from '../../events/events.ts';
import type { Configuration } from '../configuration.ts';
import type { Sources } from '../document-set.ts';
import { FILE_AUTHOR } from '../event-words.ts';
import { createMutex } from '../mutex.ts';
import type { OwnerOf } from '../owners.ts';
import { readSourceFile } from './read-source-file.ts';
import { createFolderWatch } from './watch-folders.ts';

/** The files that the configuration names as the truth for their sources (`sources.files`). */
export interface SourceFiles {
  /** Reads them, then follows them. What is broken is told and changes nothing. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Reads them again, each change as a revision; `confirmRemovals` as for a change by a person. */
  read(confirmRemovals?: number): Promise<void>;
  /** How each file stands, in the order of the configuration. */
  status(): SourceFileView[];
  ownerOf: OwnerOf;
}

export interface SourceFilesParts {
  /** Absolute paths. */
  files: readonly string[];
  sources: Sources;
  change: Configuration['change'];
  clock: Clock;
  log: Log;
  events: Pick<Events, 'add'>;
}

/** How long changes are gathered, and how often files are looked at in any case, in ms. */
const GATHER_MS = 200;
const LOOK_MS = 60_000;

/** What is known of a file since this start. */
interface Known {
  ids: ReadonlySet<string> | null;
  parts: readonly string[];
  readAt: number | null;
  fault: JamesError | null;
}

export function createSourceFiles(parts: SourceFilesParts): SourceFiles {
  const { files, sources, clock, log, events } = parts;
  const known = new Map<string, Known>(
    files.map((path) => [path, { ids: null, parts: [path], readAt: null, fault: null }]),
  );
  const exclusive = createMutex();
  const watching = createFolderWatch(() => wake(GATHER_MS));
  let cancel = (): void => {};
  let stopped = true;

  /** What was read decides; before that, the last revision tells which file wrote it. */
  const ownerOf: OwnerOf = (id) => {
    for (const [path, { ids }] of known) if (ids?.has(id)) return path;
    const view = sources.get(id);
    if (view?.author !== FILE_AUTHOR || view.message === null) return undefined;
    return known.get(view.message)?.ids === null ? view.message : undefined;
  };

  function wake(ms: number): void {
    cancel();
    if (!stopped) cancel = clock.after(ms, () => void read());
  }

  const readOne = async (path: string, confirmRemovals: number | undefined): Promise<void> => {
    const before = known.get(path) as Known;
    try {
      const file = await readSourceFile(path);
      refuseForeign(path, file.sources, ownerOf);
      const owned = [...sources.all()].filter(({ id }) => ownerOf(id) === path);
      const gone = owned
        .filter(({ id }) => !file.sources.has(id))
        .map(({ id }) => [id, null] as const);
      const change = {
        Spec: new Map(),
        Source: new Map<string, Source | null>([...file.sources, ...gone]),
      };
      const options = { author: FILE_AUTHOR, message: path, file: path, confirmRemovals };
      const { generation } = await parts.change(change, options);
      if (generation !== null || before.fault) tell(path, file.notices);
      const ids = new Set(file.sources.keys());
      known.set(path, { ids, parts: file.parts, readAt: clock.now(), fault: null });
    } catch (error) {
      if (!(error instanceof JamesError)) throw error;
      const fault = withWayOut(error);
      known.set(path, { ...before, fault });
      if (before.fault?.message !== fault.message) tellFault(path, fault);
    }
  };

  function tell(path: string, notices: readonly string[]): void {
    log.info({ file: path }, `Sources were read from ${path}.`);
    for (const notice of notices) log.warn({ file: path }, notice);
  }

  function tellFault(path: string, { code, message }: JamesError): void {
    log.warn(
      { file: path, code },
      `${path} is not right, so its sources stay as they are. ${message}`,
    );
    const detail = `${code}: ${message}`.slice(0, 2048);
    events.add({ kind: 'source-file-failed', actor: 'server', subject: path, detail });
  }

  const readAll = async (confirmRemovals: number | undefined): Promise<void> => {
    for (const path of files) {
      await readOne(path, confirmRemovals).catch((error: unknown) =>
        log.error({ err: error, file: path }, `${path} was not read.`),
      );
    }
    const all = [...known.values()].flatMap(({ parts: paths }) => paths);
    watching.follow(new Set(stopped ? [] : all.map((path) => dirname(path))));
    wake(LOOK_MS);
  };

  function read(confirmRemovals?: number): Promise<void> {
    return exclusive(() => readAll(confirmRemovals));
  }

  return {
    async start() {
      if (files.length === 0) return;
      stopped = false;
      await read();
    },
    async stop() {
      stopped = true;
      cancel();
      watching.stop();
      await exclusive(async () => {});
    },
    read,
    status: () =>
      [...known].map(([file, { ids, readAt, fault }]) => ({
        file,
        sources: [...(ids ?? [])].sort(),
        readAt: readAt === null ? null : new Date(readAt).toISOString(),
        error: fault && { code: fault.code, detail: fault.message },
      })),
    ownerOf,
  };
}

/** A file cannot confirm; a person can. */
function withWayOut(error: JamesError): JamesError {
  const { removals } = error.members;
  if (error.code !== 'removals-unconfirmed') return error;
  const sentence = `The file would take ${removals} packets or packages without a successor from devices. If that is meant: jamesd-ctl source reload --confirm-removals ${removals}`;
  return new JamesError(error.code, sentence, { members: error.members });
}

/** Two files cannot be the truth of one source. */
function refuseForeign(path: string, sources: ReadonlyMap<string, Source>, ownerOf: OwnerOf): void {
  for (const id of sources.keys()) {
    const owner = ownerOf(id);
    if (owner === undefined || owner === path) continue;
    const sentence = `${path}: source ${id} stands also in ${owner}; give it once.`;
    throw new JamesError('bad-document', sentence);
  }
}
