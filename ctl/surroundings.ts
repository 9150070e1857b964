import type { Clock, Random } from '../proto/clock.ts';

/** Everything outside the program that a command may touch; tests give their own. */
export interface Surroundings {
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  home: string;
  stdin: AsyncIterable<Uint8Array> & { isTTY?: boolean | undefined };
  stdout: Output;
  stderr: Output;
  clock: Clock;
  random: Random;
  /** Aborted when the person ends the program (SIGINT, SIGTERM) or the reader of stdout is gone. */
  signal: AbortSignal;
  /** Asks on the terminal, without showing what is typed. */
  askSecret(question: string): Promise<string>;
}

/** One of the two streams that a program writes text to. */
export interface Output {
  write(text: string): void;
  isTTY: boolean;
  /** Columns of the terminal; undefined if it is none. */
  columns: number | undefined;
}
