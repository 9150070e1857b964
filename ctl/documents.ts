import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type Document, type DocumentOf, type Kind, readDocument } from '../proto/document.ts';
import { JamesError, type Position } from '../proto/errors.ts';
import { describe, parseYaml } from '../proto/yaml.ts';
import { SeveralErrors } from './several-errors.ts';
import { withKeyText } from './signing-key.ts';
import type { Surroundings } from './surroundings.ts';

/** A document and where it stands. */
export interface LocatedDocument {
  document: Document;
  position: Position;
}

export interface Documents {
  documents: LocatedDocument[];
  errors: JamesError[];
}

const MAX_BYTES = 16 * 1024 * 1024;
const SUFFIXES = ['.yaml', '.yml', '.json'];

/** All documents of the files, directories (their `.yaml`, `.yml` and `.json` files) and `-` for stdin, or all errors. */
export async function readDocuments(
  paths: readonly string[],
  surroundings: Pick<Surroundings, 'cwd' | 'stdin'>,
): Promise<LocatedDocument[]> {
  const { documents, errors } = await collectDocuments(paths, surroundings);
  if (errors.length > 0) throw new SeveralErrors(errors);
  if (documents.length === 0)
    throw new JamesError('bad-document', `There is no document in ${paths.join(', ')}.`);
  return documents;
}

/** The same for a verb that takes one kind; one of another kind is an error with its place. */
export async function readDocumentsOf<K extends Kind>(
  kind: K,
  paths: readonly string[],
  surroundings: Pick<Surroundings, 'cwd' | 'stdin'>,
): Promise<(DocumentOf[K] & { kind: K })[]> {
  const located = await readDocuments(paths, surroundings);
  const others = located.filter(({ document }) => document.kind !== kind);
  if (others.length > 0) {
    throw new SeveralErrors(
      others.map(({ document, position }) => {
        const sentence = `${describe(position)}: this is a ${document.kind}, and a ${kind} is asked for; apply takes all kinds.`;
        return new JamesError('bad-document', sentence, { position });
      }),
    );
  }
  return located.map(({ document }) => document as unknown as DocumentOf[K] & { kind: K });
}

/** The same as `readDocuments`, with the errors beside what is right. Files that cannot be read throw. */
export async function collectDocuments(
  paths: readonly string[],
  { cwd, stdin }: Pick<Surroundings, 'cwd' | 'stdin'>,
): Promise<Documents> {
  const found: Documents = { documents: [], errors: [] };
  for (const path of paths) {
    for (const file of await filesOf(path, cwd)) {
      const bytes = file === '-' ? await readAll(stdin) : await readBytes(resolve(cwd, file), file);
      const beside = file === '-' ? cwd : dirname(resolve(cwd, file));
      await addDocuments(found, bytes, { file: file === '-' ? 'stdin' : file, beside });
    }
  }
  found.errors.push(...repeated(found.documents));
  return found;
}

async function filesOf(path: string, cwd: string): Promise<string[]> {
  if (path === '-') return [path];
  const info = await stat(resolve(cwd, path)).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if (path.endsWith('.xml'))
    throw new JamesError('usage', `${path} is a file of Bcfg2: source import takes it.`);
  if (!info.isDirectory()) return [path];
  const names = (await readdir(resolve(cwd, path))).filter((name) =>
    SUFFIXES.some((suffix) => name.endsWith(suffix)),
  );
  if (names.length === 0)
    throw new JamesError('not-found', `${path} has no ${SUFFIXES.join(', ')} file.`);
  return names.sort().map((name) => join(path, name));
}

async function readBytes(path: string, shown: string): Promise<Uint8Array> {
  return await readFile(path).catch((cause: unknown) => {
    throw unreadable(shown, cause);
  });
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > MAX_BYTES) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function addDocuments(
  found: Documents,
  bytes: Uint8Array,
  { file, beside }: { file: string; beside: string },
): Promise<void> {
  const values = attempt(found.errors, () => parseYaml(decode(bytes, file), file)) ?? [];
  for (const value of values) {
    try {
      const complete = await withKeyText(value, beside);
      const document = readDocument(complete, value.positionOf);
      found.documents.push({ document, position: value.positionOf('') });
    } catch (error) {
      keep(found.errors, error);
    }
  }
}

function decode(bytes: Uint8Array, file: string): string {
  if (bytes.length > MAX_BYTES)
    throw new JamesError('too-large', `${file} has more than ${MAX_BYTES} bytes.`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new JamesError('bad-yaml', `${file} is not UTF-8 text.`, { cause });
  }
}

function attempt<Value>(errors: JamesError[], read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    keep(errors, error);
    return undefined;
  }
}

function keep(errors: JamesError[], error: unknown): void {
  if (!(error instanceof JamesError)) throw error;
  errors.push(error);
}

function repeated(documents: readonly LocatedDocument[]): JamesError[] {
  const first = new Map<string, Position>();
  return documents.flatMap(({ document, position }) => {
    const name = `${document.kind.toLowerCase()} ${document.id}`;
    const before = first.get(name);
    if (!before) {
      first.set(name, position);
      return [];
    }
    const sentence = `${describe(position)}: ${name} stands also in ${describe(before)}; give it once.`;
    return [new JamesError('bad-document', sentence, { position })];
  });
}

function unreadable(path: string, cause: unknown): JamesError {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return new JamesError('not-found', `There is no file ${path}.`, { cause });
  return new JamesError('bad-request', `${path} cannot be read: ${(cause as Error).message}.`, {
    cause,
  });
}
