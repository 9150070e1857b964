import { expect, it } from 'vitest';
import type { PacketView } from '../../proto/api.ts';
import { createVersions } from '../../server/dashboard/versions.ts';

it('asks once for each packet, and an unknown one stays unknown', async () => {
  const asked: string[] = [];
  const versions = createVersions({
    async packet(id) {
      asked.push(id);
      if (id === 'gone') throw new Error('404');
      return { labels: { version: '2.0' } } as unknown as PacketView;
    },
  });
  await versions.learn([{ id: 'a' }, { id: 'a' }, { id: null }, { id: 'gone' }]);
  await versions.learn([{ id: 'a' }, { id: 'gone' }]);
  expect(asked.sort()).toEqual(['a', 'gone']);
  expect([versions.of('a'), versions.of('gone'), versions.of('never')]).toEqual([
    '2.0',
    null,
    null,
  ]);
});
