import { JamesError } from '../../proto/errors.ts';

/** The JamesError that a call throws; fails if it throws none or another error. */
export function failure(call: () => unknown): JamesError {
  try {
    call();
  } catch (error) {
    if (error instanceof JamesError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
