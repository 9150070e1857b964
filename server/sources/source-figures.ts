import type { Catalogue, SourceDocuments } from './catalogue.ts';

/** A figure for the metrics. */
interface Figure {
  name: string;
  help: string;
  value: number;
  labels?: Record<string, string>;
}

/** What `/metrics` tells of sources. Times in seconds since 1970, 0 for never. */
export function sourceFigures(
  catalogue: Pick<Catalogue, 'status' | 'counts'>,
  documents: Pick<SourceDocuments, 'all'>,
): Figure[] {
  const statuses = [...documents.all()].flatMap(({ id }) => catalogue.status(id) ?? []);
  const each = (
    name: string,
    help: string,
    read: (status: (typeof statuses)[number]) => number,
  ): Figure[] =>
    statuses.map((status) => ({
      name,
      help,
      labels: { source: status.id },
      value: read(status),
    }));
  return [
    ...each('jamesd_source_failing', '1 if the last refresh failed', ({ error }) =>
      Number(!!error),
    ),
    ...each('jamesd_source_packages', 'Packages that are offered', ({ packages }) => packages),
    ...each('jamesd_source_bytes', 'Memory of the universes in use', ({ bytes }) => bytes),
    ...each(
      'jamesd_source_last_good_timestamp_seconds',
      'When the repository last confirmed what is in use',
      ({ lastGoodAt }) => Math.floor((lastGoodAt ?? 0) / 1000),
    ),
    ...Object.entries(catalogue.counts()).map(([result, value]) => ({
      name: 'jamesd_source_refreshes_total',
      help: 'Refreshes that ended since the start',
      labels: { result },
      value,
    })),
  ];
}
