import type { Phase } from '../../proto/reported.ts';

/** Exit status of `run --once`: 0 converged, 1 failed or undone, 3 waiting for something or somebody. */
export function exitStatusOf(phase: Phase): number {
  if (phase === 'idle') return 0;
  return phase === 'waiting' || phase === 'conflict' ? 3 : 1;
}
