import { parentPort } from 'node:worker_threads';
import type { SolverRequest } from './messages.ts';
import { createSolver } from './solver.ts';

/** The worker: answers requests on views that it is told. */
const solve = createSolver();

parentPort?.on('message', (request: SolverRequest) => {
  const reply = solve(request);
  if (reply) parentPort?.postMessage(reply);
});
