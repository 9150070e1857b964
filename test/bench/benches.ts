import type { Row } from './row.ts';

/** Measures the named figures and gives a row for each, at least. */
export interface Bench {
  run(names: readonly string[]): Promise<Row[]>;
}

/** Every figure by name, and what loads its measurement; figures that are measured together share a loader. */
export const benches: Record<string, () => Promise<Bench>> = {
  download: () => import('./download.ts'),
};
