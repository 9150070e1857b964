import { describe, expect, it } from 'vitest';
import type { PackageType } from '../../../proto/package-line.ts';
import { compareLines, sumImpact } from '../../../server/core/impact.ts';
import {
  comparePackageLists,
  isUnchanged,
  withoutDowngrades,
} from '../../../server/core/package-change.ts';

const list = (versions: Record<string, string | null>, type?: PackageType) => ({
  ...(type && { type }),
  packages: Object.entries(versions).map(([name, version]) => ({
    ...{ name, version, arch: 'amd64', auto: false, verify: true },
    ...{ source: null, size: 0, installedSize: 0 },
  })),
  keep: [],
});
const ref = (name: string, version: string) => ({ name, version, arch: 'amd64' });

describe('a comparison of packages', () => {
  it.each([
    ['deb', '1.0', '1.0~rc1'],
    ['rpm', '1.0^git1-1', '1.0-1'],
  ] as const)('tells lower versions from higher ones by the order of %s', (type, high, low) => {
    const change = comparePackageLists(
      list({ down: high, up: low }, type),
      list({ down: low, up: high }, type),
    );
    expect(change).toEqual({
      installs: [],
      upgrades: [{ from: ref('up', low), to: ref('up', high) }],
      downgrades: [{ from: ref('down', high), to: ref('down', low) }],
      removals: [],
    });
  });

  it('names no version lower whose order is not known', () => {
    for (const [before, after] of [
      [list({ app: '2' }), list({ app: '1' })],
      [list({ app: '2' }, 'deb'), list({ app: '1' }, 'rpm')],
      [list({ app: '2' }, 'deb'), list({ app: null }, 'deb')],
    ] as const) {
      const change = comparePackageLists(before, after);
      expect(change.upgrades).toHaveLength(1);
      expect(change).not.toHaveProperty('downgrades');
    }
  });

  it('counts lower versions apart, and nothing of them where they are not allowed', () => {
    const packages = comparePackageLists(list({ app: '2' }, 'deb'), list({ app: '1' }, 'deb'));
    const impactOf = (change: typeof packages) =>
      sumImpact([
        {
          ...{ labels: {}, devices: 3, problems: [] },
          change: { ...compareLines([], []), packages: change },
        },
      ]);
    const impact = impactOf(packages);
    expect(impact.packages).toEqual({ installs: 0, upgrades: 0, downgrades: 3, removals: 0 });
    expect(impact.labelsets[0]?.packages.downgrades).toHaveLength(1);
    expect(isUnchanged(packages)).toBe(false);
    const refused = withoutDowngrades(packages);
    expect(impactOf(refused).packages).toEqual({ installs: 0, upgrades: 0, removals: 0 });
    expect(isUnchanged(refused)).toBe(true);
  });
});
