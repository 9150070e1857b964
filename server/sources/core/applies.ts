import type { Labels } from '../../../proto/labels.ts';
import { matches } from '../../../proto/selector.ts';
import type { Source } from '../../../proto/source.ts';

/** What `applies` asks of a kind. */
export interface KindOfSource {
  /** Values of `os` and `os.like` whose devices can use it. */
  readonly sentinels: readonly string[];
  /** The repository's word for an architecture on an operating system. */
  archOf(word: string, os?: string): string;
}

/**
 * Whether a source is for a device, and for which of its architectures.
 * - `none`: another operating system, or a line of `target` does not hold.
 * - `independent`: system and target are met, no architecture: only packages without one (`all`, `noarch`) count.
 * - `full`: the packages of `archs` count (the repository's words, the device's own architecture first), and those without.
 */
export type Applicability =
  | { kind: 'none'; why: 'system' | 'target' }
  | { kind: 'independent' }
  | { kind: 'full'; archs: readonly string[] };

type SourceFields = Pick<Source, 'target' | 'magic' | 'archs'>;

/**
 * How a source stands to a device's labels. It asks for a sentinel among `os` and the words of `os.like`, for `arch` or one
 * of `arch.foreign` (separated by commas), and for every condition of `target`; `magic: false` leaves out the first two.
 */
export function applies(source: SourceFields, kind: KindOfSource, labels: Labels): Applicability {
  const magic = source.magic !== false;
  if (magic && !isSystem(kind, labels)) return { kind: 'none', why: 'system' };
  if (!matches(source.target, labels)) return { kind: 'none', why: 'target' };
  const archs = archsFor(source, kind, labels);
  if (archs.length > 0) return { kind: 'full', archs };
  const all = source.archs ?? [];
  return magic || all.length === 0 ? { kind: 'independent' } : { kind: 'full', archs: all };
}

function isSystem({ sentinels }: KindOfSource, labels: Labels): boolean {
  const words = [labels.os ?? '', ...(labels['os.like'] ?? '').split(/[\s,]+/)];
  return words.some((word) => sentinels.includes(word));
}

/** The source's architectures that the device has; where the source names none, those of the device. */
function archsFor(source: SourceFields, kind: KindOfSource, labels: Labels): string[] {
  const own = deviceArchs(labels).map((word) => kind.archOf(word, labels.os));
  if (source.archs === undefined || source.archs.length === 0) return [...new Set(own)];
  const named = source.archs;
  const found = own.flatMap((word) => named.filter((one) => kind.archOf(one, labels.os) === word));
  return [...new Set(found)];
}

/** A device's own architecture and the foreign ones, in the words of labels. */
export function deviceArchs(labels: Labels): string[] {
  const foreign = (labels['arch.foreign'] ?? '').split(/[\s,]+/);
  return [labels.arch ?? '', ...foreign].filter((word) => word !== '');
}

/** The labels that `applies` looks at beside those of `target`, so that planning can group devices by them. */
export const SOURCE_LABELS = ['os', 'os.like', 'arch', 'arch.foreign'] as const;

/**
 * Which of a source's loaded indexes serve a device. For `independent`, one index of each component is enough: each
 * architecture's lists the packages without one.
 */
export function indexesFor<
  Index extends { address: { component: string | null; arch: string | null } },
>(applicability: Applicability, indexes: readonly Index[]): Index[] {
  if (applicability.kind === 'none') return [];
  if (applicability.kind === 'independent') {
    const first = new Map<string | null, Index>();
    for (const index of indexes)
      if (!first.has(index.address.component)) first.set(index.address.component, index);
    return [...first.values()];
  }
  const { archs } = applicability;
  return indexes.filter(({ address: { arch } }) => arch === null || archs.includes(arch));
}
