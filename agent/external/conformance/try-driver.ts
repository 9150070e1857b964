import type { ReadPacketFile } from '../../drivers/read-manifest.ts';
import type { Verb } from '../core/verbs.ts';
import { type DriverPromise, type Packets, PROMISES } from './promises.ts';
import { Broken, type Trial } from './trial.ts';

/** Whether a promise is kept; `why` is null where it is. */
export interface Verdict {
  promise: string;
  result: 'ok' | 'failed' | 'skipped';
  why: string | null;
}

/**
 * Tries the promises of a driver that contain the text `only`, one after the other; each begins with what it needs installed. At the end nothing of
 * these packets is installed. `tell` hears of each verdict as it comes.
 */
export async function tryDriver(
  trial: Trial,
  packets: Packets,
  tell: (verdict: Verdict) => void,
  only = '',
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const installed = createInstalled(trial);
  for (const promise of PROMISES.filter((one) => one.promise.includes(only))) {
    const verdict = await tryPromise(trial, packets, promise, installed);
    verdicts.push(verdict);
    tell(verdict);
  }
  await installed.bring(null).catch(() => undefined);
  return verdicts;
}

async function tryPromise(
  trial: Trial,
  packets: Packets,
  { promise, start, end, upgrade, run }: DriverPromise,
  installed: Installed,
): Promise<Verdict> {
  if (upgrade && packets.second === null)
    return { promise, result: 'skipped', why: 'it takes a second --packet' };
  const before = start === 'nothing' ? null : packets.first;
  const after = start === 'nothing' ? packets.first : upgrade ? packets.second : null;
  try {
    await installed.bring(before);
    await run({ trial, packets, change: () => trial.change(before, after) });
    installed.is(end === 'before' ? before : after);
    return { promise, result: 'ok', why: null };
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    await installed.find([before, after]);
    return { promise, result: 'failed', why: error.message };
  }
}

/** Which packet is installed, as far as it is known. */
interface Installed {
  /** Brings the driver to exactly this packet, or to none. Throws `Broken`. */
  bring(packet: ReadPacketFile | null): Promise<void>;
  is(packet: ReadPacketFile | null): void;
  /** After something failed: which of these it is, by what the driver lists; else the first. */
  find(packets: readonly (ReadPacketFile | null)[]): Promise<void>;
}

function createInstalled(trial: Trial): Installed {
  let now: ReadPacketFile | null = null;

  async function go(to: ReadPacketFile | null, verbs: readonly Verb[]): Promise<void> {
    const change = trial.change(now, to);
    for (const verb of verbs) await trial.ask(verb, change);
    now = to;
  }

  return {
    is(packet) {
      now = packet;
    },
    async find(packets) {
      const list = await trial.list().catch(() => null);
      const listed = packets.find((packet) =>
        list?.some((line) => packet !== null && line.endsWith(` ${packet.manifest.id}`)),
      );
      now = listed ?? (list === null ? (packets[0] ?? null) : null);
    },
    async bring(packet) {
      if (packet === now) return;
      if (now !== null) await go(null, ['remove', 'commit']);
      if (packet !== null) await go(packet, ['prepare', 'install', 'commit']);
    },
  };
}
