import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Worker } from 'node:worker_threads';
import type { Clock } from '../../../proto/clock.ts';
import { JamesError } from '../../../proto/errors.ts';
import type { Log } from '../../../proto/log.ts';
import { startWorker } from '../../system/start-worker.ts';
import type { ReadHooks, ReadJob, ReadResult, SourceReader } from './read-job.ts';
import type { WorkerReply, WorkerRequest, WorkerSettings } from './worker-messages.ts';

export interface WorkerReaderOptions extends WorkerSettings {
  clock: Clock;
  log: Log;
  /** The worker's heap in MiB; texts and tables of indexes lie outside of it. */
  heapMb?: number;
}

/** A worker without work ends after this time in ms, and gives its memory back. */
const IDLE_MS = 30_000;
const HEAP_MB = 2048;

interface Running {
  hooks: ReadHooks;
  resolve(result: ReadResult): void;
  reject(error: unknown): void;
}

/**
 * Reads sources in a worker thread, which is started when there is something to read. A worker that dies (a file needed
 * more memory than it has) fails what it was reading, and nothing else.
 */
export function createWorkerReader(options: WorkerReaderOptions): SourceReader {
  const { clock, log } = options;
  const running = new Map<number, Running>();
  let worker: Worker | null = null;
  let lastId = 0;
  let cancelIdle = (): void => {};

  function ensureWorker(): Worker {
    cancelIdle();
    if (worker) return worker;
    const made = startReader(options);
    worker = made;
    made.on('message', take);
    made.on('error', (cause) => lose(made, cause));
    made.on('exit', () => lose(made, new Error('it ended')));
    return made;
  }

  function lose(lost: Worker, cause: Error): void {
    if (worker !== lost) return;
    worker = null;
    if (running.size === 0) return;
    log.error({ err: cause }, 'The worker that reads sources failed.');
    const sentence = `The reading of the source failed (${cause.message}); its index may be too large for this server.`;
    for (const one of running.values())
      one.reject(new JamesError('bad-index', sentence, { cause }));
    running.clear();
  }

  function take(reply: WorkerReply): void {
    const one = running.get(reply.id);
    if (!one) return;
    if (reply.kind === 'updating') {
      one.hooks.onUpdating(reply.url);
      return;
    }
    if (reply.kind === 'verified') {
      one.hooks.onVerified(reply.url, reply.file);
      return;
    }
    running.delete(reply.id);
    if (running.size === 0) cancelIdle = clock.after(IDLE_MS, () => void end());
    if (reply.kind === 'done') one.resolve(reply.result);
    else one.reject(new JamesError(reply.code, reply.message));
  }

  async function end(): Promise<void> {
    cancelIdle();
    const ending = worker;
    worker = null;
    await ending?.terminate();
  }

  return {
    read(job: ReadJob, hooks: ReadHooks) {
      const { signal } = hooks;
      if (signal.aborted) return Promise.reject(signal.reason);
      const id = ++lastId;
      const send = (request: WorkerRequest): void => ensureWorker().postMessage(request);
      const cancel = (): void => {
        if (running.has(id)) send({ kind: 'cancel', id });
      };
      signal.addEventListener('abort', cancel, { once: true });
      return new Promise<ReadResult>((resolve, reject) => {
        running.set(id, { hooks, resolve, reject });
        send({ kind: 'read', id, job });
      }).finally(() => signal.removeEventListener('abort', cancel));
    },
    async stop() {
      await end();
      for (const one of running.values()) one.reject(new Error('the server stops'));
      running.clear();
    },
  };
}

function startReader(options: WorkerReaderOptions): Worker {
  const { directory, limits, kindModules, heapMb = HEAP_MB } = options;
  const workerData: WorkerSettings = { directory, limits, kindModules };
  const program = {
    built: 'jamesd-sources.js',
    directory: import.meta.dirname,
    source: pathToFileURL(join(import.meta.dirname, 'worker-main.ts')).href,
  };
  return startWorker(program, {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
  });
}
