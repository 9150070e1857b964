import type { Log } from '../../proto/log.ts';
import type { Request, Resolution } from '../resolver/core/resolution.ts';
import { trace } from '../resolver/core/resolve.ts';
import type { BuiltView } from './package-views.ts';

/** The resolver's steps in the log of the running server, while somebody wants to see them. */
export interface ResolverLog {
  get(): boolean;
  set(on: boolean): void;
  /** An answer was given. Each is told once after the log was switched on. */
  answered(view: BuiltView, request: Request, resolution: Resolution): void;
}

/** Of one answer, so many lines. */
const MAX_LINES = 2000;

export function createResolverLog(log: Log): ResolverLog {
  let on = false;
  let told = new WeakSet<Resolution>();
  return {
    get: () => on,
    set(wanted) {
      on = wanted;
      told = new WeakSet();
      log.info({ debug: on }, 'The steps of the resolver are logged, or no longer.');
    },
    answered(view, request, resolution) {
      if (!on || told.has(resolution)) return;
      told.add(resolution);
      const wants = request.wants.map(({ name }) => name);
      log.info({ view: view.id, wants }, 'Resolving');
      for (const line of trace(view.view, request).slice(0, MAX_LINES)) log.info({}, line);
      const { packages, unresolved } = resolution;
      const names = packages.map(({ name }) => name);
      log.info({ packages: names, unresolved, type: view.type }, 'Resolved');
    },
  };
}
