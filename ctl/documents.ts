import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readDocumentOf } from '../proto/document.ts';
import { JamesError, type Position } from '../proto/errors.ts';
import type { Spec } from '../proto/spec.ts';
import { describe, parseYaml, type YamlValue } from '../proto/yaml.ts';
import { SeveralErrors } from './several-errors.ts';
import type { Surroundings } from './surroundings.ts';

/** A document and where it stands. */
export interface LocatedSpec {
  spec: Spec;
  position: Position;
}

export interface Documents {
  documents: LocatedSpec[];
  errors: JamesError[];
}

const MAX_BYTES = 16 * 1024 * 1024;
const SUFFIXES = ['.yaml', '.yml', '.json'];

/** All documents of the files, directories (their `.yaml`, `.yml` and `.json` files) and `-` for stdin, or all errors. */
export async function readDocuments(
  paths: readonly string[],
  surroundings: Pick<Surroundings, 'cwd' | 'stdin'>,
): Promise<Spec[]> {
  const { documents, errors } = await collectDocuments(paths, surroundings);
  if (errors.length > 0) throw new SeveralErrors(errors);
  if (documents.length === 0)
    throw new JamesError('bad-document', `There is no document in ${paths.join(', ')}.`);
  return documents.map(({ spec }) => spec);
}

/** The same, with the errors beside what is right. Files that cannot be read throw. */
export async function collectDocuments(
  paths: readonly string[],
  { cwd, stdin }: Pick<Surroundings, 'cwd' | 'stdin'>,
): Promise<Documents> {
  const found: Documents = { documents: [], errors: [] };
  for (const path of paths) {
    for (const file of await filesOf(path, cwd)) {
      const bytes = file === '-' ? await readAll(stdin) : await readBytes(resolve(cwd, file), file);
      addDocuments(found, bytes, file === '-' ? 'stdin' : file);
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

function addDocuments(found: Documents, bytes: Uint8Array, file: string): void {
  const values = attempt(found.errors, () => parseYaml(decode(bytes, file), file)) ?? [];
  for (const value of values) {
    const spec = attempt(found.errors, () => readOne(value));
    if (spec) found.documents.push({ spec, position: value.positionOf('') });
  }
}

function readOne({ value, positionOf }: YamlValue): Spec {
  return readDocumentOf('Spec', value, positionOf);
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
    if (!(error instanceof JamesError)) throw error;
    errors.push(error);
    return undefined;
  }
}

function repeated(documents: readonly LocatedSpec[]): JamesError[] {
  const first = new Map<string, Position>();
  return documents.flatMap(({ spec, position }) => {
    const before = first.get(spec.id);
    if (!before) {
      first.set(spec.id, position);
      return [];
    }
    const sentence = `${describe(position)}: spec ${spec.id} stands also in ${describe(before)}; give it once.`;
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
