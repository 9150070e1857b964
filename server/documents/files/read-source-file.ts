import { readFileSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { armored } from '../../../proto/armor.ts';
import { importBcfg2 } from '../../../proto/bcfg2/import.ts';
import { readDocument } from '../../../proto/document.ts';
import { documentFault, isRecord } from '../../../proto/document-fault.ts';
import { JamesError } from '../../../proto/errors.ts';
import type { Source } from '../../../proto/source.ts';
import { describe, parseYaml, type YamlValue } from '../../../proto/yaml.ts';

/** What a file of sources says. */
export interface SourceFile {
  sources: ReadonlyMap<string, Source>;
  /** The files that it is made of, itself among them. */
  parts: string[];
  /** What is worth knowing and stops nobody. */
  notices: string[];
}

const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Reads a YAML file of sources, or one of Bcfg2 (`.xml`) with what it includes. Throws the first thing that is wrong, with
 * its place: nothing of a broken file counts.
 */
export async function readSourceFile(path: string): Promise<SourceFile> {
  return path.endsWith('.xml') ? readXmlFile(path) : readYamlFile(path);
}

async function readYamlFile(path: string): Promise<SourceFile> {
  const { size } = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if (size > MAX_BYTES) throw tooLarge(path);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  const sources = new Map<string, Source>();
  const parts = [path];
  for (const value of parseYaml(text, path)) {
    const source = await sourceOf(value, path, parts);
    if (sources.has(source.id))
      throw documentFault('bad-document', `source ${source.id} stands twice`, '', value.positionOf);
    sources.set(source.id, source);
  }
  return { sources, parts, notices: [] };
}

/** A source of a document; `signedBy` and `ca` may name files beside it. */
async function sourceOf(
  { value, positionOf }: YamlValue,
  path: string,
  parts: string[],
): Promise<Source> {
  let complete = value;
  for (const name of ['signedBy', 'ca'])
    complete = await withText(complete, { name, beside: dirname(path), parts }, (sentence) =>
      documentFault('bad-document', sentence, `/${name}`, positionOf),
    );
  const { kind, ...document } = readDocument(complete, positionOf);
  if (kind === 'Source') return document as Source;
  throw documentFault(
    'bad-document',
    'only sources (kind: Source) belong here',
    '/kind',
    positionOf,
  );
}

/** With the text of the file that a field names; the file is one of the parts of what was read. */
async function withText(
  value: unknown,
  { name, beside, parts }: { name: string; beside: string; parts: string[] },
  refuse: (sentence: string) => Error,
): Promise<unknown> {
  const file = isRecord(value) ? value[name] : undefined;
  if (!isRecord(value) || typeof file !== 'string' || file.includes('-----BEGIN')) return value;
  const path = resolve(beside, file);
  parts.push(path);
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw refuse(`source: the key ${path} cannot be read (${error.code})`);
  });
  return { ...value, [name]: name === 'ca' ? bytes.toString('utf8') : armored(bytes) };
}

function readXmlFile(path: string): SourceFile {
  const folder = dirname(path);
  const read = importBcfg2([basename(path)], (file) => readPart(join(folder, file)));
  const [error] = read.errors;
  if (error) throw error;
  const sources = new Map<string, Source>();
  for (const { document, position } of read.documents) {
    const { kind, ...source } = document;
    if (kind !== 'Source') {
      const sentence = `${describe(position)}: a bundle is no source; take it with source import.`;
      throw new JamesError('bad-document', sentence, { position });
    }
    sources.set(source.id, source as Source);
  }
  return {
    sources,
    parts: read.files.map((file) => join(folder, file)),
    notices: read.notices.map(({ sentence }) => sentence),
  };
}

/** Undefined where there is no such file. */
function readPart(path: string): string | undefined {
  const info = statSync(path, { throwIfNoEntry: false });
  if (!info?.isFile()) return undefined;
  if (info.size > MAX_BYTES) throw tooLarge(path);
  return readFileSync(path, 'utf8');
}

function tooLarge(path: string): JamesError {
  return new JamesError('too-large', `${path} has more than ${MAX_BYTES} bytes.`);
}

function unreadable(path: string, cause: unknown): JamesError {
  const { code } = cause as NodeJS.ErrnoException;
  return new JamesError('not-found', `${path} cannot be read (${code}).`, { cause });
}
