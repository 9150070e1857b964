import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup.mjs';

const folder = join(root, 'data', 'start');
const pidFile = join(root, 'data', 'start.pid');

/** Where `npm start` writes. Everything is below `data/`, and is made afresh at each start. */
export const place = {
  folder,
  server: join(folder, 'server'),
  token: join(folder, 'operator-token'),
  logs: join(folder, 'logs'),
  packets: join(folder, 'packets'),
  specs: join(folder, 'specs'),
  rootOf: (device) => join(folder, 'devices', device, 'root'),
  stateOf: (device) => join(folder, 'devices', device, 'state'),
};

/**
 * Empties the place and claims it for this process. Programs that an earlier, killed run left behind are ended first.
 * Throws with a sentence if another `npm start` of this checkout is alive.
 */
export async function claimPlace() {
  const [starter, ...children] = readPids();
  if (starter && isOurs(starter, 'start.mjs')) {
    throw new Error(
      `npm start already runs in this checkout (process ${starter}). Stop it with Ctrl-C, or use another checkout.`,
    );
  }
  for (const pid of children) if (isOurs(pid, folder)) await endProcess(pid);
  rmSync(folder, { recursive: true, force: true });
  for (const path of [folder, place.logs, place.packets, place.specs]) {
    mkdirSync(path, { recursive: true });
  }
  notePids([]);
}

/** Notes which programs belong to this run, so that a later one can end them should this one be killed. */
export function notePids(children) {
  writeFileSync(pidFile, `${[process.pid, ...children].join('\n')}\n`);
}

/** Gives the place back, if this process holds it. */
export function leavePlace() {
  if (readPids()[0] === process.pid) rmSync(pidFile, { force: true });
}

function readPids() {
  return existsSync(pidFile) ? readFileSync(pidFile, 'utf8').trim().split('\n').map(Number) : [];
}

/** True if the process lives and its command line names `mark`: a number alone may belong to someone else by now. */
function isOurs(pid, mark) {
  try {
    process.kill(pid, 0);
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(mark);
  } catch {
    return false;
  }
}

async function endProcess(pid) {
  process.kill(pid, 'SIGTERM');
  for (let turn = 0; turn < 50 && isOurs(pid, folder); turn++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  if (isOurs(pid, folder)) process.kill(pid, 'SIGKILL');
}
