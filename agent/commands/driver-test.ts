import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Clock } from '../../proto/clock.ts';
import { JamesError } from '../../proto/errors.ts';
import { type ReadPacketFile, readPacketFile } from '../drivers/read-manifest.ts';
import { createTrial } from '../external/conformance/trial.ts';
import { tryDriver, type Verdict } from '../external/conformance/try-driver.ts';
import { whyNotUsed } from '../external/core/driver-file.ts';
import { ensureDirectory } from '../state-file.ts';
import type { Commands } from '../system/commands.ts';
import type { Files } from '../system/files.ts';
import { removeTree } from '../system/remove-tree.ts';
import type { OutputFormat } from './output-format.ts';

export interface DriverTestRequest {
  /** The driver's program. */
  file: string;
  /** One packet of the driver, or two of one name. */
  packets: readonly string[];
  /** What the driver is told as the root; null: an empty directory. */
  root: string | null;
  timeoutMs: number;
  /** Only promises with this text in them are tried. */
  only: string;
  /** What the driver writes is shown too. */
  verbose: boolean;
  format: OutputFormat;
}

export interface DriverTestDeps {
  files: Files;
  commands: Commands;
  clock: Clock;
  user: { uid: number };
  newId: () => string;
  writeOut(text: string): void;
  writeError(text: string): void;
}

/** Tries a driver with packets: a line per promise; 0 if all that were tried are kept, else 1. */
export async function driverTest(
  request: DriverTestRequest,
  deps: DriverTestDeps,
): Promise<number> {
  const { files, writeOut } = deps;
  const file = resolve(request.file);
  await requireDriver(file, deps);
  const driver = basename(file);
  const packets = await readPackets(files, driver, request.packets);
  const directory = await mkdtemp(join(tmpdir(), 'jamesc-driver-'));
  const isJson = request.format === 'json';
  try {
    const trial = createTrial({
      ...{ ...deps, driver, file, timeoutMs: request.timeoutMs },
      ...(await directoriesBelow(directory, request, files)),
      onLog: ({ source, lines }) => {
        if (request.verbose) for (const line of lines) deps.writeError(`${source}: ${line}\n`);
      },
    });
    const tell = (verdict: Verdict): void => {
      if (!isJson) writeOut(lineOf(verdict));
    };
    const verdicts = await tryDriver(trial, packets, tell, request.only);
    const failed = verdicts.filter(({ result }) => result === 'failed').length;
    writeOut(
      isJson ? `${JSON.stringify({ driver, promises: verdicts }, null, 2)}\n` : sum(verdicts),
    );
    return failed === 0 ? 0 : 1;
  } finally {
    await removeTree(files, directory);
  }
}

async function directoriesBelow(
  directory: string,
  { root }: DriverTestRequest,
  files: Files,
): Promise<{ state: string; root: string }> {
  const own = join(directory, 'root');
  if (root === null) await ensureDirectory(files, own, 0o755);
  return { state: join(directory, 'state'), root: root === null ? own : resolve(root) };
}

async function requireDriver(
  file: string,
  { files, user }: Pick<DriverTestDeps, 'files' | 'user'>,
): Promise<void> {
  const info = await files.lstat(file);
  const why = info ? whyNotUsed(basename(file), info, user) : 'it is not there';
  if (why !== null)
    throw new JamesError('driver-missing', `${file} cannot be used as a driver: ${why}.`);
}

async function readPackets(
  files: Files,
  driver: string,
  paths: readonly string[],
): Promise<{ first: ReadPacketFile; second: ReadPacketFile | null }> {
  const [first, second, ...more] = await Promise.all(
    paths.map((path) => readPacketFile(files, resolve(path), null)),
  );
  if (first === undefined || more.length > 0)
    throw new JamesError('usage', 'Give one --packet, or two of one name.');
  for (const { manifest } of second ? [first, second] : [first]) {
    if (manifest.driver === driver) continue;
    const own = manifest.driver === undefined ? 'no driver' : `the driver ${manifest.driver}`;
    throw new JamesError('usage', `The packet ${manifest.name} names ${own}, not ${driver}.`);
  }
  if (
    second &&
    (second.manifest.name !== first.manifest.name || second.manifest.id === first.manifest.id)
  )
    throw new JamesError('usage', 'The two packets must be different ones of the same name.');
  return { first, second: second ?? null };
}

const lineOf = ({ promise, result, why }: Verdict): string =>
  `${result.padEnd(8)}${promise}${why === null ? '' : `\n        ${why}`}\n`;

function sum(verdicts: readonly Verdict[]): string {
  const count = (result: Verdict['result']): number =>
    verdicts.filter((verdict) => verdict.result === result).length;
  return `${count('ok')} promises are kept, ${count('failed')} are not, ${count('skipped')} were not tried.\n`;
}
