import { solveDeb } from './deb/solve.ts';
import { traceDeb } from './deb/trace.ts';
import type { Request, Resolution } from './resolution.ts';
import { solveRpm } from './rpm/resolve-rpm.ts';
import { traceRpm } from './rpm/trace.ts';
import type { View } from './view.ts';

/**
 * Answers a request on a view: the packages with all that they need. Pure: the same view and request have the same answer.
 * What cannot be met is left out and told; nothing is thrown for it.
 */
export function resolve(view: View, request: Request): Resolution {
  return view.family === 'rpm' ? solveRpm(view, request) : solveDeb(view, request);
}

/** How an answer comes about, a line per step, as people read it. */
export function trace(view: View, request: Request): string[] {
  return view.family === 'rpm' ? traceRpm(view, request) : traceDeb(view, request);
}
