import { documentFault, isRecord, type Locate, nowhere } from './document-fault.ts';
import { readSource } from './read-source.ts';
import { readSpec } from './read-spec.ts';
import type { Source } from './source.ts';
import { type Spec, UNSUPPORTED_KINDS } from './spec.ts';
import { parseYaml } from './yaml.ts';

/** What a document of each kind says. */
export interface DocumentOf {
  Spec: Spec;
  Source: Source;
}
export type Kind = keyof DocumentOf;
export const kinds = ['Spec', 'Source'] as const satisfies readonly Kind[];

/** A document that says its kind. */
export type Document = { [K in Kind]: DocumentOf[K] & { kind: K } }[Kind];

/** Reads a document of each kind. */
const readers: { [K in Kind]: (value: unknown, locate: Locate) => DocumentOf[K] } = {
  Spec: readSpec,
  Source: readSource,
};

/** The documents of a YAML text, in order. Throws with file, line and column. */
export function parseDocuments(text: string, file?: string): Document[] {
  return parseYaml(text, file).map(({ value, positionOf }) => readDocument(value, positionOf));
}

/** A document of any kind (Spec if it does not say), checked, from a value that JSON or YAML gave. */
export function readDocument(value: unknown, locate: Locate = nowhere): Document {
  const kind = kindOf(value, locate);
  return kind === 'Spec'
    ? { kind, ...readSpec(value, locate) }
    : { kind, ...readSource(value, locate) };
}

/** A document of the kind that is meant; one that says another kind is refused. */
export function readDocumentOf<K extends Kind>(
  kind: K,
  value: unknown,
  locate: Locate = nowhere,
): DocumentOf[K] {
  const said = kindOf(value, locate, kind);
  if (said !== kind) {
    const sentence = `a document of kind ${kind} belongs here, not one of kind ${said}`;
    throw documentFault('bad-document', sentence, '/kind', locate);
  }
  return readers[kind](kind === 'Source' && isRecord(value) ? { kind, ...value } : value, locate);
}

function kindOf(value: unknown, locate: Locate, otherwise: Kind = 'Spec'): Kind {
  const said = isRecord(value) ? (value.kind ?? otherwise) : otherwise;
  const kind = kinds.find((one) => one === said);
  if (kind) return kind;
  const later = UNSUPPORTED_KINDS.find((one) => one === said);
  if (later) {
    const sentence = `documents of kind ${later} are not supported by this release`;
    throw documentFault('unsupported', sentence, '/kind', locate);
  }
  const sentence = `"kind" must be ${kinds.join(' or ')}`;
  throw documentFault('bad-document', sentence, '/kind', locate);
}
