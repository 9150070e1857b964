import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideConfig } from '../../../agent/core/config-file.ts';
import {
  ancestorsOf,
  isBelow,
  joinPath,
  onHost,
  parentOf,
} from '../../../agent/core/device-path.ts';
import type { ManifestEntry } from '../../../agent/core/manifest.ts';
import { conflictsOf } from '../../../agent/core/ownership.ts';
import type { Placed } from '../../../agent/core/placed.ts';

const placed = (packet: string, path: string, type: ManifestEntry['type'] = 'file'): Placed => ({
  path,
  packet,
  config: false,
  entry: {
    path,
    type,
    mode: 0o644,
    uid: 0,
    gid: 0,
    modifiedMs: 0,
    size: 0,
    linkTarget: null,
    digest: null,
  },
});

describe('who owns a path', () => {
  it('directories may be shared, nothing else', () => {
    const [a, b] = [placed('a', '/x', 'directory'), placed('b', '/x', 'directory')];
    expect(conflictsOf([a, b])).toEqual([]);
    for (const type of ['file', 'symlink', 'hardlink'] as const) {
      const [conflict] = conflictsOf([a, placed('b', '/x', type)]);
      expect(conflict).toMatchObject({ path: '/x', packets: ['a', 'b'] });
    }
  });

  it('nothing lies below a file of another packet, nor of the same by a link', () => {
    expect(conflictsOf([placed('a', '/x'), placed('b', '/x/y/z')])).toMatchObject([
      { path: '/x', packets: ['a', 'b'] },
    ]);
    expect(conflictsOf([placed('a', '/x/y'), placed('a', '/x/y')])).toHaveLength(1);
  });

  it('the paths in conflict do not depend on the order', () => {
    const items = fc.array(
      fc.record({
        packet: fc.constantFrom('a', 'b', 'c'),
        path: fc.constantFrom('/x', '/y', '/x/z', '/x/z/w'),
        type: fc.constantFrom('file' as const, 'directory' as const),
      }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(items, (all) => {
        const list = all.map(({ packet, path, type }) => placed(packet, path, type));
        const none = conflictsOf(list).length === 0;
        expect(conflictsOf([...list].reverse()).length === 0).toBe(none);
      }),
    );
  });
});

describe('a configuration file', () => {
  it.each([
    ['nothing is there', null, null, 'new', 'place'],
    ['it was deleted', null, 'old', 'new', 'place'],
    ['it is as it was shipped', 'old', 'old', 'new', 'place'],
    ['it is what comes', 'new', 'old', 'new', 'place'],
    ['it was changed', 'mine', 'old', 'new', 'beside'],
    ['it was changed and the packet brings the same as before', 'mine', 'old', 'old', 'leave'],
    ['it is of nobody', 'mine', null, 'new', 'beside'],
  ] as const)('%s', (_name, current, shipped, coming, decision) => {
    expect(decideConfig(current, shipped, coming)).toBe(decision);
  });
});

describe('paths', () => {
  it('parents, ancestors and places', () => {
    expect(parentOf('/a')).toBe('/');
    expect(parentOf('/a/b')).toBe('/a');
    expect(ancestorsOf('/a/b/c')).toEqual(['/a/b', '/a', '/']);
    expect(ancestorsOf('/')).toEqual([]);
    expect(isBelow('/a/b', '/a')).toBe(true);
    expect(isBelow('/ab', '/a')).toBe(false);
    expect(isBelow('/a', '/a')).toBe(false);
    expect(isBelow('/', '/')).toBe(false);
    expect(joinPath('/', 'a')).toBe('/a');
    expect(onHost('/', '/a')).toBe('/a');
    expect(onHost('/r', '/a')).toBe('/r/a');
  });
});
