import type { Row } from './row.ts';

/** Measures the named figures and gives a row for each, at least. */
export interface Bench {
  run(names: readonly string[]): Promise<Row[]>;
}

const loadResolve = (): Promise<Bench> => import('./resolve.ts');

/** Every figure by name, and what loads its measurement; figures that are measured together share a loader. */
export const benches: Record<string, () => Promise<Bench>> = {
  push: () => import('./push.ts'),
  'push-cpu': () => import('./push-cpu.ts'),
  storm: () => import('./storm.ts'),
  frozen: () => import('./frozen.ts'),
  connections: () => import('./connections.ts'),
  reports: () => import('./reports.ts'),
  download: () => import('./download.ts'),
  'plan-boot': () => import('./plan-boot.ts'),
  'plan-change': () => import('./plan-change.ts'),
  'resolve-fleet': () => import('./resolve-fleet.ts'),
  install: () => import('./install.ts'),
  'agent-size': () => import('./agent-size.ts'),
  'agent-start': () => import('./agent-start.ts'),
  'agent-memory': () => import('./agent-memory.ts'),
  'agent-idle': () => import('./agent-idle.ts'),
  'index-parse': loadResolve,
  'index-load': loadResolve,
  resolve: loadResolve,
};
