import { isDeepStrictEqual } from 'node:util';
import type { Clock, Random } from '../proto/clock.ts';
import type { Log } from '../proto/log.ts';
import { LOG_SCHEMA, PROGRESS_SCHEMA, type Progress } from '../proto/messages.ts';
import type { Phase } from '../proto/reported.ts';
import { followVerdict } from './accepting.ts';
import { createAftermath } from './aftermath.ts';
import {
  type AgentState,
  etagOf,
  needsRepair,
  newAgentState,
  type Shown,
  standingOf,
  targetOf,
} from './agent-state.ts';
import { type ConvergingParts, converge, retryOverNetwork, settle } from './converging.ts';
import type { BackoffPolicy } from './core/backoff.ts';
import { type Action, nextAction } from './core/next-action.ts';
import { type AgentFacts, composeReport, type Standing } from './core/report.ts';
import type { Gates } from './gates/gates.ts';
import { createIntake } from './intake.ts';
import { createLook } from './look.ts';
import { createProgressPace } from './progress-pace.ts';
import type { ReportSequence } from './report-sequence.ts';
import { createReports, type Reports } from './reports.ts';
import type { SavedDesired } from './saved-desired.ts';
import type { SavedFailure } from './saved-failure.ts';
import { jsonBytes } from './state-file.ts';
import type { Reporter, Transactions } from './transaction.ts';
import type { LinkState, Transport } from './transports/transport.ts';
import { createWake } from './wake.ts';

export interface AgentDeps {
  device: string;
  transport: Transport;
  transactions: Transactions;
  saved: SavedDesired;
  sequence: ReportSequence;
  failures: SavedFailure;
  /** What failed before the start is tried at once, unless only a change can help. */
  tryAtOnce: boolean;
  /** The document that a reference names. */
  fetchDocument(url: string, signal: AbortSignal): Promise<Uint8Array>;
  /** The features of this agent on this device that a desired document may require. */
  features: ReadonlySet<string>;
  about: AgentFacts;
  clock: Clock;
  random: Random;
  log: Log;
  /** When the device may download and apply. */
  gates: Pick<Gates, 'ask' | 'forget'>;
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
  /** A transaction is under way. */
  busy(): boolean;
  /** Something that decides when a change may be made is other than before. */
  lookAgain(): void;
  /** Something else changed what is installed: reads it and reports. */
  installedChanged(): Promise<void>;
}

const DEFAULT_BACKOFF: BackoffPolicy = { baseMs: 10_000, capMs: 900_000 };

