/** epoch:version-release; the release is null where a relation does not name one. */
export interface Evr {
  epoch: string;
  version: string;
  release: string | null;
}

export type Order = -1 | 0 | 1;

/** Takes `[epoch:]version[-release]` apart; an absent epoch is 0. Any text has a reading. */
export function parseEvr(text: string): Evr {
  const colon = text.indexOf(':');
  const hasEpoch = colon > 0 && /^[0-9]+$/.test(text.slice(0, colon));
  const rest = hasEpoch ? text.slice(colon + 1) : text;
  const hyphen = rest.lastIndexOf('-');
  return {
    epoch: hasEpoch ? text.slice(0, colon) : '0',
    version: hyphen < 0 ? rest : rest.slice(0, hyphen),
    release: hyphen < 0 ? null : rest.slice(hyphen + 1),
  };
}

/** The order of packages' versions as rpm has it. An absent release comes before any other. */
export function compareEvr(a: string, b: string): Order {
  if (a === b) return 0;
  const [left, right] = [parseEvr(a), parseEvr(b)];
  return compareParsed(left, right) || compareReleases(left.release, right.release);
}

function compareReleases(a: string | null, b: string | null): Order {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  return compareSegments(a, b);
}

/** As relations are compared: a release that one side does not name does not count. */
export function compareForRelation(a: Evr, b: Evr): Order {
  const order = compareParsed(a, b);
  if (order !== 0 || a.release === null || b.release === null) return order;
  return compareSegments(a.release, b.release);
}

function compareParsed(a: Evr, b: Evr): Order {
  return compareSegments(a.epoch, b.epoch) || compareSegments(a.version, b.version);
}

/**
 * rpm's order of one part: runs of digits (by value) and of letters in turn, whatever else separates them. Digits come
 * after letters, the longer after the shorter; `~` before the end of the text, `^` after it but before a further run.
 */
export function compareSegments(a: string, b: string): Order {
  if (a === b) return 0;
  let i = 0;
  let j = 0;
  for (;;) {
    i = skipSeparators(a, i);
    j = skipSeparators(b, j);
    const mark = compareMarks(a[i], b[j]);
    if (mark === 'both') {
      i += 1;
      j += 1;
      continue;
    }
    if (mark !== 'none') return mark;
    if (i >= a.length || j >= b.length) return compareEnds(i < a.length, j < b.length);
    const left = runAt(a, i);
    const right = runAt(b, j);
    const order = compareRuns(left, right);
    if (order !== 0) return order;
    i += left.length;
    j += right.length;
  }
}

/** At the end of one text: the one that goes on comes later. */
function compareEnds(aGoesOn: boolean, bGoesOn: boolean): Order {
  if (aGoesOn === bGoesOn) return 0;
  return aGoesOn ? 1 : -1;
}

type Mark = 'none' | 'both' | Order;

function compareMarks(a: string | undefined, b: string | undefined): Mark {
  if (a === '~' || b === '~') return a === b ? 'both' : a === '~' ? -1 : 1;
  if (a !== '^' && b !== '^') return 'none';
  if (a === b) return 'both';
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
  return a === '^' ? -1 : 1;
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isLetter = (code: number): boolean =>
  (code >= 65 && code <= 90) || (code >= 97 && code <= 122);

function skipSeparators(text: string, start: number): number {
  let at = start;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isDigit(code) || isLetter(code) || code === 126 || code === 94) break;
  }
  return at;
}

function runAt(text: string, start: number): string {
  const belongs = isDigit(text.charCodeAt(start)) ? isDigit : isLetter;
  let at = start;
  while (at < text.length && belongs(text.charCodeAt(at))) at += 1;
  return text.slice(start, at);
}

function compareRuns(a: string, b: string): Order {
  const [isNumber, isOtherNumber] = [isDigit(a.charCodeAt(0)), isDigit(b.charCodeAt(0))];
  if (isNumber !== isOtherNumber) return isNumber ? 1 : -1;
  if (!isNumber) return compareTexts(a, b);
  const [left, right] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  if (left.length !== right.length) return left.length < right.length ? -1 : 1;
  return compareTexts(left, right);
}

const compareTexts = (a: string, b: string): Order => (a < b ? -1 : a > b ? 1 : 0);
