import { MemoryLevel } from 'memory-level';
import { expect, it } from 'vitest';
import { silentLog } from '../../../proto/log.ts';
import { createSecrets } from '../../../server/secrets/secrets.ts';
import { createStore } from '../../../server/store/level-store.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

it('secrets survive a restart, show their names alone, and go when they are deleted', async () => {
  const parts = {
    store: await createStore(new MemoryLevel<string, string>(), { log: silentLog }),
    clock: createFakeClock(),
  };
  const first = createSecrets(parts);
  await first.start();
  await first.put(new Map([['b', { username: 'me', password: 'hush' }]]));
  await first.put(new Map([['a', { username: 'you', password: 'quiet' }]]));
  const again = createSecrets(parts);
  await again.start();
  expect(again.get('b')).toEqual({ username: 'me', password: 'hush' });
  expect(again.list().map(({ name }) => name)).toEqual(['a', 'b']);
  expect(JSON.stringify(again.list())).not.toContain('hush');
  expect([await again.delete('b'), await again.delete('b')]).toEqual([true, false]);
  const last = createSecrets(parts);
  await last.start();
  expect(last.get('b')).toBeUndefined();
});
