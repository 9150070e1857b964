import type { DesiredSource } from '../desired-source.ts';
import { JamesError } from '../errors.ts';

/** A file of a package manager's configuration; the path is the device's, `mode` the permission bits. */
export interface SourceFile {
  path: string;
  content: string;
  mode: number;
}

/** User and password by the name of the secret (`DesiredSource.auth`). */
export type Secrets = ReadonlyMap<string, { username: string; password: string }>;

export interface RenderOptions {
  /** The package manager's root, where it is not `/`: set before every path that stands inside a file. */
  root?: string;
  /** Absent: addresses without credentials, as anybody may read them. */
  secrets?: Secrets;
}

/** The first line of every generated file that knows comments. */
export const MANAGED = '# Written by jamesd. Changes are overwritten.';

/**
 * Returns `text`, which is to stand on a line of its own in a file. Throws `bad-document` if it would end the line or hide
 * something (control characters), naming the source and what the text is.
 */
export function oneLine(source: DesiredSource, what: string, text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not pass
  if (/[\u0000-\u001f\u007f\u0085\u2028\u2029]/.test(text)) {
    throw refused(source, what, text, 'it must be one line without control characters');
  }
  return text;
}

/** As `oneLine`, for a text that stands in a list that spaces separate. */
export function oneWord(source: DesiredSource, what: string, text: string): string {
  if (text === '' || /[\s"'[\]\\]/.test(text)) {
    throw refused(source, what, text, 'spaces, quotes, brackets and backslashes cannot stand here');
  }
  return oneLine(source, what, text);
}

/**
 * The file that a source's template made. The server writes the device's own paths of `files` into it; below a root of its
 * own they lie elsewhere.
 */
export function ownFile(
  { path, content }: { path: string; content: string },
  files: readonly SourceFile[],
  { root }: RenderOptions,
): SourceFile {
  if (root === undefined) return { path, content, mode: 0o644 };
  const paths = files.map((file) => file.path).sort((a, b) => b.length - a.length);
  const placed = paths.reduce((text, one) => text.replaceAll(one, `${root}${one}`), content);
  return { path, content: placed, mode: 0o644 };
}

/** The error for a value that no file can carry. */
export function refused(
  source: DesiredSource,
  what: string,
  text: string,
  why: string,
): JamesError {
  const shown = JSON.stringify(text.slice(0, 80));
  return new JamesError(
    'bad-document',
    `Source ${source.id}: ${what} ${shown} is refused: ${why}.`,
  );
}

/** Files of a path together: the same content is written once. Throws `conflict` where two differ. */
export function mergeFiles(files: readonly SourceFile[]): SourceFile[] {
  const byPath = new Map<string, SourceFile>();
  for (const file of files) {
    const other = byPath.get(file.path);
    if (other && other.content !== file.content) {
      throw new JamesError(
        'conflict',
        `Two sources write ${file.path} with different contents: give one of them another path.`,
      );
    }
    byPath.set(file.path, other ?? file);
  }
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}
