import type { Labels } from '../../proto/labels.ts';
import type { SourceDocument } from './catalogue.ts';
import { applies } from './core/applies.ts';
import type { Kinds } from './kinds.ts';

export interface FleetArchitectures {
  /**
   * The architectures to fetch of a source, in the repository's words: those that it names, or else those that some
   * device which it is for has or had.
   */
  archsOf(source: SourceDocument): readonly string[];
  /** The sources whose index for this device is not fetched: those of an architecture that no device had before. */
  missingFor(labels: Labels): string[];
}

export interface FleetArchitecturesParts {
  kinds: Kinds;
  sources: { all(): Iterable<SourceDocument> };
  devices: { all(): Iterable<{ labels: Labels }> };
}

/** Which architectures the fleet needs of sources that name none. What was needed once stays. */
export function createFleetArchitectures(parts: FleetArchitecturesParts): FleetArchitectures {
  const { kinds, sources, devices } = parts;
  const known = new Map<string, Set<string>>();

  function archsFor(source: SourceDocument, labels: Labels): readonly string[] {
    const kind = kinds.get(source.type);
    const verdict = kind && applies(source, kind, labels);
    return verdict?.kind === 'full' ? verdict.archs : [];
  }

  return {
    archsOf(source) {
      if (source.archs && source.archs.length > 0) return source.archs;
      const found = known.get(source.id) ?? new Set<string>();
      for (const { labels } of devices.all())
        for (const arch of archsFor(source, labels)) found.add(arch);
      known.set(source.id, found);
      return [...found].sort();
    },
    missingFor(labels) {
      return [...sources.all()]
        .filter(({ archs, rawUrl }) => !archs?.length && rawUrl === undefined)
        .filter((source) =>
          archsFor(source, labels).some((arch) => !known.get(source.id)?.has(arch)),
        )
        .map(({ id }) => id);
    },
  };
}
