import type { JamesError } from '../proto/errors.ts';

/** Several things are wrong at once, such as in several documents; never empty. */
export class SeveralErrors extends Error {
  readonly errors: readonly JamesError[];

  constructor(errors: readonly JamesError[]) {
    super(errors.map(({ message }) => message).join('\n'));
    this.name = 'SeveralErrors';
    this.errors = errors;
  }
}
