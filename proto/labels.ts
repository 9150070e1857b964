import Type from 'typebox';
import { JamesError } from './errors.ts';

export const LABEL_KEY_PATTERN = '^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$';
/** Text without control characters (C0, DEL and C1); the limit of 256 bytes is checked apart. */
export const LABEL_VALUE_PATTERN = '^[^\\u0000-\\u001f\\u007f-\\u009f]*$';
export const MAX_LABEL_VALUE_BYTES = 256;
export const MAX_LABELS = 256;

export const LabelKey = Type.String({ pattern: LABEL_KEY_PATTERN, maxLength: 128 });
export const LabelValue = Type.String({
  pattern: LABEL_VALUE_PATTERN,
  maxLength: MAX_LABEL_VALUE_BYTES,
});

/** Key and value, each key once, possibly none. Comparison is exact and case-sensitive. */
export const Labels = Type.Record(LabelKey, LabelValue, {
  additionalProperties: false,
  maxProperties: MAX_LABELS,
});
export type Labels = Readonly<Record<string, string>>;

const keyPattern = new RegExp(LABEL_KEY_PATTERN);
const valuePattern = new RegExp(LABEL_VALUE_PATTERN);

/** What is wrong with a label, as the rest of a sentence, or null. */
export function labelProblem(key: string, value: string): string | null {
  if (key === '') return 'the key is empty';
  if (!keyPattern.test(key)) {
    return `the key ${JSON.stringify(key.slice(0, 60))} may have 1 to 128 letters, digits, ".", "_", "/" or "-" and starts with a letter or digit`;
  }
  if (!valuePattern.test(value)) return `the value of "${key}" has a control character`;
  if (utf8Length(value) > MAX_LABEL_VALUE_BYTES)
    return `the value of "${key}" is longer than ${MAX_LABEL_VALUE_BYTES} bytes`;
  return null;
}

/** What is wrong with a set of labels as a whole or in one of them, or null. */
export function labelsProblem(labels: Labels): string | null {
  const entries = Object.entries(labels);
  if (entries.length > MAX_LABELS) return `there are more than ${MAX_LABELS} labels`;
  for (const [key, value] of entries) {
    const problem = labelProblem(key, value);
    if (problem) return problem;
  }
  return null;
}

/**
 * Labels from `k=v,k2=v2`; an empty text is the empty set. A comma or a second `=` cannot stand in a value here.
 * Throws `bad-labels` with the column on an empty item, a missing or second `=`, a bad key or value, a key given twice.
 */
export function parseLabels(text: string): Labels {
  const labels: Record<string, string> = {};
  if (text === '') return labels;
  let column = 1;
  for (const item of text.split(',')) {
    const [key, value, ...rest] = item.split('=');
    const problem = itemProblem(labels, item, key, value, rest.length > 0);
    if (problem) {
      throw new JamesError(
        'bad-labels',
        `Labels, column ${column}: ${problem}. Write them as key=value,key2=value2.`,
        {
          position: { line: 1, column },
        },
      );
    }
    labels[key as string] = value as string;
    column += item.length + 1;
  }
  const problem = labelsProblem(labels);
  if (problem) throw new JamesError('bad-labels', `Labels: ${problem}.`);
  return labels;
}

function itemProblem(
  seen: Labels,
  item: string,
  key: string | undefined,
  value: string | undefined,
  second: boolean,
): string | null {
  const shown = JSON.stringify(item.slice(0, 60));
  if (item === '') return 'there is an empty item';
  if (key === undefined || value === undefined) return `${shown} has no "="`;
  if (second) return `${shown} has more than one "="`;
  if (Object.hasOwn(seen, key)) return `the key "${key}" stands twice`;
  return labelProblem(key, value);
}

/** The labels as `k=v,k2=v2`, keys sorted. */
export function formatLabels(labels: Labels): string {
  return sortedKeys(labels)
    .map((key) => `${key}=${labels[key]}`)
    .join(',');
}

/** One text per labelset, equal exactly if the labels are equal; for use as a key. */
export function labelsKey(labels: Labels): string {
  return JSON.stringify(sortedKeys(labels).map((key) => [key, labels[key]]));
}

/** True if every label of `part` stands in `whole` with the same value. */
export function isSubset(part: Labels, whole: Labels): boolean {
  for (const key of Object.keys(part)) {
    if (!Object.hasOwn(whole, key) || whole[key] !== part[key]) return false;
  }
  return true;
}

/** The labels of all sets together; a later set wins. */
export function overlay(...sets: readonly Labels[]): Labels {
  return Object.assign({}, ...sets) as Labels;
}

/** The labels whose keys are in `keys`. */
export function reduceLabels(labels: Labels, keys: ReadonlySet<string>): Labels {
  const reduced: Record<string, string> = {};
  for (const key of Object.keys(labels)) if (keys.has(key)) reduced[key] = labels[key] as string;
  return reduced;
}

function sortedKeys(labels: Labels): string[] {
  return Object.keys(labels).sort();
}

function utf8Length(text: string): number {
  let length = 0;
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return length;
}
