import { join } from 'node:path';
import { createTransactions } from '../../agent/drivers/transactions.ts';
import { createPackageManagers } from '../../agent/packages/choose-manager.ts';
import type { Manager } from '../../agent/packages/package-drivers.ts';
import type { PackageServer } from '../../agent/packages/package-server.ts';
import { createPackageWork } from '../../agent/packages/package-work.ts';
import { createClock } from '../../agent/system/clock.ts';
import { type Command, type Commands, createCommands } from '../../agent/system/commands.ts';
import type { Files } from '../../agent/system/files.ts';
import { createNodeFiles } from '../../agent/system/node-files.ts';
import { randomId } from '../../agent/system/random-id.ts';
import { currentUser } from '../../agent/system/user.ts';
import type { Outcome, Reporter, Target } from '../../agent/transaction.ts';
import { type DesiredBody, desiredDigest } from '../../proto/desired.ts';
import { digestOf } from '../../proto/digest.ts';
import { JamesError } from '../../proto/errors.ts';
import type { DeviceResolveRequest, Lock } from '../../proto/lock.ts';
import { silentLog } from '../../proto/log.ts';
import { createPacketDevice, type PacketDevice } from './packet-device.ts';
import { surroundings } from './surroundings.ts';
import { Died } from './watched-files.ts';

/** A server that holds locks and secrets, and answers for installed lists as a test says. */
export interface LockServer extends PackageServer {
  locks: Map<string, Lock>;
  secrets: Map<string, { username: string; password: string }>;
  /** The answer for a device's own list. */
  answer: ((request: DeviceResolveRequest) => Lock) | null;
  asked: DeviceResolveRequest[];
  /** Puts a lock there; gives its reference. */
  put(lock: Lock): { digest: string; url: string; count: number };
}

export interface BringOptions {
  signal?: AbortSignal;
  files?: Files;
  /** False once the agent's process is dead: it starts no programs any more. */
  alive?: () => boolean;
  /** In the place of running a program. */
  program?: (command: Command, run: Commands['run']) => ReturnType<Commands['run']>;
}

/** A device with packets and packages. */
export interface WholeDevice extends PacketDevice {
  server: LockServer;
  /** Programs that were run. */
  ran: Command[];
  bring(body: Partial<DesiredBody>, options?: BringOptions): Promise<Outcome>;
  whole(files?: Files): ReturnType<typeof createTransactions>;
}

export function createWholeDevice(manager: Manager): WholeDevice {
  const device = createPacketDevice();
  const clock = createClock();
  const server = createLockServer();
  const ran: Command[] = [];
  let revision = 0;
  const reporter: Reporter = {
    phase: (phase) => void device.phases.push(phase),
    progress: () => undefined,
    log: ({ source, lines }) =>
      void device.lines.push(...lines.map((line) => `${source}: ${line}`)),
  };

  const whole = (
    files: Files = createNodeFiles(),
    alive = () => true,
    program: BringOptions['program'] = (command, run) => run(command),
  ) => {
    const real = createCommands({ clock });
    const commands = {
      run: async (command: Command) => {
        if (!alive()) throw new Died('a dead process starts no program');
        ran.push(command);
        return await program(command, real.run);
      },
    };
    const { root, state } = device;
    const rest = { files, commands, clock, root, state, user: currentUser(), newId: randomId };
    const managers = createPackageManagers(manager, { ...rest, lockWaitMs: 10_000 });
    return createTransactions({
      ...rest,
      log: silentLog,
      downloads: {
        fetch: async (packet) => join(device.root, '../packets', `${packet.id.slice(7)}.jpk`),
        retain: () => Promise.resolve(),
      },
      scriptTimeoutMs: 5000,
      surroundings: surroundings(),
      packages: createPackageWork({ ...rest, managers, server }),
    });
  };

  return {
    ...device,
    server,
    ran,
    whole,
    async bring(body, { signal = new AbortController().signal, files, alive, program } = {}) {
      revision += 1;
      return await whole(files, alive, program).transactions.converge(
        targetAt(revision, body),
        reporter,
        signal,
      );
    },
  };
}

export function targetAt(revision: number, body: Partial<DesiredBody>): Target {
  const whole: DesiredBody = { packets: [], lock: null, sources: [], policy: {}, ...body };
  return { epoch: 'e', revision, digest: desiredDigest(whole), ...whole };
}

function createLockServer(): LockServer {
  const server: LockServer = {
    locks: new Map(),
    secrets: new Map(),
    answer: null,
    asked: [],
    put(lock) {
      const digest = digestOf(lock);
      server.locks.set(digest, lock);
      return { digest, url: `/v1/locks/${digest}`, count: lock.packages.length };
    },
    lock: async ({ digest }) => found(server.locks.get(digest)),
    secret: async (name) => found(server.secrets.get(name)),
    async resolve(request) {
      server.asked.push(request);
      if (!request.installed)
        throw new JamesError('installed-list-needed', 'The server does not know this list.');
      if (server.answer === null) throw new JamesError('not-found', 'There is no answer.');
      return server.answer(request);
    },
  };
  return server;
}

function found<Value>(value: Value | undefined): Value {
  if (value !== undefined) return value;
  throw new JamesError('not-found', 'The server does not have it.');
}
