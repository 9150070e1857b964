import { canonicalJson } from '../canonical-json.ts';
import { digestOf } from '../digest.ts';
import type { Position } from '../errors.ts';
import type { PackageLine, PackageWish } from '../package-line.ts';
import type { Spec } from '../spec.ts';
import type { PackageDraft } from './read-bundle.ts';
import { targetOf, wordsOf } from './scope.ts';

/** A spec that came of a bundle, and where its first package stands. */
export interface BundleSpec {
  spec: Spec;
  position: Position;
}

/** The label of the devices that have a bundle. */
export const bundleLabel = (bundle: string): string => `bundle.${bundle}`;

/**
 * The specs of a bundle: one for the packages of all its devices, one more for each set of groups and clients inside it.
 * Where packages name different priorities, each has a spec of its own.
 */
export function specsOf(bundle: string, drafts: readonly PackageDraft[]): BundleSpec[] {
  const scopes = grouped(drafts, ({ scope }) => wordsOf(scope).join('.'));
  return [...scopes].flatMap(([words, inScope]) => {
    const priorities = new Set(inScope.flatMap(({ priority }) => priority ?? []));
    const split = priorities.size > 1;
    const parts = split
      ? grouped(inScope, ({ priority }) => String(priority ?? 0))
      : new Map([['', inScope]]);
    return [...parts].map(([part, lines]) => {
      const id = idOf([bundle, words, split ? `priority-${part}` : '']);
      return specOf(id, bundle, lines, split ? Number(part) : ([...priorities][0] ?? null));
    });
  });
}

function specOf(
  id: string,
  bundle: string,
  drafts: readonly PackageDraft[],
  priority: number | null,
): BundleSpec {
  const [first] = drafts as [PackageDraft];
  const lines = new Map(drafts.map(({ line }) => [canonicalJson(line), line]));
  const isPinned = drafts.some(({ line }) => line.version !== undefined);
  const isAuto = drafts.some(({ auto }) => auto) && !isPinned;
  return {
    position: first.position,
    spec: {
      id,
      target: { [bundleLabel(bundle)]: { exists: true }, ...targetOf(first.scope) },
      ...(priority !== null && { priority }),
      packages: [...lines.values()].map(written),
      ...(isAuto && { version: 'auto' }),
    },
  };
}

/** A line that says no more than a name is the name. */
function written(line: PackageWish): PackageLine {
  return Object.keys(line).length === 1 ? line.name : line;
}

/** Parts joined to an id; too long a one is cut, and told apart by a digest. */
function idOf(parts: readonly string[]): string {
  const whole = parts
    .filter((part) => part !== '')
    .join('.')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '');
  if (whole.length > 0 && whole.length <= 128) return whole;
  const digest = digestOf([...parts]).slice('sha256:'.length, 'sha256:'.length + 8);
  return `${whole.slice(0, 100)}${whole === '' ? '' : '-'}${digest}`;
}

function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
