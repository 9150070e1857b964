import { joinPath } from '../core/device-path.ts';
import type { Written } from '../core/recover.ts';
import { endGroup, groupsWithArgument, startOf } from '../system/process-groups.ts';
import type { Device } from './device.ts';

const pathOf = ({ stateDirectory }: Device): string => joinPath(stateDirectory, 'scripts-running');

/**
 * Writes down which process a script runs as, so that a later agent can end it if this one is killed. It need not be
 * synced: a script does not outlive the machine. What cannot be written down is found by its arguments.
 */
export async function noteScript(device: Device, pid: number): Promise<void> {
  const started = startOf(pid);
  if (started === null) return;
  const line = Buffer.from(`${device.moment.boot} ${pid} ${started}\n`);
  await device.files.appendStream(pathOf(device), once(line)).catch((error: unknown) => {
    device.log.warn({ err: error }, 'The process of a script could not be written down.');
  });
}

/**
 * Ends what runs on of scripts that an agent began which was killed; resolves when nothing of them runs, so that their
 * counterparts run alone. A program that a script left behind on purpose, after its end, is not touched.
 */
export async function endLeftoverScripts(device: Device, written: Written): Promise<void> {
  const begun = written.back.some(({ action }) => action.kind === 'script');
  const found = begun ? groupsWithArgument(joinPath(device.stateDirectory, 'installed/')) : [];
  for (const pid of new Set([...(await notedScripts(device)), ...found])) {
    device.log.warn({ pid }, 'A script of an agent that was killed still ran; it is ended.');
    await endGroup(pid, device.clock);
  }
}

/** A transaction has ended, and with it what its scripts ran as. */
export async function forgetScripts(device: Device): Promise<void> {
  const path = pathOf(device);
  if (await device.files.lstat(path)) await device.files.unlink(path);
}

/** The processes that were written down and are still the same. */
async function notedScripts(device: Device): Promise<number[]> {
  const { files, moment } = device;
  const path = pathOf(device);
  if (!(await files.lstat(path))) return [];
  const alive: number[] = [];
  for (const line of Buffer.from(await files.readFile(path))
    .toString('latin1')
    .split('\n')) {
    const [boot, pid, started, ...more] = line.split(' ');
    if (boot !== moment.boot || more.length > 0 || !/^\d+$/.test(pid ?? '')) continue;
    if (startOf(Number(pid)) === started) alive.push(Number(pid));
  }
  return alive;
}

async function* once(content: Uint8Array): AsyncIterable<Uint8Array> {
  yield content;
}
