/**
 * The order of versions as dpkg has it: Debian policy 5.6.12, [epoch:]upstream[-revision]. Any text has a place in the
 * order, so it is total; a text that is no Debian version is compared by the same rules.
 */
export function compareVersions(a: string, b: string): -1 | 0 | 1 {
  const left = split(a);
  const right = split(b);
  return (
    compareNumbers(left.epoch, right.epoch) ||
    comparePart(left.upstream, right.upstream) ||
    comparePart(left.revision, right.revision)
  );
}

const PRE_RELEASE = /-(?=(?:alpha|beta|dev|pre|rc)(?:[0-9.-]|$))/gi;

/**
 * A packet's version in the form that is ordered: `-` before alpha, beta, dev, pre or rc counts as `~`, so that a release
 * candidate sorts before its release.
 */
export function preReleaseAware(version: string): string {
  return version.replace(PRE_RELEASE, '~');
}

/** The order of two `version` labels of packets. */
export function comparePacketVersions(a: string, b: string): -1 | 0 | 1 {
  return compareVersions(preReleaseAware(a), preReleaseAware(b));
}

function split(version: string): { epoch: string; upstream: string; revision: string } {
  const colon = version.indexOf(':');
  const hasEpoch = colon > 0 && /^[0-9]+$/.test(version.slice(0, colon));
  const epoch = hasEpoch ? version.slice(0, colon) : '0';
  const rest = hasEpoch ? version.slice(colon + 1) : version;
  const hyphen = rest.lastIndexOf('-');
  if (hyphen < 0) return { epoch, upstream: rest, revision: '' };
  return { epoch, upstream: rest.slice(0, hyphen), revision: rest.slice(hyphen + 1) };
}

/** Alternating runs of non-digits (`~` before the end, letters before others) and of digits (by value). */
function comparePart(a: string, b: string): -1 | 0 | 1 {
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a, i)) || (j < b.length && !isDigit(b, j))) {
      const difference = order(a, i) - order(b, j);
      if (difference !== 0) return difference < 0 ? -1 : 1;
      i += 1;
      j += 1;
    }
    const left = digitsFrom(a, i);
    const right = digitsFrom(b, j);
    const difference = compareNumbers(left, right);
    if (difference !== 0) return difference;
    i += left.length;
    j += right.length;
  }
  return 0;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

/** dpkg's weights: `~` below the end of the part, the end and digits alike, letters, then all else. */
function order(text: string, at: number): number {
  if (at >= text.length || isDigit(text, at)) return 0;
  const code = text.charCodeAt(at);
  if (code === 126) return -1;
  const isLetter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
  return isLetter ? code : code + 65_536;
}

function digitsFrom(text: string, start: number): string {
  let end = start;
  while (end < text.length && isDigit(text, end)) end += 1;
  return text.slice(start, end);
}

/** Compares runs of digits of any length by value. */
function compareNumbers(a: string, b: string): -1 | 0 | 1 {
  const left = a.replace(/^0+/, '');
  const right = b.replace(/^0+/, '');
  if (left.length !== right.length) return left.length < right.length ? -1 : 1;
  return left === right ? 0 : left < right ? -1 : 1;
}
