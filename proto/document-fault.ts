import type { TSchema } from 'typebox';
import { describeFault, faultsOf } from './check.ts';
import { JamesError, type Position } from './errors.ts';
import { type Labels, labelsProblem } from './labels.ts';
import { type Selector, selectorProblem } from './selector.ts';
import { describe } from './yaml.ts';

/** Gives the place of a JSON pointer in the text that a value came from, if it came from one. */
export type Locate = (pointer: string) => Position | undefined;
export const nowhere: Locate = () => undefined;

/** An error of a document: the sentence begins with the place, if one is known. */
export function documentFault(
  code: JamesError['code'],
  sentence: string,
  pointer: string,
  locate: Locate,
): JamesError {
  const position = locate(pointer);
  const members = { pointer };
  if (!position)
    return new JamesError(code, `${sentence[0]?.toUpperCase()}${sentence.slice(1)}.`, { members });
  return new JamesError(code, `${describe(position)}: ${sentence}.`, { members, position });
}

/** Refuses keys that the design knows and this release does not build yet. Throws `unsupported`. */
export function refuseKeys(
  value: unknown,
  keys: readonly string[],
  what: string,
  locate: Locate,
): void {
  if (!isRecord(value)) return;
  const key = keys.find((name) => Object.hasOwn(value, name));
  if (key === undefined) return;
  const sentence = `"${key}" of a ${what} is not supported by this release; leave it out`;
  throw documentFault('unsupported', sentence, `/${key}`, locate);
}

/**
 * Throws `bad-document` or `unknown-key` with the first fault of a value against its schema; `at` is the pointer of the
 * value.
 */
export function requireShape(
  schema: TSchema,
  value: unknown,
  what: string,
  locate: Locate,
  at = '',
): void {
  const [fault] = faultsOf(schema, value);
  if (!fault) return;
  const code = fault.unknownKey ? 'unknown-key' : 'bad-document';
  throw documentFault(code, `${what}: ${describeFault(fault)}`, `${at}${fault.path}`, locate);
}

/** Throws `bad-selector`. */
export function checkTarget(target: Selector, locate: Locate): void {
  const problem = selectorProblem(target);
  if (problem) throw documentFault('bad-selector', problem, '/target', locate);
}

/** Throws `bad-labels`. */
export function checkLabels(labels: Labels | undefined, pointer: string, locate: Locate): void {
  const problem = labels && labelsProblem(labels);
  if (problem) throw documentFault('bad-labels', problem, pointer, locate);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
