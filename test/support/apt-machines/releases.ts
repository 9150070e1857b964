import type { Stanza } from '../../conformance/apt/machine.ts';
import type { Draw } from './draw.ts';

/** Few names, so that packages meet: real ones and virtual ones. */
export const NAMES = [
  'pa',
  'pb',
  'pc',
  'pd',
  'pe',
  'pf',
  'pg',
  'ph',
  'pi',
  'pj',
  'pk',
  'pl',
] as const;
const VIRTUALS = ['va', 'vb', 'vc'] as const;
const OPERATORS = ['>=', '>=', '>=', '=', '<<', '<=', '>>'] as const;
const PRIORITIES = ['optional', 'optional', 'optional', 'standard', 'extra', 'important'] as const;
const MULTI_ARCH = ['same', 'foreign', 'foreign', 'allowed'] as const;

/**
 * A release `stable` with versions 1 and 2, and a release `unstable` with versions 2 and 3. A version that both have is
 * the same in both. What is for every architecture may be missing for all but the first.
 */
export function drawReleases(draw: Draw, archs: readonly string[]): Map<string, Stanza[]> {
  const known = new Map<string, Stanza>();
  const stable = drawRelease(draw, archs, known, { share: 0.8, lowest: 1 });
  const unstable = drawRelease(draw, archs, known, { share: 0.6, lowest: 2 });
  return new Map([
    ['stable', stable],
    ['unstable', unstable],
  ]);
}

function drawRelease(
  draw: Draw,
  archs: readonly string[],
  known: Map<string, Stanza>,
  { share, lowest }: { share: number; lowest: number },
): Stanza[] {
  return NAMES.filter(() => draw.chance(share)).flatMap((name) => {
    const version = String(lowest + draw.number(2));
    const before = known.get(`${name} ${version}`);
    const fields = before?.fields ?? drawFields(draw, archs.length > 1);
    const isForAll = before ? before.arch === 'all' : draw.chance(0.3);
    known.set(`${name} ${version}`, { name, version, fields, arch: isForAll ? 'all' : '' });
    const offered = archs.filter((_, place) => place === 0 || draw.chance(0.7));
    return (isForAll ? ['all'] : offered).map((arch) => ({ name, arch, version, fields }));
  });
}

function drawFields(draw: Draw, isMulti: boolean): string {
  const lines = [`Priority: ${draw.one(PRIORITIES)}`];
  const maybe = (share: number, line: () => string): void => {
    if (draw.chance(share)) lines.push(line());
  };
  maybe(0.55, () => `Depends: ${drawRelations(draw, 1 + draw.number(2))}`);
  maybe(0.1, () => `Pre-Depends: ${drawRelations(draw, 1)}`);
  maybe(0.25, () => `Recommends: ${drawRelations(draw, 1 + draw.number(2))}`);
  maybe(0.12, () => `Conflicts: ${drawTarget(draw)}`);
  maybe(0.12, () => `Breaks: ${drawTarget(draw)}`);
  maybe(
    0.2,
    () => `Provides: ${draw.one(VIRTUALS)}${draw.chance(0.3) ? ` (= ${1 + draw.number(3)})` : ''}`,
  );
  maybe(0.1, () => `Replaces: ${draw.one(NAMES)}`);
  if (isMulti) maybe(0.5, () => `Multi-Arch: ${draw.one(MULTI_ARCH)}`);
  maybe(0.03, () => 'Essential: yes');
  return lines.join('\n');
}

function drawRelations(draw: Draw, count: number): string {
  return Array.from({ length: count }, () => {
    const alternatives = [drawTarget(draw)];
    while (draw.chance(0.25)) alternatives.push(drawTarget(draw));
    return alternatives.join(' | ');
  }).join(', ');
}

function drawTarget(draw: Draw): string {
  const name = draw.chance(0.15) ? draw.one(VIRTUALS) : draw.one(NAMES);
  return draw.chance(0.55) ? name : `${name} (${draw.one(OPERATORS)} ${1 + draw.number(3)})`;
}
