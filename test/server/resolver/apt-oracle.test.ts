import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  askApt,
  askResolver,
  type Compared,
  compareSamples,
  drawer,
  type Mode,
  type Sample,
} from '../../support/apt-samples.ts';
import { askApt3, fetchApt3 } from '../../support/apt3.ts';
import { ensureDebianPackages } from '../../support/debian.ts';
import { type DistributionIndex, distributionIndex } from '../../support/distribution-index.ts';
import { runWithInput } from '../../support/resolve-command.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const full = process.env.JAMESD_FULL === '1';
const seed = Number(process.env.JAMESD_SEED ?? 1);
const samples: readonly Sample[] = full
  ? [
      { count: 1000, size: 1, bar: 0.995 },
      { count: 300, size: 8, bar: 0.99 },
      { count: 60, size: 40, bar: 0.99 },
    ]
  : [
      { count: 24, size: 1, bar: 0.995 },
      { count: 6, size: 8, bar: 0.99 },
      { count: 1, size: 40, bar: 0.99 },
    ];
/** apt 3 chooses among what it has put off in an order of its own; it is not followed in all. */
const samplesOfApt3: Readonly<Record<Mode, readonly Sample[]>> = {
  plain: [
    { count: 100, size: 1, bar: 0.98 },
    { count: 30, size: 8, bar: 0.93 },
  ],
  recommends: [
    { count: 100, size: 1, bar: 0.94 },
    { count: 30, size: 8, bar: 0.8 },
  ],
};
const LIMIT = full ? 60 * 60_000 : 180_000;

/**
 * apt itself, on an own root with nothing installed, over the index of this machine's distribution: the same set of
 * `name=version`, or impossible for both. JAMESD_SEED picks the samples.
 */
describe.runIf(process.platform === 'linux')(`the same as apt, seed ${seed}`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'jamesd-apt-oracle-'));
  let index: DistributionIndex | null = null;

  beforeAll(async () => {
    const { leftOut } = await ensureDebianPackages(['python3-apt', 'dose-distcheck']);
    if (leftOut === null) index = await distributionIndex(join(directory, 'repository'));
    console.log(`apt-oracle: JAMESD_SEED=${seed}`);
  }, LIMIT);
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it.concurrent.for(['plain', 'recommends'] as const)(
    '%s',
    { timeout: LIMIT },
    async (mode, { skip }) => {
      if (index === null) return skip();
      const draw = drawer(index.names, seed, mode);
      const lines = samples.flatMap(({ count, size }) => draw(count, size));
      const [own, others] = await Promise.all([
        askResolver(index, mode, lines),
        askApt(index, mode, lines, join(directory, mode)),
      ]);
      expectBars(compareSamples(`apt-oracle, ${mode}`, samples, own, others));
    },
  );

  it('the packages that cannot be installed are those of dose-debcheck', {
    timeout: LIMIT,
  }, async ({ skip }) => {
    if (index === null) return skip();
    const torn = await tornIndex(index, join(directory, 'torn'));
    for (const one of full ? [torn, index] : [torn]) {
      const broken = await askDose(one);
      const own = await askResolver(one, 'plain', one.names);
      const refused = one.names.filter((_, place) => own[place]?.ok === false);
      expect(broken.length).toBeGreaterThan(0);
      console.log(`apt-oracle: ${broken.length} of ${one.names.length} cannot be installed`);
      expect(refused).toEqual(broken);
    }
  });

  // What only the full run takes is no skipped test of the others.
  if (full)
    it('apt 3, where it can be fetched', { timeout: LIMIT }, async ({ skip }) => {
      const program = index && (await fetchApt3(join(directory, 'apt3'), index.arch));
      if (index === null || program === null) return skip();
      for (const mode of ['plain', 'recommends'] as const) {
        const draw = drawer(index.names, seed, mode);
        const chosen = samplesOfApt3[mode];
        const lines = chosen.flatMap(({ count, size }) => draw(count, size));
        const own = await askResolver(index, mode, lines, 'apt3');
        const others = await askApt3(program, join(directory, `apt3-${mode}`), index, mode, lines);
        expectBars(compareSamples(`apt-oracle, apt 3, ${mode}`, chosen, own, others));
      }
    });
});

function expectBars(compared: readonly Compared[]): void {
  for (const { share, bar, differing, count, size } of compared)
    if (share < bar) expect(differing, `${count} sets of ${size}`).toEqual([]);
}

/** What some random packages need, with holes: a small index in which packages lack others in many ways. */
async function tornIndex(index: DistributionIndex, directory: string): Promise<DistributionIndex> {
  const random = seededRandom(seed * 31 + 7);
  const requests = drawer(index.names, seed, 'torn')(40, 1);
  const answers = await askResolver(index, 'plain', requests);
  const kept = new Set(answers.flatMap(({ packages }) => packages.map(({ name }) => name)).sort());
  for (const name of [...kept]) if (random() < 0.01) kept.delete(name);
  const stanzas = readFileSync(index.path, 'utf8')
    .split('\n\n')
    .filter((stanza) => kept.has(/^Package: (\S+)/m.exec(stanza)?.[1] ?? ''));
  const path = join(directory, 'Packages');
  mkdirSync(directory);
  writeFileSync(path, `${stanzas.join('\n\n')}\n`);
  return { ...index, directory, path, names: [...kept].sort() };
}

/** Packages that dose-debcheck calls broken, sorted. */
async function askDose({ path, arch }: DistributionIndex): Promise<string[]> {
  const args = [`--deb-native-arch=${arch}`, '--deb-ignore-essential', '-f'];
  const ended = await runWithInput('dose-debcheck', args, readFileSync(path, 'utf8'));
  const names = [...ended.stdout.matchAll(/^ {2}package: (\S+)$/gm)].map(([, name = '']) => name);
  return [...new Set(names)].sort();
}
