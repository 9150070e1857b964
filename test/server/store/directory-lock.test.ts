import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../proto/log.ts';
import { lockDirectory } from '../../../server/store/directory-lock.ts';
import { openLevelStore } from '../../../server/store/level-store.ts';
import { failure } from '../../support/failure.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

describe('the lock of a directory', () => {
  it('is held once, and leaves nothing behind', () => {
    const directory = temporaryDirectory();
    const unlock = lockDirectory(directory);
    const refused = failure(() => lockDirectory(directory));
    expect(refused.code).toBe('data-locked');
    expect(refused.message).toContain(`process ${process.pid}`);
    unlock();
    lockDirectory(directory)();
    expect(readdirSync(directory)).toEqual([]);
  });

  it.each([
    ['of a process that is gone', JSON.stringify({ pid: 2 ** 22 - 1, started: 'x/1' })],
    [
      'of an earlier process with the same pid',
      JSON.stringify({ pid: process.pid, started: 'x/1' }),
    ],
    ['that is empty', ''],
    ['that is nonsense', '{"pid":"1"}'],
  ])('takes over a file %s', (_what, content) => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'jamesd.lock'), content);
    const unlock = lockDirectory(directory);
    expect(failure(() => lockDirectory(directory)).members.pid).toBe(process.pid);
    unlock();
    expect(existsSync(join(directory, 'jamesd.lock'))).toBe(false);
  });

  it('refuses while another process holds it and goes with that process', async () => {
    const directory = temporaryDirectory();
    const holder = spawn(
      process.execPath,
      ['--import', 'tsx', 'test/support/store-writer.ts', directory],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    await once(holder.stdout, 'data');
    const open = () => openLevelStore({ directory, log: silentLog });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await expect(open()).rejects.toMatchObject({
        code: 'data-locked',
        members: { pid: holder.pid },
      });
    }
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const store = await open();
    await expect(open()).rejects.toMatchObject({ members: { pid: process.pid } });
    await store.close();
  });
});
