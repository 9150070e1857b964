import Type from 'typebox';
import { describeFault, faultsOf } from '../../../proto/check.ts';
import { JamesError } from '../../../proto/errors.ts';
import { parseJson } from '../../../proto/json.ts';
import type { DriverPacket } from './request.ts';
import { EXIT, VERBS, type Verb } from './verbs.ts';

/** A driver may write so much to its standard output. */
export const MOST_ANSWER_BYTES = 64 * 1024;
/** Of a driver's own words so many characters are passed on. */
const MOST_CHARACTERS = 500;

/** What a driver writes to its standard output: one JSON object. Keys that nobody knows are passed over. */
const Answer = Type.Object({
  message: Type.Optional(Type.String()),
  reboot: Type.Optional(Type.Boolean()),
  packets: Type.Optional(
    Type.Array(
      Type.Object({
        name: Type.String(),
        id: Type.String(),
        version: Type.Optional(Type.String()),
      }),
    ),
  ),
});
type Answer = Type.Static<typeof Answer>;

/** How the program of a driver ended, and what it wrote. */
export interface Ended {
  end: 'exited' | 'signalled' | 'timed-out' | 'not-started';
  code: number | string;
  stdout: string;
  truncated: boolean;
  /** The end of what it wrote to its standard error. */
  output: string;
}

/** What a driver said. */
export type Said =
  | { kind: 'done'; message: string | null; reboot: boolean; packets: DriverPacket[] }
  /** It does not do that, and need not. */
  | { kind: 'not-supported' }
  /** `later`: it may be tried again as it is. */
  | { kind: 'failed'; later: boolean; sentence: string };

/** Reads what the end of a driver means; total, whatever it wrote. `timeoutMs` is what it was given. */
export function readAnswer(driver: string, verb: Verb, ended: Ended, timeoutMs: number): Said {
  const who = `The driver ${driver}`;
  const fail = (what: string, later: boolean): Said => ({
    kind: 'failed',
    later,
    sentence: `${who} ${what}.`,
  });
  switch (ended.end) {
    case 'not-started':
      return fail(`could not be started for ${verb} (${ended.code})`, true);
    case 'timed-out':
      return fail(`took longer than ${timeoutMs / 1000} s for ${verb} and was ended`, true);
    case 'signalled':
      return fail(`was ended by ${ended.code} in ${verb}${lastWords(ended)}`, true);
    case 'exited':
      return exited(verb, ended, fail);
  }
}

function exited(verb: Verb, ended: Ended, fail: (what: string, later: boolean) => Said): Said {
  if (ended.code === EXIT.done) {
    const answer = parseAnswer(ended, verb === 'list');
    if (typeof answer === 'string') return fail(`gave no good answer to ${verb}: ${answer}`, false);
    const { message, reboot = false, packets = [] } = answer;
    return {
      kind: 'done',
      message: message === undefined ? null : shown(message),
      reboot,
      packets: packets.map(({ version = '', ...packet }) => ({ ...packet, version })),
    };
  }
  if (ended.code === EXIT.notSupported) {
    if (VERBS[verb].optional) return { kind: 'not-supported' };
    return fail(`does not support ${verb}, which every driver must${whyOf(ended)}`, false);
  }
  if (ended.code === EXIT.later) return fail(`cannot do ${verb} now${whyOf(ended)}`, true);
  return fail(`failed at ${verb} with status ${ended.code}${whyOf(ended)}`, false);
}

/** The object, or what is wrong with what was written. */
function parseAnswer({ stdout, truncated }: Ended, needsPackets: boolean): Answer | string {
  if (truncated) return `it wrote more than ${MOST_ANSWER_BYTES / 1024} KiB`;
  if (stdout.trim() === '') return 'it wrote nothing, where {} is the least';
  const value = parsed(stdout);
  if (value === undefined) return 'it is not one JSON object';
  const [fault] = faultsOf(Answer, value);
  if (fault) return shown(describeFault(fault));
  const answer = value as Answer;
  return needsPackets && answer.packets === undefined ? 'it has no packets' : answer;
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JamesError) return undefined;
    throw error;
  }
}

/** Why it failed: its message, or else the last line that it wrote to its standard error. */
function whyOf(ended: Ended): string {
  const answer = parseAnswer(ended, false);
  const message = typeof answer === 'string' ? '' : (answer.message ?? '');
  return message.trim() === '' ? lastWords(ended) : `: ${shown(message)}`;
}

function lastWords({ output }: Ended): string {
  const line = output.trimEnd().split('\n').at(-1) ?? '';
  return line.trim() === '' ? '' : `: ${shown(line)}`;
}

/** Text of a driver as part of a sentence. */
const shown = (text: string): string =>
  text
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, MOST_CHARACTERS)
    .replace(/\.$/, '');
