import { type Document, readDocument } from '../document.ts';
import { JamesError, type Position } from '../errors.ts';
import { describe } from '../yaml.ts';
import { type BundleSpec, specsOf } from './bundle-specs.ts';
import { checkXml } from './check-xml.ts';
import { type ReadFile, readTree } from './include.ts';
import { labelsNeeded, type NeededLabel } from './labels-needed.ts';
import { addError, type Findings, type Notice } from './notice.ts';
import { readBundle } from './read-bundle.ts';
import { readSources } from './read-sources.ts';
import { roots } from './schema.ts';
import type { SourceDraft } from './source-draft.ts';
import { withIds } from './source-ids.ts';
import type { XmlElement } from './xml-tree.ts';

/** A document and where it comes from. */
export interface ImportedDocument {
  document: Document;
  position: Position;
}

/** What Bcfg2's files say, in the words of jamesd. */
export interface Bcfg2Import {
  /** None if there is an error. */
  documents: ImportedDocument[];
  errors: JamesError[];
  notices: Notice[];
  /** The labels that decide which devices get them, and that no device has by itself. */
  labels: NeededLabel[];
  /** The files that were read, with those that others include. */
  files: string[];
}

export interface Bcfg2Options {
  /** The text of public keys, for sources that name none of their own. */
  signedBy?: string | undefined;
}

/**
 * Reads files of Bcfg2 (`Packages/config.xml` of 1.0 and 1.1, `Packages/sources.xml` since 1.2, bundles) by their paths in
 * the folder that `read` reads. The same files give the same documents, in any order. A file that another one includes
 * is not read once more.
 */
export function importBcfg2(
  paths: readonly string[],
  read: ReadFile,
  options: Bcfg2Options = {},
): Bcfg2Import {
  const found: Findings = { errors: [], notices: [] };
  const files = new Set<string>();
  const trees = new Map<string, XmlElement>();
  const included = new Set<string>();
  for (const path of paths) {
    const tree = attempt(found, () => readTree(path, read, found));
    if (!tree) continue;
    trees.set(path, tree.root);
    for (const [index, file] of tree.files.entries()) {
      files.add(file);
      if (index > 0) included.add(file);
    }
  }
  const sources: SourceDraft[] = [];
  const specs: BundleSpec[] = [];
  for (const [path, root] of trees) {
    if (included.has(path) || !isRight(root, found)) continue;
    if (root.name === 'Sources') sources.push(...readSources(root, read, found));
    else specs.push(...specsOf(bundleName(root, path), readBundle(root, found)));
  }
  const documents = documentsOf(sources, specs, options, found);
  return {
    documents: found.errors.length > 0 ? [] : documents,
    ...found,
    labels: labelsNeeded(documents.map(({ document }) => document)),
    files: [...files],
  };
}

/** Known at the root, and right by the schema. */
function isRight(root: XmlElement, found: Findings): boolean {
  const before = found.errors.length;
  const rule = Object.hasOwn(roots, root.name) ? roots[root.name] : undefined;
  if (rule) checkXml(root, rule, found);
  else addError(found, root, `<${root.name}> is no file of sources and no bundle`);
  return found.errors.length === before;
}

function bundleName(root: XmlElement, path: string): string {
  const file = path.split('/').at(-1) ?? path;
  return root.attributes.get('name') ?? file.replace(/\.xml$/i, '');
}

function documentsOf(
  drafts: readonly SourceDraft[],
  specs: readonly BundleSpec[],
  { signedBy }: Bcfg2Options,
  found: Findings,
): ImportedDocument[] {
  const sources = withIds(drafts, found).map(({ source, position }) => {
    const key = source.signedBy ?? signedBy;
    const trust = key === undefined ? { trusted: true } : { signedBy: key };
    return { value: { kind: 'Source', ...source, ...trust }, position };
  });
  const unsigned = sources.find(({ value }) => 'trusted' in value);
  if (unsigned) {
    const sentence = `${describe(unsigned.position)}: sources without a key are taken without a signature (trusted: true), as Bcfg2 did; give the keys to have them verified.`;
    found.notices.push({ sentence, position: unsigned.position });
  }
  const wanted = specs.map(({ spec, position }) => ({
    value: { kind: 'Spec', ...spec },
    position,
  }));
  wanted.sort((a, b) => (a.value.id < b.value.id ? -1 : 1));
  const documents = [...sources, ...wanted].flatMap(({ value, position }) => {
    const document = attempt(found, () => readDocument(value, () => position));
    return document ? [{ document, position }] : [];
  });
  found.errors.push(...namesakes(documents));
  return documents;
}

/** Bundles of one name in several files. */
function namesakes(documents: readonly ImportedDocument[]): JamesError[] {
  const first = new Map<string, Position>();
  return documents.flatMap(({ document: { kind, id }, position }) => {
    const before = first.get(`${kind} ${id}`);
    first.set(`${kind} ${id}`, before ?? position);
    if (!before) return [];
    const sentence = `${describe(position)}: this becomes ${kind.toLowerCase()} ${id}, as does ${describe(before)}; give the bundles different names.`;
    return [new JamesError('bad-document', sentence, { position })];
  });
}

function attempt<Value>({ errors }: Findings, read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof JamesError)) throw error;
    errors.push(error);
    return undefined;
  }
}
