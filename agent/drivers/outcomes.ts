import { JamesError } from '../../proto/errors.ts';
import type { ReportedPacket } from '../../proto/reported.ts';
import type { Outcome } from '../transaction.ts';
import { fromSystem, isSystemError } from './blame.ts';

export type Failed = Outcome & { kind: 'failed' };

/** Longest text of an error in a report. */
const MAX_ERROR_CHARACTERS = 2000;

/** What a failure is as an outcome; `idOf` gives the id of a packet that the transaction was about. */
export function failedOutcome(
  error: unknown,
  undone: boolean,
  idOf: (name: string) => string | null,
): Failed {
  const known = asJamesError(error);
  const reason = known.message.slice(0, MAX_ERROR_CHARACTERS);
  const names = blamedPackets(known);
  const failures = names.map((name): ReportedPacket => {
    return { name, id: idOf(name), status: 'failed', error: reason };
  });
  return { kind: 'failed', undone, code: known.code, reason, retryable: known.retryable, failures };
}

function asJamesError(error: unknown): JamesError {
  if (error instanceof JamesError) return error;
  if (isSystemError(error)) return fromSystem(error);
  const text = error instanceof Error ? error.message : String(error);
  return new JamesError('internal', `The agent failed: ${text}`, { cause: error });
}

function blamedPackets({ members }: JamesError): string[] {
  const { packet, packets } = members;
  if (Array.isArray(packets)) return packets.filter((name) => typeof name === 'string');
  return typeof packet === 'string' ? [packet] : [];
}

/** The same failure, with what else went wrong on the way back. */
export function withUndoFailures(outcome: Failed, sentences: readonly string[]): Failed {
  if (sentences.length === 0) return outcome;
  const reason = `${outcome.reason} On the way back: ${sentences.join(' ')}`;
  return { ...outcome, reason: reason.slice(0, MAX_ERROR_CHARACTERS) };
}
