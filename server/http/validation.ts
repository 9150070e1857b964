import type { FastifyRouteSchemaDef, FastifySchemaCompiler } from 'fastify/types/schema.js';
import type { TSchema } from 'typebox';
import Value from 'typebox/value';
import { compiledCheck, requireValid } from '../../proto/check.ts';
import { JamesError } from '../../proto/errors.ts';

/**
 * Checks requests with the schemas' own library. A body is taken as it is; numbers and booleans of path and query, which
 * arrive as text, are converted. Keys that a schema does not name are refused, in the query too.
 */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({
  schema,
  httpPart,
}: FastifyRouteSchemaDef<TSchema>) => {
  const check = compiledCheck(schema);
  if (httpPart === 'body') return attempt((value) => requireBody(schema, check, value));
  const what = httpPart === 'querystring' ? 'The query' : 'The path';
  return attempt((value) => {
    if (httpPart === 'querystring') refuseUnknown(schema, value);
    refuseLooseNumbers(schema, value);
    const converted = Value.Convert(schema, value);
    return check(converted) ? converted : requireValid(schema, converted, what, 'bad-request');
  });
};

function requireBody(schema: TSchema, check: (value: unknown) => boolean, value: unknown): unknown {
  if (value === undefined || value === null) {
    throw new JamesError('bad-json', 'The request has no body; send JSON.');
  }
  return check(value) ? value : requireValid(schema, value, 'The body', 'bad-request');
}

function refuseUnknown(schema: TSchema, value: unknown): void {
  const known = (schema as { properties?: object }).properties ?? {};
  for (const key of Object.keys(value as object)) {
    if (Object.hasOwn(known, key)) continue;
    const shown = JSON.stringify(key.slice(0, 60));
    throw new JamesError(
      'bad-request',
      `The query has the key ${shown}, which nobody knows here; it may have: ${Object.keys(known).join(', ')}.`,
    );
  }
}

/** The conversion would make 1 of `1.9`, `0x1` and `true`: too much for a number of removals that is confirmed. */
function refuseLooseNumbers(schema: TSchema, value: unknown): void {
  const { properties = {} } = schema as { properties?: Record<string, { type?: string }> };
  for (const [key, text] of Object.entries(value as object)) {
    if (!Object.hasOwn(properties, key) || properties[key]?.type !== 'integer') continue;
    if (typeof text === 'string' && /^-?\d{1,15}$/.test(text)) continue;
    throw new JamesError('bad-request', `${JSON.stringify(key)} must be a whole number.`);
  }
}

function attempt(validate: (value: unknown) => unknown) {
  return (value: unknown): { value: unknown } | { error: Error } => {
    try {
      return { value: validate(value) };
    } catch (error) {
      return { error: error as Error };
    }
  };
}
