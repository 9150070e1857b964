import { parentPort, workerData } from 'node:worker_threads';
import { JamesError } from '../../../proto/errors.ts';
import { createSystemClock } from '../../system/clock.ts';
import { random } from '../../system/random.ts';
import { kindsByType, sourceKinds } from '../kinds.ts';
import type { SourceKind } from '../source-kind.ts';
import { createStorage } from '../storage.ts';
import type { ReadHooks, SourceReader } from './read-job.ts';
import { createReaderHere } from './reader-here.ts';
import type { WorkerReply, WorkerRequest, WorkerSettings } from './worker-messages.ts';

/** The worker: reads sources as it is told, several at once. */
const settings = workerData as WorkerSettings;
const reader = makeReader();
const running = new Map<number, AbortController>();

parentPort?.on('message', (request: WorkerRequest) => {
  if (request.kind === 'cancel') running.get(request.id)?.abort(new Error('given up'));
  else void read(request);
});

async function makeReader(): Promise<SourceReader> {
  const modules = settings.kindModules.map((address) => import(address));
  const further = (await Promise.all(modules)).map((module) => module.default as SourceKind);
  const { cache, snapshots } = createStorage(settings.directory);
  const { limits } = settings;
  const kinds = kindsByType([...sourceKinds, ...further]);
  return createReaderHere({ kinds, clock: createSystemClock(), random, limits, cache, snapshots });
}

async function read({ id, job }: WorkerRequest & { kind: 'read' }): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  try {
    const onUpdating = (url: string): void => reply({ kind: 'updating', id, url });
    const onVerified: ReadHooks['onVerified'] = (url, file) =>
      reply({ kind: 'verified', id, url, file });
    const { signal } = controller;
    const result = await (await reader).read(job, { signal, onUpdating, onVerified });
    reply({ kind: 'done', id, result });
  } catch (cause) {
    const code = cause instanceof JamesError ? cause.code : 'internal';
    reply({ kind: 'failed', id, code, message: (cause as Error).message });
  } finally {
    running.delete(id);
  }
}

function reply(message: WorkerReply): void {
  parentPort?.postMessage(message);
}
