/** What a command's exit status says. */
export const EXIT_DONE = 0;
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
/** `diff` found differences; `wait` ran out of time. */
export const EXIT_DIFFERS = 3;

export type ExitStatus =
  | typeof EXIT_DONE
  | typeof EXIT_FAILED
  | typeof EXIT_USAGE
  | typeof EXIT_DIFFERS;
