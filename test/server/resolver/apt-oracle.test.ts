import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureDebianPackages } from '../../support/debian.ts';
import { type DistributionIndex, distributionIndex } from '../../support/distribution-index.ts';
import {
  jsonLines,
  type ResolveLine,
  resolveLines,
  runWithInput,
} from '../../support/resolve-command.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const full = process.env.JAMESD_FULL === '1';
const seed = Number(process.env.JAMESD_SEED ?? 1);
/** How many requests of how many names, and the share that has to be the same as apt's. */
const samples = full
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
      const draw = drawer(index.names, mode);
      const requests = samples.map(({ count, size }) => draw(count, size));
      const lines = requests.flat();
      const [own, others] = await Promise.all([
        askResolver(index, mode, lines),
        askApt(index, mode, lines, join(directory, mode)),
      ]);
      let at = 0;
      for (const { count, size, bar } of samples) {
        const differing = differences(own.slice(at, at + count), others.slice(at, at + count));
        at += count;
        const share = 1 - differing.length / count;
        if (share < bar) expect(differing, `${count} sets of ${size}`).toEqual([]);
      }
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
      expect(refused).toEqual(broken);
    }
  });
});

/** What some random packages need, with holes: a small index in which packages lack others in many ways. */
async function tornIndex(index: DistributionIndex, directory: string): Promise<DistributionIndex> {
  const random = seededRandom(seed * 31 + 7);
  const requests = drawer(index.names, 'torn')(40, 1);
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

/** Draws requests from names; the same ones for the same seed and purpose. */
function drawer(names: readonly string[], purpose: string) {
  const random = seededRandom(seed * 31 + purpose.length);
  const one = (): string => names[Math.floor(random() * names.length)] ?? '';
  return (count: number, size: number): string[] =>
    Array.from({ length: count }, () => {
      const chosen = new Set<string>();
      while (chosen.size < size) chosen.add(one());
      return [...chosen].join(' ');
    });
}

type Mode = 'plain' | 'recommends';

function askResolver(
  index: DistributionIndex,
  mode: Mode,
  lines: readonly string[],
): Promise<ResolveLine[]> {
  const recommends = mode === 'recommends' ? ['--recommends'] : [];
  return resolveLines(['--source', index.path, '--arch', index.arch, ...recommends], lines);
}

/** What apt would install, as sorted `name=version`; null where it finds no way. */
async function askApt(
  index: DistributionIndex,
  mode: Mode,
  lines: readonly string[],
  root: string,
): Promise<(string[] | null)[]> {
  const script = join(import.meta.dirname, '../../support/apt-oracle.py');
  const args = [script, root, index.directory, index.arch, mode];
  const ended = await runWithInput('/usr/bin/python3', args, `${lines.join('\n')}\n`);
  if (ended.status !== 0) throw new Error(`apt: ${ended.stderr}`);
  return jsonLines(ended.stdout);
}

function differences(own: readonly ResolveLine[], others: readonly (string[] | null)[]): unknown[] {
  return own.flatMap((line, place) => {
    const theirs = others[place] ?? null;
    const ours = line.ok
      ? line.packages.map(({ name, version }) => `${name}=${version}`).sort()
      : null;
    if (JSON.stringify(ours) === JSON.stringify(theirs)) return [];
    const lacks = theirs?.filter((one) => !ours?.includes(one)) ?? null;
    const extra = ours?.filter((one) => !theirs?.includes(one)) ?? null;
    return [{ request: line.request, lacks, extra, problems: line.problems }];
  });
}

/** Packages that dose-debcheck calls broken, sorted. */
async function askDose({ path, arch }: DistributionIndex): Promise<string[]> {
  const args = [`--deb-native-arch=${arch}`, '--deb-ignore-essential', '-f'];
  const ended = await runWithInput('dose-debcheck', args, readFileSync(path, 'utf8'));
  const names = [...ended.stdout.matchAll(/^ {2}package: (\S+)$/gm)].map(([, name = '']) => name);
  return [...new Set(names)].sort();
}
