import type {
  InstalledState,
  Outcome,
  Recovered,
  Reporter,
  Target,
  Transactions,
} from '../../agent/transaction.ts';
import type { ReportedPacket } from '../../proto/reported.ts';

/** Transactions whose outcome a test decides; what is installed is a value. */
export interface ScriptedTransactions extends Transactions {
  /** Desired states that were begun, in order. */
  readonly begun: Target[];
  /** Signals of those, in the same order. */
  readonly signals: AbortSignal[];
  /** How the next ones end; after the last one they converge. */
  outcomes: Outcome[];
  /** Runs within each before its end. */
  during: (reporter: Reporter, signal: AbortSignal) => Promise<void>;
  /** What a crash left, for `recover`. */
  recovered: Recovered | null;
  /** How often packages were looked at again, and what is installed from the next look on. */
  looks: number;
  /** The wish of each. */
  wishes: (string | null)[];
  /** Runs within each look. */
  duringLook: (signal: AbortSignal | undefined) => Promise<void>;
  found: InstalledState | null;
  /** Whether a look finds that the same target is worth another try. */
  again: boolean;
  state: InstalledState;
}

export function createScriptedTransactions(): ScriptedTransactions {
  const scripted: ScriptedTransactions = {
    begun: [],
    signals: [],
    outcomes: [],
    during: async () => {},
    recovered: null,
    looks: 0,
    wishes: [],
    duringLook: async () => {},
    found: null,
    again: false,
    state: { point: null, packets: [], packages: null },
    recover: async () => scripted.recovered,
    conclude: async () => scripted.outcomes.shift() ?? { kind: 'converged' },
    giveUpRestart: async () => scripted.outcomes.shift() ?? { kind: 'converged' },
    download: async () => ({ kind: 'downloaded' }),
    async converge(target, reporter, signal) {
      scripted.begun.push(target);
      scripted.signals.push(signal);
      await scripted.during(reporter, signal);
      if (signal.aborted) return { kind: 'superseded' };
      const outcome = scripted.outcomes.shift() ?? { kind: 'converged' };
      // What was undone must have been begun.
      if (outcome.kind === 'failed' && outcome.undone) reporter.phase('applying', null);
      if (outcome.kind === 'converged') scripted.state = stateAfter(target);
      return outcome;
    },
    look: async ({ check = null, signal } = {}) => {
      scripted.looks += 1;
      scripted.wishes.push(check);
      await scripted.duringLook(signal);
      if (scripted.found !== null) scripted.state = scripted.found;
      return scripted.again;
    },
    installed: async () => scripted.state,
  };
  return scripted;
}

function stateAfter({ epoch, revision, digest, packets }: Target): InstalledState {
  return {
    point: { epoch, revision, digest },
    packages: null,
    packets: packets.map(
      (line): ReportedPacket => ({
        name: line.name,
        id: 'id' in line ? line.id : null,
        status: 'installed',
        error: null,
      }),
    ),
  };
}
