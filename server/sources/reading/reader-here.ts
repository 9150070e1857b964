import { JamesError } from '../../../proto/errors.ts';
import type { SourceReader } from './read-job.ts';
import { type ReadingParts, readSource } from './read-source.ts';

/** Reads in this thread; for tests and inside the worker. */
export function createReaderHere(parts: ReadingParts): SourceReader {
  return {
    async read(job, hooks) {
      try {
        return await readSource(parts, job, hooks);
      } catch (cause) {
        if (hooks.signal.aborted) throw hooks.signal.reason;
        if (cause instanceof JamesError) throw cause;
        const { message } = cause as Error;
        throw new JamesError('bad-index', `Source ${job.source.id} cannot be read: ${message}.`, {
          cause,
        });
      }
    },
    async stop() {},
  };
}
