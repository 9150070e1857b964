import type { Family } from './universe.ts';

/** Calls `visit` for each name that a relation text mentions, in order; what is no name is passed over. */
export type VisitNames = (text: string, visit: (name: string) => void) => void;

/** How names stand in relation texts, by family. rpm's rich dependencies are not looked into. */
export const visitNames: Record<Family, VisitNames> = { deb: visitDebNames, rpm: visitLineNames };

const SPACE = 32;
const TAB = 9;
const NEWLINE = 10;
const OPEN = 40;
const COLON = 58;
const COMMA = 44;
const BAR = 124;

const isBlank = (code: number): boolean => code === SPACE || code === TAB || code === NEWLINE;

/** A name begins at the start, after a comma or after a bar; a blank, a parenthesis or a colon ends it. */
function visitDebNames(text: string, visit: (name: string) => void): void {
  let at = 0;
  while (at < text.length) {
    while (at < text.length && isBlank(text.charCodeAt(at))) at += 1;
    const end = endOfDebName(text, at);
    if (end > at) visit(text.slice(at, end));
    at = afterSeparator(text, end);
  }
}

function endOfDebName(text: string, start: number): number {
  let at = start;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isBlank(code) || code === OPEN || code === COLON || code === COMMA || code === BAR) break;
  }
  return at;
}

function afterSeparator(text: string, start: number): number {
  let at = start;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === COMMA || code === BAR) return at + 1;
  }
  return at;
}

/** One entry a line; the name ends at the first blank. */
function visitLineNames(text: string, visit: (name: string) => void): void {
  for (const line of text.split('\n')) {
    const end = line.indexOf(' ');
    const name = end < 0 ? line : line.slice(0, end);
    if (name !== '' && !line.startsWith('(')) visit(name);
  }
}
