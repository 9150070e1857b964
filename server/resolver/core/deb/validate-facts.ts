import { compareVersions } from '../../../../proto/version.ts';
import type { MultiArch, RelationKind } from '../universe.ts';
import type { View } from '../view.ts';

/** One term of a relation: a name, an architecture or '', an operator or '', a version. */
export interface Term {
  name: string;
  arch: string;
  operator: string;
  version: string;
  text: string;
}

/** What a package is and provides, as its index says, read by the validator's own grammar. */
export interface Fact {
  id: number;
  name: string;
  version: string;
  /** `all` counts as the native architecture. */
  arch: string;
  multiArch: MultiArch;
  provides: readonly Term[];
}

/** What the validator read of a view. */
export interface FactBook {
  factOf(id: number): Fact;
  /** The parts of a relation field, as they stand between commas. */
  partsOf(id: number, kind: RelationKind): readonly string[];
  /** The alternatives of a part that count for an architecture. */
  termsOf(part: string, arch: string): readonly Term[];
}

/** An empty book over a view. */
export function createFactBook(view: View): FactBook {
  const native = view.archs[0] ?? '';
  const facts = new Array<Fact | undefined>(view.count + 1).fill(undefined);
  const read = new Map<string, readonly Term[]>();

  const partsOf = (id: number, kind: RelationKind): readonly string[] => {
    const text = view.relation(id, kind);
    return text === ''
      ? []
      : text
          .split(',')
          .map((part) => part.trim())
          .filter((part) => part !== '');
  };

  function termsOf(part: string, arch: string): readonly Term[] {
    const known = read.get(part);
    if (known) return known;
    const texts = part.split('|').filter((one) => one.trim() !== '');
    const terms = texts.filter((one) => isFor(one, arch)).map((one) => readTerm(one, native));
    if (!part.includes('[')) read.set(part, terms);
    return terms;
  }

  function make(id: number): Fact {
    const arch = view.arch(id) === 'all' ? native : view.arch(id);
    return {
      ...{ id, arch, name: view.name(id), version: view.version(id) },
      multiArch: view.universe(id).multiArch(view.index(id)),
      provides: partsOf(id, 'provides').flatMap((part) => termsOf(part, arch)),
    };
  }

  return {
    factOf(id) {
      const fact = facts[id] ?? make(id);
      facts[id] = fact;
      return fact;
    },
    partsOf,
    termsOf,
  };
}

/** `[amd64 !i386]`: the first that names the architecture decides. */
function isFor(text: string, arch: string): boolean {
  if (!text.includes('[')) return true;
  const list = /\[([^\]]*)\]/.exec(text)?.[1]?.trim().split(/\s+/);
  if (!list) return true;
  const own = list.find((word) => {
    const name = word.replace('!', '').replace(/^linux-/, '');
    return name === arch || name === 'any' || name === `any-${arch}`;
  });
  return own === undefined ? list.some((word) => word.startsWith('!')) : !own.startsWith('!');
}

function readTerm(text: string, native: string): Term {
  const open = text.indexOf('(');
  const named = (open < 0 ? text : text.slice(0, open)).replace(/[[<].*$/, '').trim();
  const inside = open < 0 ? '' : text.slice(open + 1, text.indexOf(')', open)).trim();
  const operator = /^[<>=]+/.exec(inside)?.[0] ?? '';
  const colon = named.indexOf(':');
  const arch = colon < 0 ? '' : named.slice(colon + 1);
  return {
    name: colon < 0 ? named : named.slice(0, colon),
    arch: arch === 'native' ? native : arch,
    operator,
    version: inside.slice(operator.length).trim(),
    text: text.trim(),
  };
}

/** Policy 7.5: what is provided without a version meets no versioned relation. */
export function fits(actual: string, { operator, version }: Term): boolean {
  if (operator === '') return true;
  if (actual === '') return false;
  const difference = compareVersions(actual, version);
  if (operator === '=') return difference === 0;
  if (operator === '<<') return difference < 0;
  if (operator === '>>') return difference > 0;
  return operator.startsWith('<') ? difference <= 0 : difference >= 0;
}
