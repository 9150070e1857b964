import { resolve } from 'node:path';
import { silentLog } from '../proto/log.ts';
import type { LogLines } from '../proto/messages.ts';
import type { Found } from './drift/packet-drift.ts';
import type { LocalChange, LocalPacket, LocalPackets } from './drivers/local-packets.ts';
import { createExternalDrivers } from './external/create-external-drivers.ts';
import { DRIVERS_DIRECTORY } from './external/drivers-directory.ts';
import { withDevice } from './open-device.ts';
import { askAgent, type LocalAnswer } from './socket/local-client.ts';
import type { LocalRequest } from './socket/local-protocol.ts';
import { createClock } from './system/clock.ts';
import { createCommands } from './system/commands.ts';
import { createNodeFiles } from './system/node-files.ts';
import { randomId } from './system/random-id.ts';
import { currentUser } from './system/user.ts';

export type { LocalChange, LocalPacket };

/** Where a device keeps its state if nothing else is said. */
export const DEFAULT_STATE = '/var/lib/jamesc';

export interface LocalOptions {
  /** Where to install: `/` if not given, or what a running agent has. Another one than the agent's is refused. */
  root?: string;
  /** The agent's state directory. `/var/lib/jamesc` if not given. */
  state?: string;
  /** Where drivers are, if no agent runs. `/usr/lib/jamesc/drivers` if not given. */
  drivers?: string;
  /** Told of what scripts write. */
  onLog?(lines: Omit<LogLines, 'schema'>): void;
}

/**
 * Installs a packet file by hand: through the agent that runs on the state directory, or, if none does, in this process
 * with the directory locked. Throws what is wrong with the packet, or why the transaction was undone.
 */
export async function installLocal(file: string, options: LocalOptions = {}): Promise<LocalChange> {
  const path = resolve(file);
  const answer = await through(
    options,
    { request: 'install', file: path },
    async (local, onLog) => ({
      reply: 'changed',
      ...(await local.install(path, onLog)),
    }),
  );
  return changeOf(answer);
}

/** Removes a packet by its name or id, in the same way. `not-found` if it is not installed. */
export async function uninstallLocal(
  packet: string,
  options: LocalOptions = {},
): Promise<LocalChange> {
  const answer = await through(options, { request: 'uninstall', packet }, async (local, onLog) => ({
    reply: 'changed',
    ...(await local.uninstall(packet, onLog)),
  }));
  return changeOf(answer);
}

/** What is installed on the device, by plan and by hand. */
export async function listLocal(options: LocalOptions = {}): Promise<LocalPacket[]> {
  const answer = await through(options, { request: 'list' }, async (local) => ({
    reply: 'packets',
    packets: await local.list(),
  }));
  if (answer.reply !== 'packets') throw new Error('The agent answered something else.');
  return answer.packets;
}

/**
 * Looks at everything that is installed, and reads every file: through the running agent, or in this process. Without an
 * agent the package manager is not asked.
 */
export async function checkLocal(options: LocalOptions = {}): Promise<Found> {
  const answer = await through(options, { request: 'check' }, async (local) => ({
    reply: 'found',
    ...(await local.check()),
  }));
  if (answer.reply !== 'found') throw new Error('The agent answered something else.');
  const { packets, packages } = answer;
  return { packets, packages };
}

type OnLog = (lines: Omit<LogLines, 'schema'>) => void;

async function through(
  {
    root,
    state = DEFAULT_STATE,
    drivers = DRIVERS_DIRECTORY,
    onLog = () => undefined,
  }: LocalOptions,
  request: LocalRequest,
  here: (local: LocalPackets, onLog: OnLog) => Promise<LocalAnswer>,
): Promise<LocalAnswer> {
  const directory = resolve(state);
  const asked = root === undefined ? request : { ...request, root: resolve(root) };
  const answer = await askAgent(directory, asked, onLog);
  if (answer !== null) return answer;
  const places = { root: resolve(root ?? '/'), state: directory, directory: resolve(drivers) };
  return await withDevice(optionsOf(places), ({ local }) => here(local, onLog));
}

function optionsOf(places: {
  root: string;
  state: string;
  /** Of drivers. */
  directory: string;
}): Parameters<typeof withDevice>[0] {
  const { root, state } = places;
  const clock = createClock();
  const [files, commands] = [createNodeFiles(), createCommands({ clock })];
  const user = currentUser();
  return {
    root,
    state,
    files,
    commands,
    clock,
    log: silentLog,
    pid: process.pid,
    user,
    newId: randomId,
    packages: 'off',
    env: process.env,
    surroundings: {
      external: createExternalDrivers({ ...places, files, commands, clock, user, log: silentLog }),
      moment: { boot: '', run: randomId() },
      restart: () => Promise.resolve(),
      program: null,
    },
  };
}

function changeOf(answer: LocalAnswer): LocalChange {
  if (answer.reply !== 'changed') throw new Error('The agent answered something else.');
  const { packet, change } = answer;
  return { packet, change };
}
