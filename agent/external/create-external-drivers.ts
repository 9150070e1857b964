import type { Clock } from '../../proto/clock.ts';
import { JamesError } from '../../proto/errors.ts';
import type { Log } from '../../proto/log.ts';
import type { DriverJob, ExternalDrivers } from '../drivers/external-drivers.ts';
import type { Commands } from '../system/commands.ts';
import type { Files } from '../system/files.ts';
import { callDriver } from './call-driver.ts';
import type { Said } from './core/answer.ts';
import { requestOf } from './core/request.ts';
import type { Verb } from './core/verbs.ts';
import { createDriverPlaces, type DriverPlaces } from './driver-places.ts';
import { createDriversDirectory, type DriversDirectory } from './drivers-directory.ts';
import { createLeftoverRuns, type LeftoverRuns } from './leftover-runs.ts';
import { unpackPayload } from './payload.ts';

export interface ExternalDriversOptions {
  files: Files;
  commands: Commands;
  clock: Clock;
  log: Log;
  /** The host's paths of the directory of drivers, of the root and of the agent's state. */
  directory: string;
  root: string;
  state: string;
  user: { uid: number };
  /** Between the tries of a way back for which a driver is not ready, in ms. */
  pausesMs?: readonly number[];
}

interface Parts {
  options: ExternalDriversOptions;
  places: DriverPlaces;
  programs: DriversDirectory;
  leftovers: LeftoverRuns;
}

/** What was made ready cannot be given up any more: a driver that fails at `commit` so often is left alone. */
const MOST_COMMITS = 10;
const PAUSES_MS = [1000, 2000, 4000];

/** The drivers that are programs in a directory; each verb is one run of the program. */
export function createExternalDrivers(options: ExternalDriversOptions): ExternalDrivers {
  const { files, state } = options;
  const parts: Parts = {
    options,
    places: createDriverPlaces(files, state),
    programs: createDriversDirectory(options),
    leftovers: createLeftoverRuns(options),
  };
  return {
    names: () => parts.programs.names(),
    prepare: (job, packetFile, signal) => prepare(parts, job, packetFile, signal),
    async change(job) {
      orThrow(await ask(parts, job, job.step.kind === 'remove' ? 'remove' : 'install'));
    },
    rollback: (job) => rollback(parts, job),
    commit: (job) => commit(parts, job),
    health: (job, signal) => health(parts, job, signal),
    async needsReboot(job) {
      const said = orThrow(await ask(parts, job, 'needs-reboot'));
      return said.kind === 'done' && said.reboot;
    },
  };
}

async function prepare(
  parts: Parts,
  job: DriverJob,
  packetFile: string,
  signal: AbortSignal,
): Promise<void> {
  const { places, options } = parts;
  const { to } = job.step;
  if (to === null) return;
  await programOf(parts, job.driver);
  await places.removeOthers(job);
  const directory = places.payloadOf(job);
  await unpackPayload({ files: options.files, packetFile, id: to, directory, signal });
  const said = await ask(parts, job, 'prepare', signal);
  signal.throwIfAborted();
  orThrow(said);
}

/** A driver that asks for it is tried again; what it fails at for good is thrown. */
async function rollback(parts: Parts, job: DriverJob): Promise<void> {
  const { clock, pausesMs = PAUSES_MS } = parts.options;
  try {
    let said = await ask(parts, job, 'rollback');
    for (const pauseMs of pausesMs) {
      if (said.kind !== 'failed' || !said.later) break;
      await clock.sleep(pauseMs);
      said = await ask(parts, job, 'rollback');
    }
    orThrow(said);
  } finally {
    await parts.places.removePayload(job);
    await parts.leftovers.forget(job.driver);
  }
}

/** A failure keeps the transaction open, so that it is repeated; but not for ever. */
async function commit(parts: Parts, job: DriverJob): Promise<void> {
  const { places, options } = parts;
  try {
    orThrow(await ask(parts, job, 'commit'));
  } catch (error) {
    const tries = await places.countCommit(job);
    if (tries < MOST_COMMITS || !(error instanceof JamesError)) throw error;
    const line = `${error.message} It was tried ${tries} times and is passed over; what is installed stays.`;
    options.log.error({ err: error, driver: job.driver }, line);
    job.onLog({ source: `${job.step.name} ${job.driver} commit`, lines: [line] });
  }
  await places.forgetCommits(job);
  await places.removePayload(job);
  await parts.leftovers.forget(job.driver);
}

/** Whatever keeps a driver from saying that all is well is what is wrong. */
async function health(parts: Parts, job: DriverJob, signal: AbortSignal): Promise<string | null> {
  try {
    const said = await ask(parts, job, 'health', signal);
    return said.kind === 'failed' ? said.sentence : null;
  } catch (error) {
    if (error instanceof JamesError) return error.message;
    throw error;
  }
}

async function ask(parts: Parts, job: DriverJob, verb: Verb, signal?: AbortSignal): Promise<Said> {
  const { places, options, leftovers } = parts;
  const { driver, timeoutMs, onLog } = job;
  await leftovers.end(driver);
  const file = await programOf(parts, driver);
  const place = {
    payload: (await places.hasPayload(job)) ? places.payloadOf(job) : null,
    state: await places.stateOf(driver),
    root: options.root,
    timeoutMs,
  };
  const request = requestOf(verb, job, place);
  let noting: Promise<void> = Promise.resolve();
  const onStart = (pid: number): void => {
    noting = leftovers.note(driver, pid);
  };
  const said = await callDriver(options.commands, {
    ...{ driver, file, request, onLog, onStart },
    ...(signal && { signal }),
  });
  await noting;
  return said;
}

/** The program of a driver; throws `driver-missing`. */
async function programOf({ programs }: Parts, driver: string): Promise<string> {
  const found = await programs.find(driver);
  if ('file' in found) return found.file;
  throw new JamesError(
    'driver-missing',
    `This device has no driver ${driver}: ${found.why}. Put it there, or choose packets of another kind.`,
  );
}

/** Throws what a driver failed at. */
function orThrow(said: Said): Said {
  if (said.kind !== 'failed') return said;
  throw new JamesError(said.later ? 'driver-busy' : 'driver-failed', said.sentence);
}
