import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** A program that runs in a worker thread: its name beside the built programs, and its module in a checkout. */
export interface WorkerProgram {
  /** Of the file, as `npm run build` names it. */
  built: string;
  /** The folder of the module that starts it: in a built program, where the others lie too. */
  directory: string;
  /** The address of the module as TypeScript. */
  source: string;
}

/** Starts the program, built or as TypeScript. What Node was started with does not reach it. */
export function startWorker(
  { built, directory, source }: WorkerProgram,
  options: WorkerOptions,
): Worker {
  const common = { ...options, execArgv: [] };
  const file = join(directory, built);
  if (existsSync(file)) return new Worker(file, common);
  return new Worker(throughTsx(source), { ...common, eval: true });
}

/** A program that loads TypeScript: what makes the main thread read it does not reach workers. */
function throughTsx(source: string): string {
  const tsx = import.meta.resolve('tsx/esm/api');
  const [from, load] = [JSON.stringify(tsx), JSON.stringify(source)];
  return `import(${from}).then(({ register }) => { register(); return import(${load}); });`;
}
