import type { Outcome } from '../transaction.ts';
import type { OnLog } from './carry-out.ts';
import { type ConvergeParts, packageReporter } from './converge.ts';
import { failedOutcome } from './outcomes.ts';
import { resume } from './perform.ts';

/** After a start: finishes or undoes what a crash left, packets first, then packages. Null if there was nothing. */
export async function recoverDevice(
  { device, packages }: ConvergeParts,
  onLog: OnLog,
): Promise<Outcome | null> {
  await device.state.prepare();
  const packets = await resume(device, onLog);
  const sentences = [...packets.sentences];
  let outcome = packets.outcome;
  if (packages !== null && (await packages.openSince()) !== null) {
    const { point } = await device.state.readIndex();
    const reporter = packageReporter(device.clock, { log: onLog, progress: () => undefined });
    try {
      const recovered = await packages.recover(point, reporter);
      if (recovered.outcome !== 'nothing') outcome = recovered.outcome;
      sentences.push(...recovered.sentences);
      reporter.flush();
    } catch (error) {
      return { ...failedOutcome(error, false, () => null), retryable: true };
    }
  }
  if (outcome === 'nothing') return null;
  if (outcome === 'finished') return { kind: 'converged' };
  const reason = ['The device stopped in the middle; all was put back.', ...sentences].join(' ');
  const failed = { undone: true, code: 'interrupted', retryable: true, failures: [] };
  return { kind: 'failed', reason, ...failed };
}
