import type { DeviceView } from '../proto/api.ts';
import type { Clock } from '../proto/clock.ts';
import type { Log } from '../proto/log.ts';
import type { Agent } from './agent.ts';
import { exitStatusOf } from './core/exit-status.ts';
import type { HttpClient } from './transports/http-client.ts';

/** `run --once` has failed if nothing was heard of the server in this time, in which no transaction was under way. */
const ONCE_TIMEOUT_MS = 60_000;
const VIEW_TIMEOUT_MS = 15_000;
const MAX_VIEW_BYTES = 1024 * 1024;
/** Between two questions whether what was just reported has led to another desired state. */
const AGAIN_MS = 200;

/** What `run --once` needs to know when it is done. */
export interface OnceParts {
  agent: Pick<Agent, 'rested' | 'busy'>;
  http: Pick<HttpClient, 'fetch'>;
  device: string;
  clock: Clock;
  log: Log;
}

/**
 * Exit status of `run --once`. An agent that rests is done only if the server, which has its report by then, sees the
 * device converged: labels that were reported just now may lead to another desired state, and what the device would lose
 * may have to be approved first. A server that does not tell counts as content.
 */
export async function untilDone(parts: OnceParts): Promise<number> {
  const { log } = parts;
  const late = new AbortController();
  const timeout = untilLate(parts, late.signal).catch(() => null);
  const status = await Promise.race([settledStatus(parts, late.signal), timeout]);
  late.abort(new Error('over'));
  if (status !== null) return status;
  log.error({}, 'The server did not answer in time.');
  return 1;
}

/** Packages may take their time to be installed; that is no silence of the server. */
async function untilLate({ agent, clock }: OnceParts, over: AbortSignal): Promise<null> {
  do await clock.sleep(ONCE_TIMEOUT_MS, over);
  while (agent.busy());
  return null;
}

async function settledStatus(parts: OnceParts, over: AbortSignal): Promise<number | null> {
  while (!over.aborted) {
    const phase = await parts.agent.rested();
    if (phase !== 'idle') return exitStatusOf(phase);
    const view = await ownView(parts, over);
    if (view === null || view.converged) return exitStatusOf(phase);
    if (view.phase === 'waiting') return exitStatusOf(view.phase);
    await parts.clock.sleep(AGAIN_MS, over).catch(() => {});
  }
  return null;
}

/** The device as its server sees it; null if that cannot be told. */
async function ownView(
  { http, device }: OnceParts,
  signal: AbortSignal,
): Promise<Pick<DeviceView, 'converged' | 'phase'> | null> {
  const url = `/v1/devices/${device}`;
  const request = { method: 'GET' as const, url, timeoutMs: VIEW_TIMEOUT_MS, signal };
  try {
    const answer = await http.fetch(request, MAX_VIEW_BYTES);
    if (answer.status !== 200) return null;
    return JSON.parse(Buffer.from(answer.content).toString()) as DeviceView;
  } catch {
    return null;
  }
}
