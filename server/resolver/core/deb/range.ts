import { compareVersions } from '../../../../proto/version.ts';

const TERM = /^(<=|>=|<|>|=)?(.+)$/s;

/**
 * A range of versions as specs have it (`1.22.1-9`, `1.22.*`, `>=1.22 <2`, `*`), in dpkg's order. A space means and;
 * what cannot be read as a term is taken for a version.
 */
export function parseDebRange(text: string): (version: string) => boolean {
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
    return (version) => version.startsWith(prefix);
  }
  return (version) => {
    const difference = compareVersions(version, wanted);
    if (operator === '<') return difference < 0;
    if (operator === '<=') return difference <= 0;
    if (operator === '>') return difference > 0;
    if (operator === '>=') return difference >= 0;
    return difference === 0;
  };
}
