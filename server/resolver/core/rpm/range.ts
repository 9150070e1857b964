import { compareForRelation, parseEvr } from './version.ts';

const TERM = /^(<=|>=|<|>|=)?(.+)$/s;

/**
 * A range of versions as specs have it (`1.22.1-9`, `1.22.*`, `>=1.22 <2`, `*`), in rpm's order. A space means and. A
 * release that the term lacks does not count; nor, where one version or a beginning is named, an epoch that it lacks.
 */
export function parseRpmRange(text: string): (version: string) => boolean {
  const terms = text
    .split(/\s+/)
    .filter((term) => term !== '')
    .map(parseTerm);
  return (version) => terms.every((holds) => holds(version));
}

function parseTerm(text: string): (version: string) => boolean {
  if (text === '*') return () => true;
  const [, operator = '=', wanted = text] = TERM.exec(text) ?? [];
  if (operator === '=' && wanted.endsWith('*')) {
    const prefix = wanted.slice(0, -1);
    return (version) => alike(version, prefix).startsWith(prefix);
  }
  const target = parseEvr(wanted);
  return (version) => {
    const found = parseEvr(operator === '=' ? alike(version, wanted) : version);
    const difference = compareForRelation(found, target);
    if (operator === '<') return difference < 0;
    if (operator === '<=') return difference <= 0;
    if (operator === '>') return difference > 0;
    if (operator === '>=') return difference >= 0;
    return difference === 0;
  };
}

/** The version without its epoch where the other text has none. */
function alike(version: string, other: string): string {
  return /^[0-9]+:/.test(other) ? version : version.replace(/^[0-9]+:/, '');
}
