import type { Resolution, ResolvedPackage } from './resolution.ts';
import { toViewPackage, type ViewPackage } from './view-package.ts';

/** A resolution with what is asked of it thousands of times: `packages`, which is dear, need not be looked at for it. */
export interface Answer extends Resolution {
  /** What `packages` names, in its order. */
  readonly listed: readonly ViewPackage[];
  /** For each the place of what needs it, `WANTED`, `UNASKED` or `UNKNOWN`. */
  readonly above: ArrayLike<number>;
}

/** In place of a place: a want names the package. */
export const WANTED = -1;
/** In place of a place: it is essential or installed; nothing asks for it. */
export const UNASKED = -2;
/** In place of a place: what needs it is not in the answer. */
export const UNKNOWN = -3;

/** An answer over a resolution as it is. */
export function answerOf(resolution: Resolution): Answer {
  const { packages } = resolution;
  const places = placesByName(packages);
  const aboveOf = ({ reason }: ResolvedPackage): number => {
    if (reason.kind === 'needed') return places.get(nameIn(reason.by)) ?? UNKNOWN;
    return reason.kind === 'wanted' ? WANTED : UNASKED;
  };
  return { ...resolution, listed: packages.map(toViewPackage), above: packages.map(aboveOf) };
}

/** The answer where nothing is asked. */
export const emptyAnswer: Answer = {
  ...{ packages: [], removed: [], unresolved: [], problems: [] },
  ...{ listed: [], above: [] },
};

/** The place of the first of each name. */
export function placesByName(packages: readonly { name: string }[]): Map<string, number> {
  const places = new Map<string, number>();
  for (const [place, { name }] of packages.entries())
    if (!places.has(name)) places.set(name, place);
  return places;
}

/** The name in the text of a reason, where a package may be named with its architecture: `libc6:i386`. */
export function nameIn(text: string): string {
  return /^(.*[^:]):[a-z0-9_-]+$/.exec(text)?.[1] ?? text;
}
