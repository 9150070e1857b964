import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import Value from 'typebox/value';
import { type ErrorCode, JamesError } from './errors.ts';

/** One thing that is wrong with a value; `path` is a JSON pointer (RFC 6901). */
export interface Fault {
  path: string;
  message: string;
  /** True if the key at `path` is one that the schema does not know. */
  unknownKey: boolean;
}

/** Everything that is wrong with a value, first things first; empty if it fits the schema. At most 20. */
export function faultsOf(schema: TSchema, value: unknown): Fault[] {
  if (Value.Check(schema, value)) return [];
  const faults: Fault[] = [];
  for (const error of Value.Errors(schema, value)) {
    if (faults.length >= 20) break;
    if (error.keyword === 'additionalProperties') continue;
    const unknownKey = error.keyword === 'boolean';
    faults.push({
      path: error.instancePath,
      message: unknownKey ? 'is not a known key' : error.message,
      unknownKey,
    });
  }
  return faults.length > 0 ? faults : [{ path: '', message: 'is not valid', unknownKey: false }];
}

/** The value, typed, or `code` (or `unknown-key`) with the first fault. `what` names the thing in the message. */
export function requireValid<Schema extends TSchema>(
  schema: Schema,
  value: unknown,
  what: string,
  code: ErrorCode = 'bad-document',
): Static<Schema> {
  const [fault] = faultsOf(schema, value);
  if (!fault) return value as Static<Schema>;
  throw new JamesError(
    fault.unknownKey ? 'unknown-key' : code,
    `${what}: ${describeFault(fault)}.`,
    {
      members: { pointer: fault.path },
    },
  );
}

export function describeFault(fault: Fault): string {
  return `${fault.path === '' ? 'the value' : JSON.stringify(fault.path.slice(1).replaceAll('/', '.'))} ${fault.message}`;
}

/** A compiled check for values that come often; the same answers as `faultsOf(…).length === 0`. */
export function compiledCheck<Schema extends TSchema>(
  schema: Schema,
): (value: unknown) => value is Static<Schema> {
  const validator = Compile(schema);
  return (value): value is Static<Schema> => validator.Check(value);
}

/** The same without compiling: for values that come seldom, in programs that must start quickly and stay small. */
export function plainCheck<Schema extends TSchema>(
  schema: Schema,
): (value: unknown) => value is Static<Schema> {
  return (value): value is Static<Schema> => Value.Check(schema, value);
}
