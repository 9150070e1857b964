import { compareForRelation, type Evr, parseEvr } from './version.ts';

export type Comparison = '<' | '<=' | '=' | '>=' | '>';

/** A name (or path, or capability), with or without a version. */
export interface Plain {
  kind: 'plain';
  name: string;
  comparison: Comparison | null;
  /** Null exactly if `comparison` is. */
  evr: Evr | null;
}

export type RichOperator = 'and' | 'or' | 'if' | 'unless' | 'with' | 'without';

/** A rich dependency: `(left operator right)`, `if` and `unless` also with `else`. */
export interface Rich {
  kind: 'rich';
  operator: RichOperator;
  left: Relation;
  right: Relation;
  otherwise: Relation | null;
}

export type Relation = Plain | Rich;

/** Deeper nesting is no relation that a package has. */
const MAX_DEPTH = 64;

/**
 * Reads the relations of a package, one a line. What only rpm itself answers (`rpmlib(…)`) is left out. A rich dependency
 * that is malformed becomes a plain name that nobody has.
 */
export function parseRelations(text: string): Relation[] {
  if (text === '') return [];
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('rpmlib('))
    .map(parseRelation);
}

/** Reads one relation. */
export function parseRelation(text: string): Relation {
  if (!text.startsWith('(')) return parsePlain(text.split(/\s+/));
  return readRich(text) ?? { kind: 'plain', name: text, comparison: null, evr: null };
}

const comparisons: Readonly<Record<string, Comparison>> = {
  '<': '<',
  '<=': '<=',
  '=': '=',
  '==': '=',
  '>=': '>=',
  '>': '>',
};

function parsePlain(words: readonly string[]): Plain {
  const [name = '', sign = '', version] = words;
  const comparison = comparisons[sign];
  if (comparison === undefined || version === undefined)
    return { kind: 'plain', name, comparison: null, evr: null };
  return { kind: 'plain', name, comparison, evr: parseEvr(version) };
}

interface Reader {
  tokens: string[];
  at: number;
}

function readRich(text: string): Relation | null {
  const tokens = tokensOf(text);
  if (tokens === null) return null;
  const reader: Reader = { tokens, at: 0 };
  const relation = readOperand(reader, 0);
  return reader.at === tokens.length ? relation : null;
}

/** Parentheses that stand alone, and words; a word keeps the parentheses that open within it. */
function tokensOf(text: string): string[] | null {
  const tokens: string[] = [];
  for (let at = 0; at < text.length; ) {
    if (text[at] === ' ' || text[at] === '\t') at += 1;
    else if (text[at] === '(' || text[at] === ')') {
      tokens.push(text.slice(at, at + 1));
      at += 1;
    } else {
      const end = endOfWord(text, at);
      if (end === null) return null;
      tokens.push(text.slice(at, end));
      at = end;
    }
  }
  return tokens;
}

function endOfWord(text: string, start: number): number | null {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const char = text[at];
    if (char === '(') depth += 1;
    if (depth === 0 && (char === ' ' || char === '\t' || char === ')')) return at;
    if (char === ')') depth -= 1;
  }
  return depth === 0 ? text.length : null;
}

function readOperand(reader: Reader, depth: number): Relation | null {
  if (depth > MAX_DEPTH) return null;
  if (reader.tokens[reader.at] !== '(') return readWord(reader);
  reader.at += 1;
  let relation = readOperand(reader, depth + 1);
  let chained: string | null = null;
  while (relation !== null && reader.tokens[reader.at] !== ')') {
    const operator = reader.tokens[reader.at] ?? '';
    if (!isOperator(operator) || (chained !== null && chained !== operator)) return null;
    chained = operator;
    relation = readFurther(reader, depth, relation, operator);
  }
  reader.at += 1;
  return relation;
}

function readFurther(
  reader: Reader,
  depth: number,
  left: Relation,
  operator: RichOperator,
): Relation | null {
  reader.at += 1;
  const right = readOperand(reader, depth + 1);
  if (right === null) return null;
  const hasElse = reader.tokens[reader.at] === 'else';
  if (!hasElse) return { kind: 'rich', operator, left, right, otherwise: null };
  if (operator !== 'if' && operator !== 'unless') return null;
  reader.at += 1;
  const otherwise = readOperand(reader, depth + 1);
  return otherwise && { kind: 'rich', operator, left, right, otherwise };
}

function readWord(reader: Reader): Plain | null {
  const name = reader.tokens[reader.at];
  if (name === undefined || name === ')') return null;
  const hasVersion = (reader.tokens[reader.at + 1] ?? '') in comparisons;
  const words = reader.tokens.slice(reader.at, reader.at + (hasVersion ? 3 : 1));
  reader.at += words.length;
  return parsePlain(words);
}

const operators: ReadonlySet<string> = new Set(['and', 'or', 'if', 'unless', 'with', 'without']);
const isOperator = (word: string): word is RichOperator => operators.has(word);

/** The relation as rpm writes it. */
export function relationText(relation: Relation): string {
  if (relation.kind === 'rich') {
    const { left, operator, right, otherwise } = relation;
    const tail = otherwise === null ? '' : ` else ${relationText(otherwise)}`;
    return `(${relationText(left)} ${operator} ${relationText(right)}${tail})`;
  }
  if (relation.evr === null) return relation.name;
  return `${relation.name} ${relation.comparison} ${evrText(relation.evr)}`;
}

/** An epoch of 0 is left out. */
export function evrText({ epoch, version, release }: Evr): string {
  const tail = release === null ? '' : `-${release}`;
  return epoch === '0' ? `${version}${tail}` : `${epoch}:${version}${tail}`;
}

/**
 * Whether two ranges of one name have a version in common, as rpm has it: a version without release stands for each of its
 * releases.
 */
export function rangesMeet(provided: Plain, wanted: Plain): boolean {
  if (provided.evr === null || wanted.evr === null) return true;
  const [isOpen, isWantedOpen] = [provided.evr.release === null, wanted.evr.release === null];
  const order = compareForRelation(provided.evr, wanted.evr);
  if (order === 0 && isOpen !== isWantedOpen && reaches(isOpen ? provided : wanted, '='))
    return true;
  return rangesOverlap(provided, wanted, order);
}

/** Whether two ranges overlap, given the order of their versions. */
export function rangesOverlap(a: Plain, b: Plain, order: number): boolean {
  if (order < 0) return reaches(a, '>') || reaches(b, '<');
  if (order > 0) return reaches(a, '<') || reaches(b, '>');
  return (['<', '=', '>'] as const).some((sign) => reaches(a, sign) && reaches(b, sign));
}

const reaches = ({ comparison }: Plain, sign: '<' | '=' | '>'): boolean =>
  comparison?.includes(sign) ?? false;
