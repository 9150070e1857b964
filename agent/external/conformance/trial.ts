import { join } from 'node:path';
import type { Clock } from '../../../proto/clock.ts';
import type { ReadPacketFile } from '../../drivers/read-manifest.ts';
import type { OnLog } from '../../drivers/run-script.ts';
import type { Commands } from '../../system/commands.ts';
import type { Files } from '../../system/files.ts';
import { callDriver } from '../call-driver.ts';
import type { Said } from '../core/answer.ts';
import { type DriverRequest, type RequestedStep, requestOf } from '../core/request.ts';
import type { Verb } from '../core/verbs.ts';
import { createDriverPlaces } from '../driver-places.ts';
import { unpackPayload } from '../payload.ts';

/** A promise that a driver did not keep; the message says why. */
export class Broken extends Error {}

/** A change of what is installed, as one transaction asks for it. */
export interface Change {
  transaction: string;
  step: RequestedStep;
  /** The packet that comes; null at a removal. */
  packet: ReadPacketFile | null;
}

export interface TrialOptions {
  files: Files;
  commands: Commands;
  clock: Clock;
  driver: string;
  /** The driver's program, and where it and the agent have their state; host's paths. */
  file: string;
  state: string;
  root: string;
  timeoutMs: number;
  onLog: OnLog;
  newId: () => string;
}

/** A driver that is asked as an agent would ask it. */
export interface Trial {
  /** A new transaction that goes from one packet to another; null is none. Not both are null. */
  change(from: ReadPacketFile | null, to: ReadPacketFile | null): Change;
  /** Asks one thing. Throws `Broken` unless it is done or need not be supported; gives how long it took, in ms. */
  ask(verb: Verb, change: Change): Promise<{ said: Said; ms: number }>;
  /** Ends the driver with SIGKILL so many ms after it was asked. */
  kill(verb: Verb, change: Change, afterMs: number): Promise<void>;
  /** What it says is installed, as texts in order; null if it does not support `list`. */
  list(): Promise<string[] | null>;
  /** The exit status at a verb that does not exist. */
  askUnknown(): Promise<number | string>;
}

export function createTrial(options: TrialOptions): Trial {
  const { files, commands, clock, driver, file, newId } = options;
  const places = createDriverPlaces(files, options.state);
  const placed = ({ transaction, step }: Change) => ({ driver, transaction, step });

  const request = async (verb: Verb, change: Change | null): Promise<DriverRequest> =>
    requestOf(verb, change, {
      payload:
        change !== null && (await places.hasPayload(placed(change)))
          ? places.payloadOf(placed(change))
          : null,
      state: await places.stateOf(driver),
      root: options.root,
      timeoutMs: options.timeoutMs,
    });

  async function call(verb: Verb, change: Change | null, killed?: AbortSignal): Promise<Said> {
    if (verb === 'prepare' && change?.packet) await unpack(change, change.packet);
    const rest = killed ? { signal: killed, graceMs: 0 } : {};
    const { onLog } = options;
    const said = await callDriver(commands, {
      ...{ driver, file, onLog, request: await request(verb, change) },
      ...rest,
    });
    const isLast = verb === 'commit' || verb === 'rollback';
    if (isLast && change && said.kind !== 'failed') await places.removePayload(placed(change));
    return said;
  }

  const unpack = (change: Change, packet: ReadPacketFile): Promise<void> =>
    unpackPayload({
      ...{ files, packetFile: packet.file, id: packet.manifest.id },
      directory: places.payloadOf(placed(change)),
      signal: new AbortController().signal,
    });

  return {
    change: (from, to) => ({ transaction: newId(), step: stepOf(from, to), packet: to }),
    async ask(verb, change) {
      const begun = clock.monotonic();
      const said = await call(verb, change);
      if (said.kind === 'failed') throw new Broken(said.sentence);
      return { said, ms: clock.monotonic() - begun };
    },
    async kill(verb, change, afterMs) {
      const killing = new AbortController();
      const cancel = clock.after(afterMs, () => killing.abort());
      await call(verb, change, killing.signal).finally(cancel);
    },
    async list() {
      const said = await call('list', null);
      if (said.kind === 'failed') throw new Broken(said.sentence);
      if (said.kind === 'not-supported') return null;
      return said.packets.map(({ name, id, version }) => `${name} ${version} ${id}`).sort();
    },
    async askUnknown() {
      const { code } = await commands.run({
        ...{ file, args: ['no-such-verb'], cwd: '/', stdin: '{}\n', timeoutMs: options.timeoutMs },
        env: {
          PATH: process.env.PATH ?? '',
          JAMESD_STATE: join(await places.stateOf(driver)),
          JAMESD_ROOT: options.root,
        },
      });
      return code;
    },
  };
}

function stepOf(from: ReadPacketFile | null, to: ReadPacketFile | null): RequestedStep {
  const versionOf = (packet: ReadPacketFile | null): string =>
    packet?.manifest.labels.version ?? '';
  return {
    kind: to === null ? 'remove' : from === null ? 'install' : 'upgrade',
    name: (to ?? from)?.manifest.name ?? '',
    from: from?.manifest.id ?? null,
    to: to?.manifest.id ?? null,
    oldVersion: versionOf(from),
    newVersion: versionOf(to),
  };
}
