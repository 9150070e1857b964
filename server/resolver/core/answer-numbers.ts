import type { PackageReason, Resolution, ResolvedPackage } from './resolution.ts';

/** An answer in the numbers in which it was found, place by place. */
export interface AnswerNumbers {
  /** The packages' numbers in the view. */
  readonly ids: Int32Array;
  /** The place of what needs each (the first of its name), or `WANTED` or `UNASKED`. */
  readonly above: Int32Array;
  /** For what is needed a number, from 0, that stands for the same need in all answers on a view. */
  readonly needs: Int32Array;
  /** What the need at a place is. */
  needAt(place: number): Pick<Needed, 'relationKind' | 'relation'>;
}

type Needed = Extract<PackageReason, { kind: 'needed' }>;

const NUMBERS = Symbol('numbers');

/** A resolution that has its numbers with it; its packages are made when somebody looks at them. */
export function numbered(
  numbers: AnswerNumbers,
  packages: () => ResolvedPackage[],
  rest: Omit<Resolution, 'packages'>,
): Resolution {
  let made: ResolvedPackage[] | undefined;
  const resolution = {
    get packages() {
      made ??= packages();
      return made;
    },
    ...rest,
  };
  // Not to be seen by what compares or copies resolutions.
  return Object.defineProperty(resolution, NUMBERS, { value: numbers });
}

/** The numbers of a resolution, if it has them. */
export function numbersOf(resolution: Resolution): AnswerNumbers | undefined {
  return (resolution as { [NUMBERS]?: AnswerNumbers })[NUMBERS];
}
