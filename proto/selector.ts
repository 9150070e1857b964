import Type from 'typebox';
import { JamesError } from './errors.ts';
import { LabelKey, type Labels, LabelValue, labelProblem } from './labels.ts';

const OneOrMany = Type.Union([LabelValue, Type.Array(LabelValue, { minItems: 1, maxItems: 256 })]);

/** What one label must be: a value (equal), a list (any of), neither of some values, present or absent. */
export const Condition = Type.Union([
  LabelValue,
  Type.Array(LabelValue, { minItems: 1, maxItems: 256 }),
  Type.Object({ not: OneOrMany }, { additionalProperties: false }),
  Type.Object({ exists: Type.Boolean() }, { additionalProperties: false }),
]);
export type Condition = Type.Static<typeof Condition>;

/** Which labels a document applies to: every condition must hold; `{}` holds for all. */
export const Selector = Type.Record(LabelKey, Condition, {
  additionalProperties: false,
  maxProperties: 64,
});
export type Selector = Readonly<Record<string, Condition>>;

/** What is wrong with a value of a selector that its schema lets through, or null. */
export function selectorProblem(selector: Selector): string | null {
  for (const [key, condition] of Object.entries(selector)) {
    for (const value of valuesOf(condition)) {
      const problem = labelProblem(key, value);
      if (problem) return problem;
    }
  }
  return null;
}

function valuesOf(condition: Condition): readonly string[] {
  if (typeof condition === 'string' || Array.isArray(condition)) return asList(condition);
  return 'exists' in condition ? [] : asList(condition.not);
}

/** True if the labels meet every condition. A missing key is not equal to any value. */
export function matches(selector: Selector, labels: Labels): boolean {
  for (const key of Object.keys(selector)) {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    if (!holds(selector[key] as Condition, value)) return false;
  }
  return true;
}

/** True if a label with this value (undefined: absent) meets the condition. */
export function holds(condition: Condition, value: string | undefined): boolean {
  if (typeof condition === 'string') return value === condition;
  if (Array.isArray(condition)) return value !== undefined && condition.includes(value);
  if ('exists' in condition) return condition.exists === (value !== undefined);
  return value === undefined || !asList(condition.not).includes(value);
}

/** The values by which a selector can be indexed under `key`, or null if it does not demand one of a few values. */
export function demandedValues(condition: Condition): readonly string[] | null {
  if (typeof condition === 'string') return [condition];
  return Array.isArray(condition) ? condition : null;
}

/**
 * A selector from its text form: `fleet=alpha|beta,region!=eu,board,!retired`. Empty text selects all.
 * Throws `bad-selector` with the column.
 */
export function parseSelector(text: string): Selector {
  const selector: Record<string, Condition> = {};
  if (text === '') return selector;
  let column = 1;
  for (const item of text.split(',')) {
    const { key, condition } = parseItem(item, column);
    if (Object.hasOwn(selector, key)) throw bad(column, `the key "${key}" stands twice`);
    selector[key] = condition;
    column += item.length + 1;
  }
  return selector;
}

function parseItem(item: string, column: number): { key: string; condition: Condition } {
  const [, absent, key = '', operator, values = ''] = /^(!?)([^=!]*)(!=|=)?(.*)$/s.exec(item) ?? [];
  if (item === '') throw bad(column, 'there is an empty item');
  if (absent && operator) throw bad(column, `${JSON.stringify(item)} mixes "!" and "${operator}"`);
  if (!operator && values !== '') throw bad(column, `${JSON.stringify(item)} is not understood`);
  const list = operator ? values.split('|') : [];
  for (const value of ['', ...list]) {
    const problem = value.includes('=') ? 'there is more than one "="' : labelProblem(key, value);
    if (problem) throw bad(column, problem);
  }
  return { key, condition: conditionOf(operator, absent === '!', list) };
}

function conditionOf(operator: string | undefined, absent: boolean, list: string[]): Condition {
  if (!operator) return { exists: !absent };
  const values = list.length === 1 ? (list[0] as string) : list;
  return operator === '=' ? values : { not: values };
}

function bad(column: number, problem: string): JamesError {
  return new JamesError(
    'bad-selector',
    `Selector, column ${column}: ${problem}. Write it as fleet=alpha|beta,region!=eu,board,!retired.`,
    { position: { line: 1, column } },
  );
}

/** The text form of a selector, keys sorted. */
export function formatSelector(selector: Selector): string {
  return Object.keys(selector)
    .sort()
    .map((key) => formatItem(key, selector[key] as Condition))
    .join(',');
}

function formatItem(key: string, condition: Condition): string {
  if (typeof condition === 'string') return `${key}=${condition}`;
  if (Array.isArray(condition)) return `${key}=${condition.join('|')}`;
  if ('exists' in condition) return condition.exists ? key : `!${key}`;
  return `${key}!=${asList(condition.not).join('|')}`;
}

function asList(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}
