import type { Clock, Random } from '../proto/clock.ts';
import type { Desired } from '../proto/desired.ts';
import type { Log } from '../proto/log.ts';
import { type AgentState, needsRepair } from './agent-state.ts';
import type { AcceptedPoint } from './core/accept-desired.ts';
import type { BackoffPolicy } from './core/backoff.ts';
import { failureAfter } from './core/next-action.ts';
import type { Gates } from './gates/gates.ts';
import type { SavedFailure } from './saved-failure.ts';
import type { Outcome, Reporter, Transactions } from './transaction.ts';

export interface ConvergingParts {
  state: AgentState;
  failures: SavedFailure;
  gates: Pick<Gates, 'forget'>;
  transactions: Transactions;
  reporter: Reporter;
  backoff: BackoffPolicy;
  clock: Clock;
  random: Random;
  log: Log;
  changed(): void;
}

/** Failures that a new connection can mend. */
const NETWORK_CODES: readonly string[] = [
  'download-failed',
  'server-unreachable',
  'unavailable',
  'source-unreachable',
];

/** Runs the transaction to its end, or only its downloads, and keeps what came of it. */
export async function converge(
  parts: ConvergingParts,
  desired: Desired,
  stopping: AbortSignal,
  how: 'converge' | 'download' = 'converge',
): Promise<void> {
  const { state, transactions } = parts;
  const { epoch, revision, digest, packets, lock, sources, policy } = desired.signed;
  const abort = new AbortController();
  state.running = { digest, abort };
  const { reporter, hasApplied } = watched(parts.reporter);
  const target = { epoch, revision, digest, packets, lock, sources, policy };
  const outcome = await transactions[how](
    target,
    reporter,
    AbortSignal.any([abort.signal, stopping]),
  ).catch((error: unknown) => crashed(parts, error));
  state.running = null;
  if (outcome.kind === 'downloaded') state.downloaded = digest;
  state.installed = await transactions.installed();
  if (outcome.kind === 'converged') noteVainRepair(parts);
  const shown = hasApplied() ? outcome : withoutUndo(outcome);
  await settle(parts, shown, { epoch, revision, digest });
}

/** A repair that changes nothing is not repeated at once: something may change the files again and again. */
function noteVainRepair({ state, log }: ConvergingParts): void {
  state.repairedInVain = needsRepair(state);
  if (state.repairedInVain)
    log.warn({}, 'What was changed on the device was put back, and is changed again already.');
}

/** The same reporter; `hasApplied` tells whether the transaction came as far as to change something. */
function watched(reporter: Reporter): { reporter: Reporter; hasApplied(): boolean } {
  let applied = false;
  const phase: Reporter['phase'] = (name, reason) => {
    applied ||= name === 'applying';
    reporter.phase(name, reason);
  };
  return { reporter: { ...reporter, phase }, hasApplied: () => applied };
}

/** Where nothing was changed yet, nothing was rolled back either. */
const withoutUndo = (outcome: Outcome): Outcome =>
  outcome.kind === 'failed' ? { ...outcome, undone: false } : outcome;

/** Keeps what came of a transaction for a desired state. */
export async function settle(
  parts: ConvergingParts,
  outcome: Outcome,
  point: AcceptedPoint,
): Promise<void> {
  const { state, clock, random, backoff, log } = parts;
  if (outcome.kind === 'superseded' || outcome.kind === 'downloaded') return;
  state.applied = appliedAfter(outcome, point, clock.now());
  if (outcome.kind === 'converged') {
    log.info({ revision: point.revision }, 'Converged.');
    state.failure = null;
    state.failures = [];
    state.downloaded = null;
    await parts.gates.forget();
    state.rebootPending = outcome.rebootPending === true;
  } else if (outcome.kind === 'failed') {
    const when = { now: clock.now(), random, backoff };
    state.failure = failureAfter(state.failure, point, outcome, when);
    state.failures = outcome.failures;
    log.error({ revision: point.revision, code: outcome.code }, outcome.reason);
  }
  await parts.failures.keep(state.failure);
  parts.changed();
}

/** So long the machine or the agent may take to restart before all is taken back. */
const RESTART_MS = { machine: 900_000, agent: 120_000 };

function appliedAfter(outcome: Outcome, point: AcceptedPoint, now: number): AgentState['applied'] {
  if (outcome.kind === 'restarting')
    return { point, restart: { until: now + RESTART_MS[outcome.of] } };
  return outcome.kind === 'unchecked' ? { point, restart: null } : null;
}

/** A new connection: what failed for the lack of one may be tried at once. True if so. */
export function retryOverNetwork(state: AgentState, now: number): boolean {
  const { failure } = state;
  if (!failure || failure.retryAt === null || !NETWORK_CODES.includes(failure.code)) return false;
  state.failure = { ...failure, retryAt: now };
  return true;
}

/** A transaction never throws for what can go wrong on a device; if it does, that is a fault of the program. */
function crashed({ log }: ConvergingParts, error: unknown): Outcome {
  log.error({ err: error }, 'The transaction threw.');
  const reason = `The agent failed: ${error instanceof Error ? error.message : String(error)}`;
  return { kind: 'failed', undone: false, code: 'internal', reason, retryable: true, failures: [] };
}
