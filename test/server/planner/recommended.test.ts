import { expect, it } from 'vitest';
import { deb } from '../../support/memory-catalogue.ts';
import { createPlannerWorld } from '../../support/planner-world.ts';

const families = [
  {
    family: 'deb' as const,
    source: { type: 'apt', suite: 'stable', archs: ['amd64'], essential: false },
    arch: 'amd64',
    facts: { os: 'debian', arch: 'amd64', packages: 'apt' },
  },
  {
    family: 'rpm' as const,
    source: { type: 'yum', suite: '9', archs: ['x86_64'], components: ['base'], essential: false },
    arch: 'x86_64',
    facts: { os: 'centos', arch: 'amd64', packages: 'dnf' },
  },
];

it.each(families)(
  'recommended of a line decides, whatever was asked before ($family)',
  async ({ family, source, arch, facts }) => {
    const world = await createPlannerWorld();
    await world.putSources({ id: 's', url: 'https://example.org/r', target: {}, ...source });
    const records = [
      deb('app', '1.0-1', { depends: 'lib', recommends: 'nice' }, { arch }),
      deb('app', '1.1-1', { depends: 'lib', recommends: 'nice' }, { arch }),
      deb('lib', '1-1', {}, { arch }),
      deb('nice', '1-1', {}, { arch }),
    ];
    world.catalogue.offer('s', records, family, [arch]);
    world.devices.report('d1', facts);
    const names = async (...packages: (string | object)[]): Promise<string[]> => {
      await world.put({ id: 'web', target: {}, packages: packages as never });
      return (await world.lock('d1')).packages.map(({ name, version }) => `${name} ${version}`);
    };
    expect(await names('app')).toEqual(['app 1.1-1', 'lib 1-1']);
    expect(await names({ name: 'app', version: '1.0-1' })).toEqual(['app 1.0-1', 'lib 1-1']);
    const all = ['app 1.1-1', 'lib 1-1', 'nice 1-1'];
    expect(await names({ name: 'app', recommended: true })).toEqual(all);
    expect(await names({ name: 'app', recommended: false })).toEqual(all.slice(0, 2));
    expect(await names({ name: 'app', recommended: true, version: '1.0-1' })).toEqual([
      ...['app 1.0-1', ...all.slice(1)],
    ]);
    await world.planner.stop();
  },
);
