import type { Examination } from '../drivers/device.ts';
import type { HealthDeps } from './health.ts';

/** Asks the device how it is after a change: sentences that say what is wrong. What asks is loaded when it is needed. */
export function createExamine(deps: Omit<HealthDeps, 'probe'>) {
  return async (examination: Examination, signal: AbortSignal): Promise<string[]> => {
    const [{ createHealth }, { createProbe }] = await Promise.all([
      import('./health.ts'),
      import('./probe.ts'),
    ]);
    const health = createHealth({ ...deps, probe: createProbe() });
    const verdict = await health.check(examination, signal);
    return verdict.healthy ? [] : verdict.sentences;
  };
}
