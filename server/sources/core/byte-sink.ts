import { JamesError } from '../../../proto/errors.ts';

/** Collects the bytes that a decoder makes, and refuses more than a limit as soon as they are made. */
export interface ByteSink {
  /** Keeps the chunk itself. Throws `too-large`. */
  push(chunk: Uint8Array): void;
  /** All bytes in one piece; call once. */
  bytes(): Uint8Array;
}

/** `what` names the file in the error. */
export function createByteSink(maxBytes: number, what: string): ByteSink {
  let chunks: Uint8Array[] = [];
  let length = 0;
  return {
    push(chunk) {
      length += chunk.length;
      if (length > maxBytes) throw tooLarge(what, maxBytes);
      chunks.push(chunk);
    },
    bytes() {
      const [first] = chunks;
      if (chunks.length === 1 && first) return first;
      const all = new Uint8Array(length);
      let at = 0;
      for (const chunk of chunks) {
        all.set(chunk, at);
        at += chunk.length;
      }
      chunks = [];
      return all;
    },
  };
}

/** The error for a file that is larger than it may be. */
export function tooLarge(what: string, maxBytes: number): JamesError {
  return new JamesError('too-large', `${what} has more than the ${maxBytes} bytes it may have.`);
}
