import { JamesError } from '../../proto/errors.ts';
import type { JournalStep } from '../core/journal-entry.ts';
import { HEALTH_DEFAULTS } from '../core/manifest.ts';
import type { Written } from '../core/recover.ts';
import type { Device, PacketExamination } from './device.ts';
import { driverJob } from './driver-steps.ts';
import { replacesAgent, SERVER_REACHABLE } from './own-trial.ts';
import { type OnLog, runScript } from './run-script.ts';

type Examined = Pick<Written, 'health' | 'steps' | 'transaction' | 'operations'>;

/** Whether there is anything to ask after a change. */
export async function hasExamination(device: Device, written: Examined): Promise<boolean> {
  if (written.health !== null || replacesAgent(device, written.operations)) return true;
  return (await packetExaminations(device, written, () => undefined)).length > 0;
}

/**
 * Asks the specs' checks and the scripts `health` of the packets that came, and a new agent whether it reaches the server.
 * Throws `unhealthy` with all that is wrong.
 */
export async function examine(
  device: Device,
  written: Examined,
  onLog: OnLog,
  signal: AbortSignal,
): Promise<void> {
  const packets = await packetExaminations(device, written, onLog);
  const wrong = await device.examine({ health: written.health, packets }, signal);
  if (replacesAgent(device, written.operations))
    wrong.push(...(await device.examine({ health: SERVER_REACHABLE, packets: [] }, signal)));
  signal.throwIfAborted();
  if (wrong.length === 0) return;
  throw new JamesError('unhealthy', `After the change the device is not well: ${wrong.join(' ')}`);
}

async function packetExaminations(
  device: Device,
  written: Pick<Written, 'steps' | 'transaction'>,
  onLog: OnLog,
): Promise<PacketExamination[]> {
  const all: PacketExamination[] = [];
  for (const step of written.steps) {
    const { to } = step;
    if (to === null) continue;
    const manifest = await device.state.readManifest(to);
    if (!manifest.scripts.includes('health') && step.driver === null) continue;
    all.push({
      packet: step.name,
      ...(manifest.health ?? HEALTH_DEFAULTS),
      ask: (timeoutMs, signal) => ask(device, written, step, { onLog, timeoutMs, signal }),
    });
  }
  return all;
}

async function ask(
  device: Device,
  written: Pick<Written, 'transaction'>,
  step: JournalStep,
  how: { onLog: OnLog; timeoutMs: number; signal: AbortSignal },
): Promise<string | null> {
  const { onLog, timeoutMs, signal } = how;
  const job = driverJob(device, written, step, onLog);
  const wrong = job && (await device.external.health({ ...job, timeoutMs }, signal));
  if (wrong) return wrong;
  const run = { step, side: 'new', script: 'health', action: 'health', ...how } as const;
  try {
    await runScript(device, run);
    return null;
  } catch (error) {
    if (error instanceof JamesError) return error.message;
    throw error;
  }
}
