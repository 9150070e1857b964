import type { DesiredSource } from '../desired-source.ts';
import { DEFAULT_PRIORITY } from './apt-pins.ts';

/** The priority of a repository that says none; the lower number wins. */
const YUM_DEFAULT = 99;

/**
 * The priorities of a device's sources in dnf's and zypper's numbers: 500 becomes 99, the next higher one 98, the next
 * lower one 100. The order of the sources among each other is kept, and that to repositories with the default.
 */
export function yumPriorities(sources: readonly DesiredSource[]): Map<DesiredSource, number> {
  const distinct = [...new Set(sources.map((source) => source.priority))].sort((a, b) => a - b);
  const above = distinct.filter((priority) => priority > DEFAULT_PRIORITY);
  const below = distinct.filter((priority) => priority < DEFAULT_PRIORITY).reverse();
  return new Map(
    sources.map((source) => {
      const steps = below.indexOf(source.priority) - above.indexOf(source.priority);
      return [source, Math.max(1, YUM_DEFAULT + steps)];
    }),
  );
}
