import { join } from 'node:path';
import type { DistributionIndex } from './distribution-index.ts';
import { jsonLines, type ResolveLine, resolveLines, runWithInput } from './resolve-command.ts';
import { seededRandom } from './seeded-random.ts';

export type Mode = 'plain' | 'recommends';

/** How many requests of how many names, and the share that has to be the same as apt's. */
export interface Sample {
  count: number;
  size: number;
  bar: number;
}

/** What apt would install, as sorted `name=version`; null where it finds no way. */
export type AptAnswer = string[] | null;

/** Draws requests from names; the same ones for the same seed and purpose. */
export function drawer(names: readonly string[], seed: number, purpose: string) {
  const random = seededRandom(seed * 31 + purpose.length);
  const one = (): string => names[Math.floor(random() * names.length)] ?? '';
  return (count: number, size: number): string[] =>
    Array.from({ length: count }, () => {
      const chosen = new Set<string>();
      while (chosen.size < size) chosen.add(one());
      return [...chosen].join(' ');
    });
}

/** What `jamesd resolve` answers to requests. */
export function askResolver(
  index: DistributionIndex,
  mode: Mode,
  lines: readonly string[],
  policy: 'apt' | 'apt3' = 'apt',
): Promise<ResolveLine[]> {
  const recommends = mode === 'recommends' ? ['--recommends'] : [];
  const args = ['--source', index.path, '--arch', index.arch, '--policy', policy, ...recommends];
  return resolveLines(args, lines);
}

/** What this machine's own apt answers, on a root with nothing installed. */
export async function askApt(
  index: DistributionIndex,
  mode: Mode,
  lines: readonly string[],
  root: string,
): Promise<AptAnswer[]> {
  const script = join(import.meta.dirname, 'apt-oracle.py');
  const args = [script, root, index.directory, index.arch, mode];
  const ended = await runWithInput('/usr/bin/python3', args, `${lines.join('\n')}\n`);
  if (ended.status !== 0) throw new Error(`apt: ${ended.stderr}`);
  return jsonLines(ended.stdout);
}

/** A sample and the requests of it that were answered otherwise than by apt. */
export interface Compared extends Sample {
  share: number;
  differing: unknown[];
}

/** Compares answers to the requests of samples, one sample after the other; prints the shares. */
export function compareSamples(
  what: string,
  samples: readonly Sample[],
  own: readonly ResolveLine[],
  others: readonly AptAnswer[],
): Compared[] {
  let at = 0;
  return samples.map((sample) => {
    const end = at + sample.count;
    const differing = differences(own.slice(at, end), others.slice(at, end));
    at = end;
    const share = 1 - differing.length / sample.count;
    const percent = (100 * share).toFixed(2);
    console.log(`${what}: ${sample.count} sets of ${sample.size}: ${percent} % as apt`);
    return { ...sample, share, differing };
  });
}

function differences(own: readonly ResolveLine[], others: readonly AptAnswer[]): unknown[] {
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
