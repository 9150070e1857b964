import { JamesError } from '../proto/errors.ts';
import { type Labels, parseLabels } from '../proto/labels.ts';
import { parseSelector, type Selector } from '../proto/selector.ts';
import { parseDuration } from './core/duration.ts';

/** What the shell can offer at this place. */
export type Completion =
  | 'none'
  | 'file'
  | 'directory'
  | 'spec'
  | 'source'
  | 'secret'
  | 'device'
  | 'packet'
  | 'token'
  | readonly string[];

/** A text as it stands on the command line; several for what may be repeated; true for a flag. */
export type Raw = string | readonly string[] | boolean | undefined;

/** An option: `flags` as commander writes them (`-f, --file <file>`), and how its text becomes a value. */
export interface Option<Value> {
  flags: string;
  about: string;
  completion: Completion;
  repeatable: boolean;
  read(raw: Raw): Value;
}

/** An argument: `<id>`, `[id]`, `<file...>`. */
export interface Argument<Value> {
  name: string;
  about: string;
  completion: Completion;
  read(raw: Raw): Value;
}

function option<Value>(
  flags: string,
  about: string,
  parse: (text: string) => Value,
  completion: Completion = 'none',
): Option<Value | undefined> {
  const read = (raw: Raw): Value | undefined => {
    if (typeof raw !== 'string') return undefined;
    return naming(longFlag(flags), () => parse(raw));
  };
  return { flags, about, completion, repeatable: false, read };
}

/** True if given. */
export function flag(flags: string, about: string): Option<boolean> {
  return { flags, about, completion: 'none', repeatable: false, read: (raw) => raw === true };
}

export function text(flags: string, about: string, completion: Completion = 'none') {
  return option(flags, about, (value) => nonEmpty(value), completion);
}

/** May be given several times; all values in order, at least one if `needed`. */
export function texts(
  flags: string,
  about: string,
  completion: Completion = 'none',
  needed = false,
): Option<readonly string[]> {
  const read = (raw: Raw): readonly string[] => {
    const values = Array.isArray(raw) ? (raw as string[]) : [];
    if (needed && values.length === 0) throw usage(`Give ${longFlag(flags)}: ${about}.`);
    return values.map((value) => naming(longFlag(flags), () => nonEmpty(value)));
  };
  return { flags, about, completion, repeatable: true, read };
}

/** An option that must be given. */
export function needed<Value>(inner: Option<Value | undefined>): Option<Value> {
  const read = (raw: Raw): Value => {
    const value = inner.read(raw);
    if (value === undefined) throw usage(`Give ${longFlag(inner.flags)}: ${inner.about}.`);
    return value;
  };
  return { ...inner, read };
}

/** Labels as `k=v,k2=v2`; given several times they add up, and no key may stand twice. */
export function labels(flags: string, about: string): Option<Labels | undefined> {
  const read = (raw: Raw): Labels | undefined => {
    if (!Array.isArray(raw)) return undefined;
    const items = (raw as string[]).filter((item) => item !== '');
    return naming(longFlag(flags), () => parseLabels(items.join(',')));
  };
  return { flags, about, completion: 'none', repeatable: true, read };
}

export function selector(flags: string, about: string): Option<Selector | undefined> {
  return option(flags, about, parseSelector);
}

/** A whole number from `least`. */
export function count(flags: string, about: string, least = 0): Option<number | undefined> {
  return option(flags, about, (value) => wholeNumber(value, least));
}

/** A time such as `500ms`, `30s`, `5m`, `24h`, `7d`; in milliseconds. */
export function duration(flags: string, about: string): Option<number | undefined> {
  return option(flags, about, parseDuration);
}

export function choice<Value extends string>(
  flags: string,
  about: string,
  values: readonly Value[],
): Option<Value | undefined> {
  return option(flags, about, (value) => oneOf(value, values), values);
}

export function needs(
  name: string,
  about: string,
  completion: Completion = 'none',
): Argument<string> {
  return {
    name: `<${name}>`,
    about,
    completion,
    read: (raw) => naming(name, () => nonEmpty(raw as string)),
  };
}

export function may(
  name: string,
  about: string,
  completion: Completion = 'none',
): Argument<string | undefined> {
  const read = (raw: Raw) =>
    typeof raw === 'string' ? naming(name, () => nonEmpty(raw)) : undefined;
  return { name: `[${name}]`, about, completion, read };
}

/** One or more. */
export function several(name: string, about: string, completion: Completion = 'none') {
  return list(`<${name}...>`, about, completion);
}

/** None or more. */
export function any(name: string, about: string, completion: Completion = 'none') {
  return list(`[${name}...]`, about, completion);
}

function list(name: string, about: string, completion: Completion): Argument<readonly string[]> {
  return { name, about, completion, read: (raw) => (Array.isArray(raw) ? (raw as string[]) : []) };
}

export function wholeNumber(value: string, least: number): number {
  const number = Number(value);
  if (!/^[0-9]+$/.test(value) || !Number.isSafeInteger(number) || number < least)
    throw usage(`${JSON.stringify(value)} is not a whole number from ${least}.`);
  return number;
}

export function oneOf<Value extends string>(value: string, values: readonly Value[]): Value {
  const found = values.find((one) => one === value);
  if (found === undefined)
    throw usage(`${JSON.stringify(value)} is not one of ${values.join(', ')}.`);
  return found;
}

/** An error of the command line: exit status 2. */
export function usage(sentence: string): JamesError {
  return new JamesError('usage', sentence);
}

function nonEmpty(value: string): string {
  if (value === '') throw usage('The value is empty.');
  return value;
}

function longFlag(flags: string): string {
  return /--[a-z][a-z-]*/.exec(flags)?.[0] ?? flags;
}

/** Puts the option's or argument's name before what is wrong with its text; that is an error of usage. */
function naming<Value>(name: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (cause) {
    if (!(cause instanceof JamesError)) throw cause;
    throw new JamesError('usage', `${name}: ${cause.message}`, { cause });
  }
}
