import { describe, expect, it } from 'vitest';
import type { Labels } from '../../../proto/labels.ts';
import { chooserOf } from '../../../server/core/package-chooser.ts';
import { deb } from '../../support/memory-catalogue.ts';
import { createPlannerWorld } from '../../support/planner-world.ts';

describe('how a device chooses', () => {
  it.each<[Labels, string]>([
    [{}, 'apt'],
    [{ os: 'debian' }, 'apt'],
    [{ os: 'debian', 'os.version': '9' }, 'apt'],
    [{ os: 'debian', 'os.version': '12' }, 'apt'],
    [{ os: 'debian', 'os.version': '13' }, 'apt3'],
    [{ os: 'debian', 'os.version': '14' }, 'apt3'],
    [{ os: 'ubuntu', 'os.version': '24.10' }, 'apt'],
    [{ os: 'ubuntu', 'os.version': '25.04' }, 'apt3'],
    [{ os: 'ubuntu', 'os.version': '26.04' }, 'apt3'],
    [{ os: 'constructor', 'os.version': '99' }, 'apt'],
  ])('%o: %s', (labels, policy) => {
    expect(chooserOf('deb', labels)).toBe(policy);
    expect(chooserOf('rpm', labels)).toBe('rpm');
  });

  it('decides what devices of two releases get of the same source', async () => {
    const world = await createPlannerWorld();
    await world.putSources({
      ...{ id: 's', type: 'apt', url: 'https://example.org/r', suite: 'stable' },
      ...{ archs: ['amd64'], target: {}, essential: false },
    });
    // The classic walk settles the first alternative before it sees that another is needed anyway.
    world.catalogue.offer('s', [
      deb('app', '1', { depends: 'a | b, c' }),
      deb('a', '1'),
      deb('b', '1'),
      deb('c', '1', { depends: 'b' }),
    ]);
    const facts = { os: 'debian', arch: 'amd64', packages: 'apt' };
    world.devices.report('old', { ...facts, 'os.version': '12' });
    world.devices.report('new', { ...facts, 'os.version': '13' });
    await world.put({ id: 'web', target: {}, packages: ['app'] });
    const names = async (device: string) =>
      (await world.lock(device)).packages.map(({ name }) => name);
    expect(await names('old')).toEqual(['a', 'app', 'b', 'c']);
    expect(await names('new')).toEqual(['app', 'b', 'c']);
    await world.planner.stop();
  });
});
