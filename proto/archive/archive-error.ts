import { JamesError } from '../errors.ts';

/** The refusal of a packet file; `sentence` says what is wrong and where. */
export function badPacket(sentence: string, cause?: unknown): JamesError {
  return new JamesError('bad-packet', sentence, cause === undefined ? {} : { cause });
}

/** A name from an archive as it may stand in a message: quoted and cut. */
export function shown(name: string): string {
  return JSON.stringify(name.length > 120 ? `${name.slice(0, 120)}…` : name);
}
