import { JamesError, type Position } from '../errors.ts';
import { describe } from '../yaml.ts';
import type { XmlElement } from './xml-tree.ts';

/** What is worth knowing and stops nobody: a sentence with its place. */
export interface Notice {
  sentence: string;
  position: Position;
}

/** What is found on the way. */
export interface Findings {
  errors: JamesError[];
  notices: Notice[];
}

/** Adds an error at an element. */
export function addError(
  { errors }: Findings,
  { position }: XmlElement,
  sentence: string,
  code: JamesError['code'] = 'bad-document',
): void {
  errors.push(new JamesError(code, `${describe(position)}: ${sentence}.`, { position }));
}

/** Adds a notice at an element. */
export function addNotice({ notices }: Findings, { position }: XmlElement, sentence: string): void {
  notices.push({ sentence: `${describe(position)}: ${sentence}.`, position });
}
