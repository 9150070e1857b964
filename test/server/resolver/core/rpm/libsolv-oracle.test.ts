import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolve } from '../../../../../server/resolver/core/resolve.ts';
import type { PackageRecord } from '../../../../../server/resolver/core/universe.ts';
import { ensureDebianPackages } from '../../../../support/debian.ts';
import { type RandomShape, randomRpms } from '../../../../support/random-rpms.ts';
import { primaryXml } from '../../../../support/rpm-primary.ts';
import { rpmRequest, rpmView } from '../../../../support/rpm-view.ts';
import { seededRandom } from '../../../../support/seeded-random.ts';

const isFull = process.env.JAMESD_FULL === '1';
const CASES = isFull ? 3000 : 120;
const SEED = Number(process.env.JAMESD_SEED ?? 1);
const oracle = join(import.meta.dirname, '../../../../support/libsolv-oracle.py');
const { leftOut } = await ensureDebianPackages(['python3-solv']);

/** What may differ: which of several equal answers a long chain of conflicts ends in. */
const BAR = isFull ? 0.985 : 0.96;

const plain: RandomShape = { rich: false, weak: false, multilib: false, installed: false };
const shapes: [string, RandomShape][] = [
  ['plain', plain],
  ['rich', { ...plain, rich: true }],
  ['weak', { ...plain, weak: true }],
  ['installed', { ...plain, installed: true }],
  ['installed and weak', { ...plain, installed: true, weak: true }],
  ['two word sizes', { ...plain, multilib: true }],
  ['installed with what it needs', { ...plain, installed: true, grown }],
  ['installed with what it needs, and weak', { ...plain, installed: true, grown, weak: true }],
  ['kernels beside older ones', { ...plain, installed: true, grown, kernels: true }],
  ['installed, and two word sizes', { ...plain, installed: true, grown, multilib: true }],
];

/** What a device has that once installed something. */
function grown(available: readonly PackageRecord[], names: readonly string[]): PackageRecord[] {
  const wants = names.map((name) => ({ name }));
  const { packages } = resolve(rpmView({ records: available }), rpmRequest({ wants }));
  return packages.flatMap(({ name, version, arch }) =>
    available.filter((one) => one.name === name && one.version === version && one.arch === arch),
  );
}

describe.skipIf(leftOut !== null)('beside libsolv, on random repositories', () => {
  it.each(shapes)(
    '%s: the same packages, and the same verdict',
    (_, shape) => {
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
      expect(misjudged).toEqual([]);
      expect(differing.length, differing.join('\n')).toBeLessThan(CASES * (1 - BAR));
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
      installed: installed.map(({ name, version, arch, relations }) => ({
        ...{ name, version, arch, relations },
        auto: false,
      })),
    }),
  );
  return {
    ok: answer.unresolved.length === 0,
    new: answer.packages.map(({ name, version, arch }) => `${name}-${version}.${arch}`).sort(),
  };
}
