import type { Want } from '../../../server/resolver/core/resolution.ts';
import type { View } from '../../../server/resolver/core/view.ts';
import type { Machine } from './machine.ts';

/** The candidates that `name/release` decides; null if the release has no such package. */
export function releaseCandidates(
  view: View,
  want: Want,
  release: string,
  machine: Machine,
  locked: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> | null {
  const arch = want.arch ?? machine.archs[0];
  const found = view
    .named(want.name)
    .find((id) => view.source(id).id === release && [arch, 'all'].includes(view.arch(id)));
  if (found === undefined) return null;
  return new Map([...locked, [want.name, view.version(found)]]);
}
