import type { CaseResult } from '../suite.ts';
import type { Answer } from './answer.ts';
import { answerTo } from './answer.ts';
import { actionsOf, afterAnswer, listsOf } from './changes.ts';
import { type CommandLine, isSimulated, readCommandLine } from './command-line.ts';
import { createEvidence } from './evidence.ts';
import { expectationOf } from './expectation.ts';
import { afterEntry, emptyMachine, type Machine, withMarks } from './machine.ts';
import type { Entry, Recording } from './recording.ts';
import { isSolverCommand, outOfScope } from './scope.ts';

type Attempt = Answer | { kind: 'fault'; because: string };
type Command = Extract<Entry, { kind: 'command' }>;

/** Follows a recorded script and judges each of its commands. */
export function runRecording(
  recording: Recording,
  add: (name: string, result: CaseResult) => void,
): void {
  const evidence = createEvidence();
  let machine = emptyMachine;
  for (const [index, entry] of recording.entries.entries()) {
    if (entry.kind !== 'command') {
      if (entry.kind !== 'setup' && entry.kind !== 'call') evidence.changed();
      machine = afterEntry(machine, entry);
      continue;
    }
    const command = readCommandLine(entry.argv);
    const name = `${recording.name}:${index + 1} ${entry.argv.join(' ')}`;
    const doubt = evidence.sees(entry, command, machine);
    const reason = outOfScope(command, machine, entry) ?? doubt;
    const answer = isSolverCommand(command) ? attempt(command, machine) : null;
    add(name, reason === null ? judge(entry, machine, answer) : { kind: 'out-of-scope', reason });
    const after = afterCommand(machine, entry, command, answer);
    if (after !== machine) evidence.changed();
    machine = after;
  }
}

/** A fault of the runner or of the resolver is a failed case, and the others go on. */
function attempt(command: CommandLine, machine: Machine): Attempt {
  try {
    return answerTo(command, machine);
  } catch (error) {
    return { kind: 'fault', because: String(error) };
  }
}

function judge(entry: Command, machine: Machine, answer: Attempt | null): CaseResult {
  const expected = expectationOf(entry.verdict, entry.expected, machine.archs[0] ?? '');
  if (answer === null) return { kind: 'failed', problem: 'no answer' };
  if (answer.kind === 'fault') return { kind: 'failed', problem: answer.because };
  if (expected.outcome === 'fails')
    return answer.kind === 'refused'
      ? { kind: 'passed' }
      : {
          kind: 'failed',
          accepted: true,
          problem: `should fail, got ${shown(actionsOf(machine, answer.resolution))}`,
        };
  if (answer.kind === 'refused')
    return {
      kind: 'failed',
      problem: `${answer.because}; wanted ${shown(expected.changes ?? new Set())}`,
    };
  if (expected.changes === null) return { kind: 'passed' };
  const isList = [...expected.changes].some((line) => line.startsWith('list '));
  const got = (isList ? listsOf : actionsOf)(machine, answer.resolution);
  const missing = [...expected.changes].filter((line) => !got.has(line));
  const extra = [...got].filter((line) => !expected.changes?.has(line));
  if (missing.length + extra.length === 0) return { kind: 'passed' };
  return { kind: 'failed', problem: `lacks ${shown(missing)}; has beyond ${shown(extra)}` };
}

const shown = (lines: Iterable<string>): string => `[${[...lines].join(', ')}]`;

/** Marks and what was really installed stay for the commands that follow. */
function afterCommand(
  machine: Machine,
  entry: Command,
  command: CommandLine,
  answer: Attempt | null,
): Machine {
  const fails = ['fail', 'run-fail', 'failmsg'].includes(entry.verdict);
  if (fails) return machine;
  const marks = marksOf(command);
  if (marks) return withMarks(machine, command.names, marks);
  if (answer?.kind !== 'solved' || isSimulated(command) || command.options.has('trivial-only'))
    return machine;
  return afterAnswer(machine, answer.resolution, answer.wanted);
}

function marksOf({ program, verb }: CommandLine) {
  if (program !== 'aptmark' && program !== 'aptget') return null;
  if (verb === 'auto' || verb === 'markauto') return { auto: true };
  if (verb === 'manual' || verb === 'unmarkauto') return { auto: false };
  if (program === 'aptmark' && verb === 'hold') return { hold: true };
  if (program === 'aptmark' && verb === 'unhold') return { hold: false };
  return null;
}
