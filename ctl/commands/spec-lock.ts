import { defineCommand } from '../command.ts';
import { count, flag, needs } from '../option.ts';
import { lockTable, specLockView } from '../print/spec-lock-view.ts';

export const specLock = defineCommand({
  name: 'spec lock',
  summary: 'show what a spec chose for each kind of device, or all its locks',
  arguments: { id: needs('id', 'of the spec', 'spec') },
  options: {
    revision: count('--revision <n>', 'an earlier lock', 1),
    history: flag('--history', 'list all locks instead'),
  },
  examples: ['jamesd-ctl spec lock logger-spec', 'jamesd-ctl spec lock logger-spec --history'],
  async run({ id, revision, history }, context) {
    const client = await context.client();
    const now = context.clock.now();
    if (history) {
      const locks = await client.specLocks(id);
      const names = locks.map((lock) => String(lock.revision));
      return { data: locks, view: lockTable(locks, now), names };
    }
    const lock = await client.specLock(id, revision);
    return { data: lock, view: specLockView(lock, now), names: [lock.digest] };
  },
});
