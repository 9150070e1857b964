import type { Clock, Random } from '../proto/clock.ts';
import { type Desired, desiredEtag } from '../proto/desired.ts';
import type { Log } from '../proto/log.ts';
import { LOG_SCHEMA, type LogLines, PROGRESS_SCHEMA, type Progress } from '../proto/messages.ts';
import type { Phase } from '../proto/reported.ts';
import type { AcceptedPoint } from './core/accept-desired.ts';
import type { BackoffPolicy } from './core/backoff.ts';
import { type Action, type Failure, failureAfter, nextAction } from './core/next-action.ts';
import { type AgentFacts, composeReport, type Standing } from './core/report.ts';
import { createIntake, type Judged } from './intake.ts';
import { createProgressPace } from './progress-pace.ts';
import type { ReportSequence } from './report-sequence.ts';
import { createReports } from './reports.ts';
import type { SavedDesired } from './saved-desired.ts';
import { jsonBytes } from './state-file.ts';
import type { InstalledState, Outcome, Reporter, Transactions } from './transaction.ts';
import type { LinkState, Transport } from './transports/transport.ts';
import { createWake } from './wake.ts';

export interface AgentDeps {
  device: string;
  transport: Transport;
  transactions: Transactions;
  saved: SavedDesired;
  sequence: ReportSequence;
  /** The document that a reference names. */
  fetchDocument(url: string, signal: AbortSignal): Promise<Uint8Array>;
  about: AgentFacts;
  clock: Clock;
  random: Random;
  log: Log;
  /** Between tries of a revision that failed. */
  backoff?: BackoffPolicy;
  /** Told whenever something of the standing or the connection changes. */
  onStanding?(standing: Standing, link: LinkState | null): void;
}

/** One device: the latest desired state, the transaction that brings it about, the reports of it. */
export interface Agent {
  /** Finishes or undoes what a crash left, then connects and converges until it is stopped. */
  start(): Promise<void>;
  /** Gives up a transaction that can still be given up, ends the connections. */
  stop(): Promise<void>;
  /** The entity tag of the accepted document, or null. */
  etag(): string | null;
  /** Resolves when a document of the server was judged, all is done for now, and the server has the report of it. */
  rested(): Promise<Phase>;
  /** Something else changed what is installed: reads it and reports. */
  installedChanged(): Promise<void>;
}

/** The features of this release that a desired document may require. */
const FEATURES: ReadonlySet<string> = new Set();
/** Failures that a new connection can mend. */
const NETWORK_CODES: readonly string[] = ['download-failed', 'server-unreachable', 'unavailable'];

