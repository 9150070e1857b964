import { join } from 'node:path';
import type { Clock, Random } from '../../proto/clock.ts';
import { parseDuration } from '../../proto/duration.ts';
import type { Labels } from '../../proto/labels.ts';
import type { Log } from '../../proto/log.ts';
import type { Events } from '../events/events.ts';
import type { Catalogue, SecretOf, SourceDocuments } from './catalogue.ts';
import { defaultLimits } from './fetching/limits.ts';
import { createFleetArchitectures } from './fleet-architectures.ts';
import { type Kinds, kindsByType } from './kinds.ts';
import { followPathDemand } from './path-demand.ts';
import { createWorkerReader } from './reading/worker-reader.ts';
import type { SourceSettings } from './settings.ts';
import { createCatalogue } from './source-catalogue.ts';
import { createStorage } from './storage.ts';

export interface SourcesParts {
  /** The data directory of the server. */
  data: string;
  settings: SourceSettings;
  documents: SourceDocuments;
  secretOf: SecretOf;
  devices: {
    get(id: string): { labels: Labels } | undefined;
    all(): Iterable<{ labels: Labels }>;
    onChange(listener: (change: { device: string }) => void): () => void;
  };
  clock: Clock;
  random: Random;
  log: Log;
  events: Pick<Events, 'add'>;
}

/** Repositories are asked no more often than this. */
const SHORTEST_REFRESH_MS = 1000;

/** The kinds of sources and the catalogue, as the server's configuration wants them. */
export function createSources(parts: SourcesParts): { kinds: Kinds; catalogue: Catalogue } {
  const { settings, documents, devices, clock, log } = parts;
  const { maxIndexBytes: maxBytes, maxOpenBytes, metadata, sentinels } = settings;
  const directory = join(parts.data, 'sources');
  const limits = { ...defaultLimits, maxBytes, maxOpenBytes };
  const kinds = kindsByType(undefined, sentinels);
  const fleet = createFleetArchitectures({ kinds, sources: documents, devices });
  const catalogue = createCatalogue({
    ...{ ...parts, kinds, metadata, archsOf: fleet.archsOf },
    storage: createStorage(directory),
    reader: createWorkerReader({ directory, limits, clock, log, kindModules: [] }),
    refreshMs: Math.max(parseDuration(settings.refresh), SHORTEST_REFRESH_MS),
  });
  return { kinds, catalogue: withFollowers(catalogue, { ...parts, kinds }, fleet.missingFor) };
}

/**
 * The catalogue, which also fetches what a device needs that is the first of its architecture, and files that packages
 * require by path.
 */
function withFollowers(
  catalogue: Catalogue,
  { devices, documents, kinds }: SourcesParts & { kinds: Kinds },
  missingFor: (labels: Labels) => string[],
): Catalogue {
  let endings: (() => void)[] = [];
  const fetchFor = ({ device }: { device: string }): void => {
    const labels = devices.get(device)?.labels;
    const ids = labels ? missingFor(labels) : [];
    if (ids.length > 0) void catalogue.fetchMissing(ids);
  };
  return {
    ...catalogue,
    async start() {
      endings = [followPathDemand({ catalogue, documents, kinds }), devices.onChange(fetchFor)];
      await catalogue.start();
    },
    async stop() {
      for (const end of endings) end();
      await catalogue.stop();
    },
  };
}
