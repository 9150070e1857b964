import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolve } from '../../../../../server/resolver/core/resolve.ts';
import { ensureDebianPackages } from '../../../../support/debian.ts';
import { type RandomShape, randomRpms } from '../../../../support/random-rpms.ts';
import { primaryXml } from '../../../../support/rpm-primary.ts';
import { rpmRequest, rpmView } from '../../../../support/rpm-view.ts';
import { seededRandom } from '../../../../support/seeded-random.ts';

const isFull = process.env.JAMESD_FULL === '1';
const CASES = isFull ? 3000 : 150;
const SEED = Number(process.env.JAMESD_SEED ?? 1);
const oracle = join(import.meta.dirname, '../../../../support/libsolv-oracle.py');
const { leftOut } = await ensureDebianPackages(['python3-solv']);

/** What is known to differ is left to chance: which of several equal answers a long chain of choices ends in. */
const shapes: [string, Partial<RandomShape>, number][] = [
  ['plain', {}, 0.97],
  ['rich', { rich: true }, 0.97],
  ['weak', { weak: true }, 0.95],
  ['installed', { installed: true }, 0.94],
  ['two word sizes', { multilib: true }, 0.94],
];

describe.skipIf(leftOut !== null)('beside libsolv, on random repositories', () => {
  it.each(shapes)(
    '%s: the same packages, and the same verdict',
    (_, partial, bar) => {
      const shape = { rich: false, weak: false, multilib: false, installed: false, ...partial };
      const cases = Array.from({ length: CASES }, (_one, index) =>
        randomRpms(seededRandom(SEED * 100_000 + index), shape),
      );
      const answers = askLibsolv(cases, shape);
      const differing: string[] = [];
      const misjudged: string[] = [];
      for (const [index, one] of cases.entries()) {
        const own = ownAnswer(one, shape);
        const other = answers[index];
        const where = `case ${index}, wants ${one.wants.join(' ')}`;
        if (own.ok !== other?.ok) misjudged.push(where);
        else if (own.ok && own.new.join(' ') !== other.new.join(' '))
          differing.push(`${where}: ${own.new.join(' ')} | ${other.new.join(' ')}`);
      }
      if (!shape.installed && !shape.multilib) expect(misjudged).toEqual([]);
      expect(
        differing.length + misjudged.length,
        [...misjudged, ...differing].join('\n'),
      ).toBeLessThan(CASES * (1 - bar));
    },
    isFull ? 600_000 : 30_000,
  );
});

interface Answer {
  ok: boolean;
  new: string[];
}

type Case = ReturnType<typeof randomRpms>;

function askLibsolv(cases: readonly Case[], shape: RandomShape): Answer[] {
  const lines = cases.map(({ available, installed, wants }) =>
    JSON.stringify({
      ...{ available: [primaryXml(available)], wants },
      installed: installed.length > 0 ? primaryXml(installed) : null,
      ...{ recommends: shape.weak, update: false },
    }),
  );
  const { stdout, stderr, status } = spawnSync('/usr/bin/python3', [oracle], {
    input: lines.join('\n'),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  expect(status, stderr).toBe(0);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer);
}

function ownAnswer({ available, installed, wants }: Case, shape: RandomShape): Answer {
  const answer = resolve(
    rpmView({ records: available }),
    rpmRequest({
      wants: wants.map((name) => ({ name })),
      recommends: shape.weak,
      installed: installed.map(({ name, version, arch }) => ({ name, version, arch, auto: false })),
    }),
  );
  return {
    ok: answer.unresolved.length === 0,
    new: answer.packages.map(({ name, version, arch }) => `${name}-${version}.${arch}`).sort(),
  };
}
