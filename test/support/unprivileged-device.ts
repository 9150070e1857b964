import { readFileSync } from 'node:fs';
import { createTransactions } from '../../agent/drivers/transactions.ts';
import { createClock } from '../../agent/system/clock.ts';
import { createCommands } from '../../agent/system/commands.ts';
import { createNodeFiles } from '../../agent/system/node-files.ts';
import { randomId } from '../../agent/system/random-id.ts';
import { currentUser } from '../../agent/system/user.ts';
import type { Target } from '../../agent/transaction.ts';
import { silentLog } from '../../proto/log.ts';
import { surroundings } from './surroundings.ts';

/**
 * A process that brings about targets one after the other, for running as another user: its argument is a file of
 * `{root, state, files: {id: path}, targets}`. Writes `{uid, outcomes, lines}` to stdout.
 */
interface Job {
  root: string;
  state: string;
  files: Record<string, string>;
  targets: Target[];
}

const job = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Job;
const clock = createClock();
const lines: string[] = [];
const { transactions } = createTransactions({
  root: job.root,
  state: job.state,
  files: createNodeFiles(),
  commands: createCommands({ clock }),
  downloads: {
    fetch: ({ id }) => Promise.resolve(job.files[id] ?? ''),
    retain: () => Promise.resolve(),
  },
  clock,
  log: silentLog,
  user: currentUser(),
  newId: randomId,
  packages: null,
  surroundings: surroundings(),
});
const reporter = {
  phase: () => undefined,
  progress: () => undefined,
  log: (log: { lines: string[] }) => lines.push(...log.lines),
};
const outcomes = [];
for (const target of job.targets)
  outcomes.push(await transactions.converge(target, reporter, new AbortController().signal));
process.stdout.write(JSON.stringify({ uid: currentUser().uid, outcomes, lines }));
