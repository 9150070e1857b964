import { defineCommand } from '../command.ts';
import { EXIT_DIFFERS, EXIT_DONE } from '../exit-status.ts';
import { count, flag, may, needs, usage, wholeNumber } from '../option.ts';
import { lockDiffView } from '../print/lock-diff-view.ts';
import { lockTable, specLockView } from '../print/spec-lock-view.ts';

export const specLock = defineCommand({
  name: 'spec lock',
  summary: 'show what a spec chose for each kind of device, all its locks, or what two differ in',
  details:
    'With --diff and no locks: the last change. With one: from it to the newest. "spec promote --lock" takes an earlier lock.',
  arguments: {
    id: needs('id', 'of the spec', 'spec'),
    from: may('from', 'with --diff: the earlier lock'),
    to: may('to', 'with --diff: the later lock'),
  },
  options: {
    revision: count('--revision <n>', 'an earlier lock', 1),
    history: flag('--history', 'list all locks instead'),
    diff: flag('--diff', 'show what two locks differ in instead'),
  },
  examples: [
    'jamesd-ctl spec lock logger-spec',
    'jamesd-ctl spec lock logger-spec --history',
    'jamesd-ctl spec lock logger-spec --diff 2 3',
  ],
  statuses: { 3: 'the locks of --diff differ' },
  async run({ id, from, to, revision, history, diff }, context) {
    if (Number(history) + Number(diff) + Number(revision !== undefined) > 1)
      throw usage('Give one of --revision, --history and --diff.');
    if (from !== undefined && !diff) throw usage('Locks are compared with --diff.');
    const client = await context.client();
    const now = context.clock.now();
    if (diff) {
      const found = await client.specLockDiff(id, { from: revisionOf(from), to: revisionOf(to) });
      return {
        data: found,
        view: lockDiffView(found, now),
        names: [found.from.digest, found.to.digest],
        status: found.rows.length > 0 ? EXIT_DIFFERS : EXIT_DONE,
      };
    }
    if (history) {
      const locks = await client.specLocks(id);
      const names = locks.map((lock) => String(lock.revision));
      return { data: locks, view: lockTable(locks, now), names };
    }
    const lock = await client.specLock(id, revision);
    return { data: lock, view: specLockView(lock, now), names: [lock.digest] };
  },
});

function revisionOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : wholeNumber(text, 1);
}
