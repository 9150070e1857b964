import { type Desired, desiredEtag, isKept } from '../proto/desired.ts';
import type { Phase } from '../proto/reported.ts';
import type { AcceptedPoint } from './core/accept-desired.ts';
import { type Failure, packageProblemOf } from './core/next-action.ts';
import type { Standing } from './core/report.ts';
import type { InstalledState } from './transaction.ts';
import type { LinkState } from './transports/transport.ts';

/** A phase, with the reason for it and when it may end. */
export interface Shown {
  phase: Phase;
  reason: string | null;
  /** Wall-clock time in ms. */
  retryAt: number | null;
  detail: string | null;
}

/** Everything that an agent knows while it runs. */
export interface AgentState {
  /** The document that was accepted last. */
  desired: Desired | null;
  installed: InstalledState;
  failure: Failure | null;
  /** The packets that the last try failed on. */
  failures: Standing['failures'];
  refused: { phase: 'conflict' | 'failed'; reason: string } | null;
  /** What is applied and waits for a restart, until a wall-clock time in ms, or restarted and waits to be looked at. */
  applied: { point: AcceptedPoint | null; restart: { until: number } | null } | null;
  /** What was installed asks for a reboot, and a person has to see to it. */
  rebootPending: boolean;
  /** The transaction under way. */
  running: { digest: string; abort: AbortController } | null;
  /** The look at what is installed that is under way. */
  looking: AbortController | null;
  /** What was found changed is still changed after it was put back: it is left until the next look. */
  repairedInVain: boolean;
  link: LinkState | null;
  /** A document of the server was judged since the start. */
  heard: boolean;
  /** What the agent says that it is doing. */
  shown: Shown;
  /** The digest of the desired state for which everything was downloaded. */
  downloaded: string | null;
}

export const newAgentState = (): AgentState => ({
  desired: null,
  installed: { point: null, packets: [], packages: null },
  failure: null,
  failures: [],
  refused: null,
  applied: null,
  rebootPending: false,
  running: null,
  looking: null,
  repairedInVain: false,
  link: null,
  heard: false,
  shown: { phase: 'idle', reason: null, retryAt: null, detail: null },
  downloaded: null,
});

/** The point of the desired state that was accepted last. */
export function targetOf({ desired }: AgentState): AcceptedPoint | null {
  if (desired === null) return null;
  const { epoch, revision, digest } = desired.signed;
  return { epoch, revision, digest };
}

/** Whether something of the desired state's packets was found changed, and is to be put back. */
export function needsRepair({ desired, installed, repairedInVain }: AgentState): boolean {
  if (desired === null || repairedInVain || desired.signed.policy.drift !== 'repair') return false;
  const wanted = new Set(desired.signed.packets.flatMap((line) => (isKept(line) ? [] : [line.id])));
  return installed.packets.some(
    ({ id, status }) =>
      (status === 'modified' || status === 'missing') && id !== null && wanted.has(id),
  );
}

export const etagOf = ({ desired }: AgentState): string | null =>
  desired && desiredEtag(desired.signed);

/** What a report says of the state. */
export const standingOf = (state: AgentState): Standing => ({
  ...state.shown,
  rebootPending: state.rebootPending,
  seen: targetOf(state),
  installed: state.installed.point,
  packets: state.installed.packets,
  failures: state.failures,
  packages: state.installed.packages,
  packageProblem: packageProblemOf(state.failure),
});