export function createAgent(deps: AgentDeps): Agent {
  const { transport, transactions, saved, clock, random, log } = deps;
  const backoff = deps.backoff ?? { baseMs: 10_000, capMs: 900_000 };
  const wake = createWake(clock);
  const stopping = new AbortController();
  let desired: Desired | null = null;
  let installed: InstalledState = { point: null, packets: [] };
  let failure: Failure | null = null;
  let failures: Standing['failures'] = [];
  let refused: { phase: 'conflict' | 'failed'; reason: string } | null = null;
  let running: { digest: string; abort: AbortController } | null = null;
  let link: LinkState | null = null;
  let heard = false;
  let looping: Promise<void> | null = null;
  let rest: ((phase: Phase) => void)[] = [];
  let shown: Pick<Standing, 'phase' | 'reason' | 'retryAt'> = {
    phase: 'idle',
    reason: null,
    retryAt: null,
  };

  const target = (): AcceptedPoint | null => desired && pointOf(desired);
  const standing = (): Standing => ({
    ...shown,
    seen: target(),
    installed: installed.point,
    packets: installed.packets,
    failures,
  });
  const reports = createReports({
    compose: async () =>
      jsonBytes(composeReport(standing(), deps.about, await deps.sequence.next())),
    send: (content) => transport.report(content),
    clock,
    log,
  });
  const progress = createProgressPace<Omit<Progress, 'schema'>>(clock, (value) =>
    transport.progress(jsonBytes({ schema: PROGRESS_SCHEMA, ...value })),
  );

  const changed = (): void => {
    deps.onStanding?.(standing(), link);
    reports.changed();
  };
  const show = (phase: Phase, reason: string | null, retryAt: number | null = null): void => {
    if (shown.phase === phase && shown.reason === reason && shown.retryAt === retryAt) return;
    shown = { phase, reason, retryAt };
    changed();
  };
  const reporter: Reporter = {
    phase: (phase, reason) => show(phase, reason),
    progress: (value) => progress.offer(value),
    log: (lines: Omit<LogLines, 'schema'>) =>
      transport.log(jsonBytes({ schema: LOG_SCHEMA, ...lines })),
  };

  const onVerdict = async (verdict: Judged): Promise<void> => {
    heard = true;
    if (verdict.kind === 'accept') await accept(verdict.desired, verdict.news);
    else if (verdict.kind === 'ignore') {
      const fields = { code: verdict.code, reason: verdict.reason };
      if (verdict.code === 'stale') log.debug(fields, 'A desired state was passed over.');
      else log.warn(fields, 'A desired state was ignored.');
    } else {
      const phase = verdict.kind === 'conflict' ? 'conflict' : 'failed';
      refused = { phase, reason: verdict.reason };
      log.warn({ reason: verdict.reason }, 'A desired state was refused.');
    }
    wake.call();
  };

  const accept = async (next: Desired, news: boolean): Promise<void> => {
    await saved.save(next).catch((error: unknown) => {
      log.error({ err: error }, 'The desired state could not be saved; it is used all the same.');
    });
    desired = next;
    refused = null;
    if (!news) return;
    const { revision, digest } = next.signed;
    log.info({ revision, digest }, 'A new desired state was accepted.');
    if (running && running.digest !== digest) running.abort.abort(new Error('superseded'));
    changed();
  };

  const intake = createIntake({
    receiver: () => ({
      device: deps.device,
      accepted: target(),
      features: FEATURES,
      now: clock.now(),
    }),
    fetchDocument: deps.fetchDocument,
    onVerdict,
    clock,
    random,
    log,
  });

  const onLink = (state: LinkState): void => {
    const before = link;
    link = state;
    reports.connected(state.kind === 'connected');
    if (state.kind === 'connected' && before?.kind !== 'connected') {
      log.info({ transport: state.transport }, 'Connected.');
      if (failure && failure.retryAt !== null && NETWORK_CODES.includes(failure.code)) {
        failure = { ...failure, retryAt: clock.now() };
        wake.call();
      }
    }
    if (state.kind === 'disconnected')
      log.warn({ cause: state.cause, detail: state.detail }, 'Not connected.');
    deps.onStanding?.(standing(), link);
  };

  const converge = async (wanted: Desired): Promise<void> => {
    const { epoch, revision, digest, packets } = wanted.signed;
    const abort = new AbortController();
    running = { digest, abort };
    const signal = AbortSignal.any([abort.signal, stopping.signal]);
    const outcome = await transactions
      .converge({ epoch, revision, digest, packets }, reporter, signal)
      .catch((error: unknown) => crashOutcome(error, log));
    running = null;
    progress.stop();
    installed = await transactions.installed();
    settle(outcome, { epoch, revision, digest });
  };

  const settle = (outcome: Outcome, point: AcceptedPoint): void => {
    if (outcome.kind === 'superseded') return;
    if (outcome.kind === 'converged') {
      log.info({ revision: point.revision }, 'Converged.');
      failure = null;
      failures = [];
    } else {
      failure = failureAfter(failure, point, outcome, { now: clock.now(), random, backoff });
      failures = outcome.failures;
      log.error({ revision: point.revision, code: outcome.code }, outcome.reason);
    }
    changed();
  };

  const act = async (action: Action): Promise<void> => {
    if (action.kind === 'converge' && desired) return converge(desired);
    if (action.kind !== 'rest') return;
    show(action.phase, action.reason, action.retryAt);
    if (heard) reach(action.phase);
    await wake.wait(action.ms);
  };

  const reach = (phase: Phase): void => {
    const reached = rest;
    rest = [];
    if (reached.length > 0)
      void reports.settled().then(() => {
        for (const resolve of reached) resolve(phase);
      });
  };

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const now = clock.now();
      const situation = { target: target(), installed: installed.point, failure, refused, now };
      await act(nextAction(situation));
    }
  };

  return {
    async start() {
      desired = await saved.load();
      const outcome = await transactions.recover();
      installed = await transactions.installed();
      const point = target();
      if (outcome && point) settle(outcome, point);
      changed();
      transport.start({ desired: (content) => intake.take(content), state: onLink });
      looping = loop();
    },
    async stop() {
      stopping.abort(new Error('stopped'));
      wake.call();
      await looping;
      await intake.stop();
      progress.stop();
      reports.stop();
      await transport.stop();
    },
    etag: () => desired && desiredEtag(desired.signed),
    rested: () =>
      new Promise((resolve) => {
        rest.push(resolve);
        wake.call();
      }),
    async installedChanged() {
      installed = await transactions.installed();
      changed();
      wake.call();
    },
  };
}

const pointOf = ({ signed: { epoch, revision, digest } }: Desired): AcceptedPoint => ({
  epoch,
  revision,
  digest,
});

/** A transaction never throws for what can go wrong on a device; if it does, that is a fault of the program. */
function crashOutcome(error: unknown, log: Log): Outcome {
  log.error({ err: error }, 'The transaction threw.');
  const reason = `The agent failed: ${error instanceof Error ? error.message : String(error)}`;
  return { kind: 'failed', undone: false, code: 'internal', reason, retryable: true, failures: [] };
}