export function createAgent(deps: AgentDeps): Agent {
  const { transport, transactions, saved, clock, random, log } = deps;
  const state = newAgentState();
  const wake = createWake(clock);
  const stopping = new AbortController();
  const resting = createResting();
  let looping: Promise<void> | null = null;

  const reports = createReports({
    compose: async () =>
      jsonBytes(composeReport(standingOf(state), deps.about, await deps.sequence.next())),
    send: (content) => transport.report(content),
    clock,
    log,
  });
  const changed = (): void => {
    deps.onStanding?.(standingOf(state), state.link);
    reports.changed();
  };
  const show = createShow(state, changed);
  const { reporter, stop: stopReporter } = createReporter(transport, clock, show);
  const backoff = deps.backoff ?? DEFAULT_BACKOFF;
  const parts: ConvergingParts = {
    state,
    failures: deps.failures,
    gates: deps.gates,
    transactions,
    reporter,
    backoff,
    clock,
    random,
    log,
    changed,
  };
  const intake = createIntake({
    receiver: () => ({
      device: deps.device,
      accepted: targetOf(state),
      check: state.desired?.signed.check ?? null,
      features: deps.features,
      now: clock.now(),
    }),
    fetchDocument: deps.fetchDocument,
    onVerdict: (verdict) =>
      followVerdict({ state, saved, log, changed }, verdict).then(() => wake.call()),
    clock,
    random,
    log,
  });

  const look = createLook(parts);
  const aftermath = createAftermath(parts, show);
  const onLink = (link: LinkState): void => {
    followLink(state, link, reports, log);
    if (link.kind === 'connected' && retryOverNetwork(state, clock.now())) wake.call();
    deps.onStanding?.(standingOf(state), link);
  };

  const decide = async (): Promise<Action> => {
    const { failure, refused, installed, desired } = state;
    const target = targetOf(state);
    const downloaded = target !== null && state.downloaded === target.digest;
    const repair = needsRepair(state);
    const point = { target, installed: installed.point, failure, refused, downloaded, repair };
    const first = nextAction({ ...point, gates: null, now: clock.now() });
    if (first.kind === 'rest' || target === null || desired === null) return first;
    const asked = { ...target, downloaded };
    const gates = await deps.gates.ask(desired.signed.policy, asked, stopping.signal);
    return nextAction({ ...point, gates, now: clock.now() });
  };

  const step = async (): Promise<void> => {
    if (state.applied !== null) return await aftermath.goOn(wake);
    const action = await decide();
    const { desired } = state;
    if (action.kind !== 'rest' && desired) {
      await converge(parts, desired, stopping.signal, action.kind);
      return action.kind === 'converge' ? look.done() : undefined;
    }
    if (action.kind !== 'rest' || (await look.due(stopping.signal))) return;
    const { phase, reason, retryAt, detail } = action;
    show({ phase, reason, retryAt, detail });
    if (state.heard) resting.reached(action.phase, reports);
    await wake.wait(look.within(action.ms));
  };

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted)
      await step().catch((error: unknown) => {
        if (!stopping.signal.aborted) throw error;
      });
  };

  return {
    async start() {
      state.desired = await saved.load();
      state.failure = await deps.failures.load();
      const recovered = await transactions.recover();
      state.installed = await transactions.installed();
      const point = recovered?.point ?? targetOf(state);
      if (recovered && point) await settle(parts, recovered.outcome, point);
      if (deps.tryAtOnce && state.failure?.retryAt) state.failure.retryAt = clock.now();
      changed();
      transport.start({ desired: (content) => intake.take(content), state: onLink });
      looping = loop();
    },
    async stop() {
      stopping.abort(new Error('stopped'));
      wake.call();
      await looping;
      await intake.stop();
      stopReporter();
      reports.stop();
      await transport.stop();
    },
    etag: () => etagOf(state),
    rested() {
      const phase = resting.next();
      wake.call();
      return phase;
    },
    busy: () => state.running !== null,
    lookAgain: () => wake.call(),
    async installedChanged() {
      state.installed = await transactions.installed();
      changed();
      wake.call();
    },
  };
}

type Show = (shown: Shown) => void;

/** Says what the agent is doing, if that is another thing than before. */
function createShow(state: AgentState, changed: () => void): Show {
  return (shown) => {
    if (isDeepStrictEqual(shown, state.shown)) return;
    state.shown = shown;
    changed();
  };
}

function createReporter(
  transport: Transport,
  clock: Clock,
  show: Show,
): { reporter: Reporter; stop(): void } {
  const pace = createProgressPace<Omit<Progress, 'schema'>>(clock, (value) =>
    transport.progress(jsonBytes({ schema: PROGRESS_SCHEMA, ...value })),
  );
  return {
    reporter: {
      phase: (phase, reason) => show({ phase, reason, retryAt: null, detail: null }),
      progress: (value) => pace.offer(value),
      log: (lines) => transport.log(jsonBytes({ schema: LOG_SCHEMA, ...lines })),
    },
    stop: () => pace.stop(),
  };
}

function followLink(state: AgentState, link: LinkState, reports: Reports, log: Log): void {
  state.link = link;
  reports.connected(link.kind === 'connected');
  if (link.kind === 'connected') log.info({ transport: link.transport }, 'Connected.');
  else log.warn({ cause: link.cause, detail: link.detail }, 'Not connected.');
}

/** Those who wait until the agent rests and the server knows it. */
function createResting(): {
  next(): Promise<Phase>;
  reached(phase: Phase, reports: Reports): void;
} {
  let waiting: ((phase: Phase) => void)[] = [];
  return {
    next: () => new Promise((resolve) => waiting.push(resolve)),
    reached(phase, reports) {
      const ready = waiting;
      waiting = [];
      if (ready.length === 0) return;
      void reports.settled().then(() => {
        for (const resolve of ready) resolve(phase);
      });
    },
  };
}
