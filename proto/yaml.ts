import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  Parser,
} from 'yaml';
import { JamesError, type Position } from './errors.ts';

/** A value read from YAML, with the place of each of its parts. */
export interface YamlValue {
  value: unknown;
  /** Line and column of the part at a JSON pointer (of its nearest known parent if there is none). */
  positionOf(pointer: string): Position;
}

const MAX_NODES = 200_000;
/** Open collections and scalars; the library composes them by recursion, which deep nesting would carry too far. */
const MAX_DEPTH = 200;

/** Below these keys a plain scalar keeps its text: `1.10` stays `1.10`, `yes` stays `yes`. */
const TEXT_BELOW = new Set([
  'labels',
  'target',
  'components',
  'archs',
  'include',
  'exclude',
  'options',
]);
const TEXT_AT = new Set(['version', 'suite', 'id', 'name', 'description']);

/**
 * All documents of a YAML 1.2 text, empty ones left out. Labels, selectors and versions keep the text of their scalars.
 * Throws `bad-yaml` or `duplicate-key` with file, line and column. Aliases are refused.
 */
export function parseYaml(text: string, file?: string): YamlValue[] {
  const lines = new LineCounter();
  const parser = new ShallowParser(lines.addNewLine);
  // keys are compared below: the library's own comparison takes the square of their number
  const composer = new Composer({ uniqueKeys: false, merge: false, logLevel: 'error' });
  const documents = [...composer.compose(parser.parse(text))];
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return {
      ...(file !== undefined && { file }),
      line: Math.max(line, 1),
      column: Math.max(col, 1),
    };
  };
  for (const document of documents) refuseErrors(document, at);
  return documents
    .filter((document) => !isEmpty(document.contents))
    .map((document) => readDocument(document, at));
}

/** Refuses a text before anything of it is composed. */
class ShallowParser extends Parser {
  override *next(source: string): Generator<CST.Token, void> {
    yield* super.next(source);
    if (this.stack.length <= MAX_DEPTH) return;
    throw new JamesError('bad-yaml', 'The YAML is nested too deeply.');
  }
}

function isEmpty(contents: ParsedNode | null): boolean {
  return contents === null || (isScalar(contents) && contents.value === null);
}

function refuseErrors(document: Document.Parsed, at: (offset: number) => Position): void {
  const [error] = document.errors;
  if (!error) return;
  const position = at(error.pos[0]);
  const sentence = (error.message.split('\n')[0] as string).slice(0, 200);
  throw new JamesError('bad-yaml', `${describe(position)}: ${sentence}.`, { position });
}

function readDocument(document: Document.Parsed, at: (offset: number) => Position): YamlValue {
  const places = new Map<string, number>();
  const reader: Reader = { places, at, nodes: 0 };
  const value = readNode(reader, document.contents, '', false);
  return {
    value,
    positionOf(pointer) {
      for (let path = pointer; path !== ''; path = path.slice(0, path.lastIndexOf('/'))) {
        const offset = places.get(path);
        if (offset !== undefined) return at(offset);
      }
      return at(places.get('') ?? 0);
    },
  };
}

interface Reader {
  places: Map<string, number>;
  at: (offset: number) => Position;
  nodes: number;
}

function readNode(
  reader: Reader,
  node: Node | ParsedNode | null,
  pointer: string,
  asText: boolean,
): unknown {
  reader.nodes += 1;
  if (reader.nodes > MAX_NODES)
    throw new JamesError('too-large', `The YAML has more than ${MAX_NODES} parts.`);
  if (!reader.places.has(pointer)) reader.places.set(pointer, node?.range?.[0] ?? 0);
  if (isMap(node)) return readMap(reader, node.items as Pair[], pointer, asText);
  if (isSeq(node))
    return node.items.map((item, index) =>
      readNode(reader, item as Node, `${pointer}/${index}`, asText),
    );
  if (isScalar(node))
    return asText && node.type === 'PLAIN' ? textOf(node.value, node.source) : node.value;
  if (isAlias(node)) throw refused(reader, node, 'aliases are not taken');
  return null;
}

type Pair = { key: unknown; value: Node | null };

function readMap(
  reader: Reader,
  items: Pair[],
  pointer: string,
  asText: boolean,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const { key, value } of items) {
    if (!isScalar(key)) throw refused(reader, key as Node, 'a key is not a scalar');
    const name = typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
    if (Object.hasOwn(result, name)) {
      throw new JamesError(
        'duplicate-key',
        `${describe(reader.at(key.range?.[0] ?? 0))}: a key stands twice.`,
        {
          position: reader.at(key.range?.[0] ?? 0),
        },
      );
    }
    const path = `${pointer}/${name}`;
    reader.places.set(path, key.range?.[0] ?? 0);
    const below = asText ? name !== 'exists' : TEXT_BELOW.has(name) || TEXT_AT.has(name);
    Object.defineProperty(result, name, {
      value: readNode(reader, value, path, below),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return result;
}

function textOf(value: unknown, source: string | undefined): unknown {
  return value === null ? null : (source ?? String(value));
}

function refused(reader: Reader, node: Node | null, sentence: string): JamesError {
  const position = reader.at(node?.range?.[0] ?? 0);
  return new JamesError('bad-yaml', `${describe(position)}: ${sentence}.`, { position });
}

/** `file.yaml, line 3, column 5`. */
export function describe(position: Position): string {
  const place = `line ${position.line}, column ${position.column}`;
  return position.file === undefined
    ? place[0]?.toUpperCase() + place.slice(1)
    : `${position.file}, ${place}`;
}
