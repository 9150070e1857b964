import { JamesError } from '../errors.ts';
import { addError, type Findings } from './notice.ts';
import { parseXml, type XmlElement } from './xml-tree.ts';

/** Gives the text of a file by its path inside the folder; undefined if there is none. */
export type ReadFile = (path: string) => string | undefined;

const XINCLUDE = 'http://www.w3.org/2001/XInclude';
const MAX_INCLUDES = 256;
const MAX_CHARACTERS = 16 * 1024 * 1024;

/** A tree with everything that it includes, and the files that it is made of, the first one first. */
export interface Included {
  root: XmlElement;
  files: string[];
}

/**
 * The tree of a file with its XIncludes (XInclude 1.0, `href` with whole files) in their places. Only files below the
 * folder are read. Throws `not-found` if there is no such file, and what `parseXml` throws; what is wrong with an include is found.
 */
export function readTree(path: string, read: ReadFile, found: Findings): Included {
  const files: string[] = [];
  let includes = 0;
  let characters = 0;
  const open = (file: string, above: readonly string[]): XmlElement => {
    const text = read(file);
    if (text === undefined) throw new JamesError('not-found', `There is no file ${file}.`);
    if (!files.includes(file)) files.push(file);
    characters += text.length;
    if (characters > MAX_CHARACTERS)
      throw new JamesError('too-large', `${path} includes more than ${MAX_CHARACTERS} characters.`);
    const root = parseXml(text, file);
    resolve(root, file, above);
    return root;
  };
  const resolve = (element: XmlElement, file: string, above: readonly string[]): void => {
    element.children = element.children.flatMap((child) => {
      if (child.uri !== XINCLUDE) {
        resolve(child, file, above);
        return [child];
      }
      return include(child, file, above);
    });
  };
  const include = (element: XmlElement, file: string, above: readonly string[]): XmlElement[] => {
    if (element.name !== 'include') return [];
    const target = pathOf(element.attributes.get('href') ?? '', file);
    const refuse = (sentence: string): XmlElement[] => {
      addError(found, element, sentence);
      return [];
    };
    if (target === null) return refuse('an include names a file below the folder of this one');
    if (above.includes(target)) return refuse(`${target} includes itself`);
    includes += 1;
    if (includes > MAX_INCLUDES) return refuse(`there are more than ${MAX_INCLUDES} includes`);
    if (read(target) !== undefined) return [open(target, [...above, target])];
    return element.children.some(({ name }) => name === 'fallback')
      ? []
      : refuse(`there is no file ${target} to include`);
  };
  return { root: open(path, [path]), files };
}

/** The path of `href` inside the folder, or null if it leads out of it. */
export function pathOf(href: string, from: string): string | null {
  if (href === '' || /^([a-z][a-z0-9+.-]*:|\/)/i.test(href) || href.includes('\\')) return null;
  const parts = from.split('/').slice(0, -1);
  for (const part of href.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return null;
  }
  return parts.length === 0 ? null : parts.join('/');
}
