import { type Event, next, phaseOf, type State } from '../core/machine.ts';
import type { Reporter } from '../transaction.ts';

/** Where a running transaction stands; tells the reporter of each phase once. */
export interface Course {
  happen(event: Event): void;
  state(): State;
}

export function createCourse(reporter: Pick<Reporter, 'phase'>): Course {
  let state: State = 'idle';
  let told: string | null = null;
  return {
    happen(event) {
      state = next(state, event);
      const phase = phaseOf[state];
      if (phase === null || phase === told) return;
      told = phase;
      reporter.phase(phase, null);
    },
    state: () => state,
  };
}
