import { SaxesParser } from 'saxes';
import { JamesError } from '../../../proto/errors.ts';

/** An element: its local name, its attributes by the name they are written with, what it holds. */
export interface XmlElement {
  name: string;
  attributes: Readonly<Record<string, string>>;
  children: XmlElement[];
  text: string;
}

/** Deeper nesting and more elements than any metadata file of a repository has. */
const MAX_DEPTH = 32;
const MAX_ELEMENTS = 500_000;

/** Reads a small XML text as a tree. Throws `bad-index` with line and column where it is not well-formed. */
export function readXml(text: string, file: string): XmlElement {
  const root: XmlElement = { name: '', attributes: {}, children: [], text: '' };
  const stack = [root];
  let count = 0;
  const parser = new SaxesParser<{ xmlns: false; position: true }>({
    xmlns: false,
    position: true,
  });
  const fail = (why: string): never => {
    const position = { file, line: parser.line, column: parser.column + 1 };
    const where = `${file}, line ${position.line}, column ${position.column}`;
    throw new JamesError('bad-index', `${where}: ${why}`, { position });
  };
  parser.on('error', (error) => fail(error.message));
  parser.on('opentag', ({ name, attributes }) => {
    count += 1;
    if (stack.length > MAX_DEPTH || count > MAX_ELEMENTS) fail('too many elements.');
    const element: XmlElement = { name: localName(name), attributes, children: [], text: '' };
    stack.at(-1)?.children.push(element);
    stack.push(element);
  });
  parser.on('closetag', () => stack.pop());
  parser.on('text', (chunk) => {
    const element = stack.at(-1);
    if (element) element.text += chunk;
  });
  parser.write(text).close();
  return root.children[0] ?? fail('it is empty.');
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

/** The children of that name. */
export function childrenOf(element: XmlElement | undefined, name: string): XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

/** The trimmed text of the first child of that name, '' if there is none. */
export function childText(element: XmlElement | undefined, name: string): string {
  return childrenOf(element, name)[0]?.text.trim() ?? '';
}
