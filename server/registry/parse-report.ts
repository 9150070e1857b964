import { compiledCheck, describeFault, faultsOf } from '../../proto/check.ts';
import { JamesError } from '../../proto/errors.ts';
import { parseJson } from '../../proto/json.ts';
import { labelsProblem } from '../../proto/labels.ts';
import { REPORTED_SCHEMA, Reported } from '../../proto/reported.ts';

const isReported = compiledCheck(Reported);
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * A report from the bytes of a message or body, with its text. Members that nobody knows are left in the text and
 * ignored. Throws `bad-message`, or `unknown-schema` for a schema that this server does not speak.
 */
export function parseReport(bytes: Uint8Array): { reported: Reported; json: string } {
  const { value, json } = parseMessage(bytes);
  if (!isReported(value)) throw refusal(value);
  const { facts, config } = value.labels;
  const problem = labelsProblem(facts) ?? labelsProblem(config);
  if (problem) throw new JamesError('bad-message', `The report's labels: ${problem}.`);
  return { reported: value as Reported, json };
}

/** The JSON value of a message's bytes, and its text. Throws `bad-message`. */
export function parseMessage(bytes: Uint8Array): { value: unknown; json: string } {
  try {
    const json = utf8.decode(bytes);
    return { value: parseJson(json), json };
  } catch (cause) {
    const why = cause instanceof JamesError ? cause.message : 'The text is not UTF-8.';
    throw new JamesError('bad-message', `The message is not JSON: ${why}`, { cause });
  }
}

function refusal(value: unknown): JamesError {
  const schema = (value as { schema?: unknown } | null)?.schema;
  if (typeof schema === 'string' && schema !== REPORTED_SCHEMA) {
    const shown = JSON.stringify(schema.slice(0, 60));
    return new JamesError(
      'unknown-schema',
      `A report of schema ${shown} is not understood; send "${REPORTED_SCHEMA}".`,
    );
  }
  const [fault] = faultsOf(Reported, value);
  return new JamesError(
    'bad-message',
    `The report: ${fault ? describeFault(fault) : 'it is not valid'}.`,
    { members: { pointer: fault?.path ?? '' } },
  );
}
