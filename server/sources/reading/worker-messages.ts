import type { ErrorCode } from '../../../proto/errors.ts';
import type { KnownFile } from '../fetching/download.ts';
import type { FetchLimits } from '../fetching/limits.ts';
import type { ReadJob, ReadResult } from './read-job.ts';

/** What a worker is started with. */
export interface WorkerSettings {
  /** Below the data directory. */
  directory: string;
  limits: FetchLimits;
  /** Addresses of modules whose default export is a further kind. */
  kindModules: readonly string[];
}

/** To the worker. */
export type WorkerRequest =
  | { kind: 'read'; id: number; job: ReadJob }
  | { kind: 'cancel'; id: number };

/** From the worker. */
export type WorkerReply =
  | { kind: 'updating'; id: number; url: string }
  | { kind: 'verified'; id: number; url: string; file: KnownFile }
  | { kind: 'done'; id: number; result: ReadResult }
  | { kind: 'failed'; id: number; code: ErrorCode; message: string };
