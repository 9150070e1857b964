import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../proto/log.ts';
import { openLevelStore } from '../../../server/store/level-store.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

/** Lets a process write until it has acknowledged about `count` batches, kills it, and returns what it acknowledged. */
async function writeAndKill(directory: string, count: number): Promise<Map<string, number>> {
  const args = ['--import', 'tsx', 'test/support/store-writer.ts', directory];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += String(chunk);
    if (text.split('\n').length > count) child.kill('SIGKILL');
  });
  await once(child, 'close');
  const acknowledged = new Map<string, number>();
  for (const line of text.split('\n').slice(0, -1)) {
    const [worker = '', value] = line.split(' ');
    acknowledged.set(worker, Number(value));
  }
  return acknowledged;
}

describe('a store whose process is killed', () => {
  it('has everything that was acknowledged, and no half of a batch', async () => {
    const directory = temporaryDirectory();
    for (const count of [1, 37, 400]) {
      const acknowledged = await writeAndKill(directory, count);
      const store = await openLevelStore({ directory, log: silentLog });
      expect(acknowledged.size).toBeGreaterThan(0);
      for (const [worker, value] of acknowledged) {
        const [counter, twin] = await store.getMany([`counter/${worker}`, `twin/${worker}`]);
        expect(Number(counter?.value)).toBeGreaterThanOrEqual(value);
        expect(twin?.value).toBe(counter?.value);
        expect(twin?.revision).toBe(counter?.revision);
        expect(store.sequence()).toBeGreaterThanOrEqual(counter?.revision ?? Number.NaN);
      }
      await store.close();
    }
  });
});
