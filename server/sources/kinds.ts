import { JamesError } from '../../proto/errors.ts';
import { apt } from './kinds/apt.ts';
import { yum } from './kinds/yum.ts';
import type { SourceKind } from './source-kind.ts';

/** Every kind of source. A new one is a file in `kinds/` and a line here. */
export const sourceKinds: readonly SourceKind[] = [apt, yum];

/** Kinds by their `type`, with other sentinels where the configuration says so. */
export type Kinds = ReadonlyMap<string, SourceKind>;

export function kindsByType(
  kinds: readonly SourceKind[] = sourceKinds,
  sentinels: Readonly<Record<string, readonly string[]>> = {},
): Kinds {
  return new Map(
    kinds.map((kind) => [
      kind.type,
      Object.hasOwn(sentinels, kind.type)
        ? { ...kind, sentinels: sentinels[kind.type] ?? [] }
        : kind,
    ]),
  );
}

/** The kind of that type. Throws `unsupported` if there is none. */
export function kindOf(kinds: Kinds, type: string): SourceKind {
  const kind = kinds.get(type);
  if (kind) return kind;
  const known = [...kinds.keys()].join(', ');
  throw new JamesError('unsupported', `There is no kind of source "${type}"; there are ${known}.`);
}
