import { SaxesParser } from 'saxes';
import { JamesError, type Position } from '../errors.ts';
import { describe } from '../yaml.ts';

/** An element, where it stands, and what it holds. */
export interface XmlElement {
  /** Without prefix. */
  name: string;
  /** The name of its namespace; '' for none. */
  uri: string;
  /** Those without namespace, by name. */
  attributes: ReadonlyMap<string, string>;
  children: XmlElement[];
  /** Its own text, trimmed. */
  text: string;
  position: Position;
}

const MAX_CHARACTERS = 8 * 1024 * 1024;
const MAX_DEPTH = 64;
const MAX_ELEMENTS = 100_000;
const MAX_ATTRIBUTES = 64;

/**
 * The tree of an XML 1.0 text. No document type is taken, so no entity but the five of XML itself is ever replaced, and
 * nothing outside the text is read. Throws `bad-xml` or `too-large` with file, line and column.
 */
export function parseXml(text: string, file: string): XmlElement {
  if (text.length > MAX_CHARACTERS)
    throw new JamesError('too-large', `${file} has more than ${MAX_CHARACTERS} characters.`);
  const parser = new SaxesParser({ xmlns: true, position: true, fileName: file });
  const at = positions(text, file);
  const reading: Reading = { roots: [], open: [], elements: 0 };
  const here = (): Position => at(parser.position);
  const fail = (sentence: string, position: Position, code: JamesError['code'] = 'bad-xml') => {
    throw new JamesError(code, `${describe(position)}: ${sentence}.`, { position });
  };
  let start = 0;
  parser.on('error', ({ message }) => {
    const sentence = message.replace(/^.*?\d+:\d+: /, '').replace(/\.$/, '');
    fail(sentence.slice(0, 200), here());
  });
  parser.on('doctype', () => fail('a document type (DOCTYPE) is not taken', here()));
  parser.on('opentagstart', ({ name }) => {
    start = text.lastIndexOf(`<${name}`, parser.position);
  });
  parser.on('opentag', (tag) => {
    reading.elements += 1;
    const position = at(start);
    if (reading.elements > MAX_ELEMENTS) fail('there are too many elements', position, 'too-large');
    if (reading.open.length >= MAX_DEPTH) fail('it is nested too deeply', position);
    const attributes = Object.values(tag.attributes);
    if (attributes.length > MAX_ATTRIBUTES) fail('it has too many attributes', position);
    open(reading, {
      name: tag.local,
      uri: tag.uri,
      attributes: new Map(
        attributes.filter(({ uri }) => uri === '').map(({ name, value }) => [name, value]),
      ),
      children: [],
      text: '',
      position,
    });
  });
  const addText = (chunk: string): void => {
    const element = reading.open.at(-1);
    if (element) element.text += chunk;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    const element = reading.open.pop();
    if (element) element.text = element.text.trim();
  });
  parser.write(text).close();
  const [root] = reading.roots;
  if (!root) throw new JamesError('bad-xml', `${file} has no element.`);
  return root;
}

interface Reading {
  roots: XmlElement[];
  open: XmlElement[];
  elements: number;
}

function open({ roots, open: stack }: Reading, element: XmlElement): void {
  (stack.at(-1)?.children ?? roots).push(element);
  stack.push(element);
}

/** Gives line and column of an index; both count from 1. */
function positions(text: string, file: string): (index: number) => Position {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (index) => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] as number) <= index) low = middle;
      else high = middle - 1;
    }
    return { file, line: low + 1, column: Math.max(index, 0) - (starts[low] as number) + 1 };
  };
}
