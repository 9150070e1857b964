import type { Desired } from '../proto/desired.ts';
import type { Log } from '../proto/log.ts';
import type { AgentState } from './agent-state.ts';
import type { Judged } from './intake.ts';
import type { SavedDesired } from './saved-desired.ts';

export interface AcceptingParts {
  state: AgentState;
  saved: SavedDesired;
  log: Log;
  /** Something that a report tells has changed. */
  changed(): void;
}

/** Acts on a verdict over a document: keeps it, or says why not. A running transaction for another state is aborted. */
export async function followVerdict(parts: AcceptingParts, verdict: Judged): Promise<void> {
  const { state, log } = parts;
  state.heard = true;
  if (verdict.kind === 'accept') return accept(parts, verdict.desired, verdict.news);
  if (verdict.kind === 'ignore') {
    const fields = { code: verdict.code, reason: verdict.reason };
    if (verdict.code === 'stale') log.debug(fields, 'A desired state was passed over.');
    else log.warn(fields, 'A desired state was ignored.');
    return;
  }
  const phase = verdict.kind === 'conflict' ? 'conflict' : 'failed';
  state.refused = { phase, reason: verdict.reason };
  log.warn({ reason: verdict.reason }, 'A desired state was refused.');
}

async function accept(parts: AcceptingParts, next: Desired, news: boolean): Promise<void> {
  const { state, saved, log } = parts;
  await saved.save(next).catch((error: unknown) => {
    log.error({ err: error }, 'The desired state could not be saved; it is used all the same.');
  });
  state.desired = next;
  state.refused = null;
  if (!news) return;
  const { revision, digest } = next.signed;
  log.info({ revision, digest }, 'A new desired state was accepted.');
  if (state.running && state.running.digest !== digest)
    state.running.abort.abort(new Error('superseded by a newer desired state'));
  state.looking?.abort(new Error('a newer desired state comes first'));
  parts.changed();
}
