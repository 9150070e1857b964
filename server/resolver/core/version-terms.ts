const TERM = /^(<=|>=|<|>|=)?(.+)$/s;

/** How a family holds a version against one term of a range. */
export interface TermOrder {
  /** Negative if `version` is before `wanted`; `exact`: the term names one version. */
  compare(version: string, wanted: string, exact: boolean): number;
  /** The text of `version` that a beginning is looked for in. */
  textFor(version: string, prefix: string): string;
}

/**
 * A range of versions as specs have it (`1.22.1-9`, `1.22.*`, `>=1.22 <2`, `*`). A space means and; what cannot be read
 * as a term is taken for a version.
 */
export function parseTerms(text: string, order: TermOrder): (version: string) => boolean {
  const terms = text
    .split(/\s+/)
    .filter((term) => term !== '')
    .map((term) => parseTerm(term, order));
  return (version) => terms.every((holds) => holds(version));
}

function parseTerm(text: string, order: TermOrder): (version: string) => boolean {
  if (text === '*') return () => true;
  const [, operator = '=', wanted = text] = TERM.exec(text) ?? [];
  if (operator === '=' && wanted.endsWith('*')) {
    const prefix = wanted.slice(0, -1);
    return (version) => order.textFor(version, prefix).startsWith(prefix);
  }
  return (version) => {
    const difference = order.compare(version, wanted, operator === '=');
    if (operator === '<') return difference < 0;
    if (operator === '<=') return difference <= 0;
    if (operator === '>') return difference > 0;
    if (operator === '>=') return difference >= 0;
    return difference === 0;
  };
}
