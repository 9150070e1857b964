import { dirname, join } from 'node:path';
import type { Clock } from '../../proto/clock.ts';
import type { Log } from '../../proto/log.ts';
import { ensureDirectory } from '../state-file.ts';
import type { Files } from '../system/files.ts';
import { endGroup, startOf } from '../system/process-groups.ts';
import { removeTree } from '../system/remove-tree.ts';

/** What runs on of drivers when the agent that asked them was killed. */
export interface LeftoverRuns {
  /** Ends what an earlier agent left running of a driver; resolves when nothing of it runs. Looks once. */
  end(driver: string): Promise<void>;
  /** Writes down that a driver runs as this process. It need not be synced: it does not outlive the machine. */
  note(driver: string, pid: number): Promise<void>;
  /** The transaction has ended, and with it what its drivers ran as. */
  forget(driver: string): Promise<void>;
}

export function createLeftoverRuns(options: {
  files: Files;
  clock: Clock;
  log: Log;
  state: string;
}): LeftoverRuns {
  const { files, clock, log, state } = options;
  const ended = new Map<string, Promise<void>>();
  const pathOf = (driver: string): string => join(state, 'drivers', driver, 'running');

  async function endAll(driver: string): Promise<void> {
    for (const pid of await notedRuns(files, pathOf(driver))) {
      log.warn({ pid, driver }, 'A driver of an agent that was killed still ran; it is ended.');
      await endGroup(pid, clock);
    }
  }

  return {
    async end(driver) {
      const ending = ended.get(driver) ?? endAll(driver);
      ended.set(driver, ending);
      await ending;
    },
    async note(driver, pid) {
      const started = startOf(pid);
      if (started === null) return;
      try {
        await ensureDirectory(files, dirname(pathOf(driver)), 0o700);
        const line = Buffer.from(`${await bootOf(files)} ${pid} ${started}\n`);
        await files.appendStream(pathOf(driver), once(line));
      } catch (error) {
        log.warn({ err: error, driver }, 'The process of a driver could not be written down.');
      }
    },
    forget: (driver) => removeTree(files, pathOf(driver)),
  };
}

/** The processes that were written down and are still the same. */
async function notedRuns(files: Files, path: string): Promise<number[]> {
  if (!(await files.lstat(path))) return [];
  const boot = await bootOf(files);
  const lines = Buffer.from(await files.readFile(path))
    .toString('latin1')
    .split('\n');
  return lines.flatMap((line) => {
    const [noted, pid, started, ...more] = line.split(' ');
    const isWhole = noted === boot && more.length === 0 && /^\d+$/.test(pid ?? '');
    return isWhole && startOf(Number(pid)) === started ? [Number(pid)] : [];
  });
}

const bootOf = async (files: Files): Promise<string> =>
  await files.readFile('/proc/sys/kernel/random/boot_id').then(
    (bytes) => Buffer.from(bytes).toString('latin1').trim(),
    () => '',
  );

async function* once(content: Uint8Array): AsyncIterable<Uint8Array> {
  yield content;
}
