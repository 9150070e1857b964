import type { Want } from '../resolver/core/resolution.ts';

/**
 * A word of a request: `name`, `name:arch`, `name=version`, `name:arch=version`. The version may be a range without
 * spaces (`nginx=1.22.*`, `nginx=>=1.22`).
 */
export function parseWant(word: string, archs: readonly string[]): Want {
  const equals = word.indexOf('=', 1);
  const named = equals < 0 ? word : word.slice(0, equals);
  const version = equals < 0 ? undefined : word.slice(equals + 1);
  const colon = named.lastIndexOf(':');
  const arch = colon < 0 ? undefined : named.slice(colon + 1);
  const isArch = arch !== undefined && (archs.includes(arch) || /^[a-z0-9_-]+$/.test(arch));
  return {
    name: isArch ? named.slice(0, colon) : named,
    ...(isArch && { arch }),
    ...(version !== undefined && version !== '' && { version }),
  };
}

/** The requests of a text: a line each, words apart by blanks; empty lines and those that begin with `#` are none. */
export function requestLines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}
