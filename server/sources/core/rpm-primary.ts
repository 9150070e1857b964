import { JamesError } from '../../../proto/errors.ts';
import type { PackageRecord, RelationKind } from '../../resolver/core/universe.ts';
import { readPackageBlocks } from './rpm-blocks.ts';
import { attributeOf, decodeXml, elementText, startTag } from './rpm-xml.ts';

/** Elements of `format` and the relations they hold. */
const sections: readonly (readonly [RelationKind, string])[] = [
  ['provides', 'rpm:provides'],
  ['depends', 'rpm:requires'],
  ['conflicts', 'rpm:conflicts'],
  ['obsoletes', 'rpm:obsoletes'],
  ['recommends', 'rpm:recommends'],
  ['suggests', 'rpm:suggests'],
  ['supplements', 'rpm:supplements'],
  ['enhances', 'rpm:enhances'],
];

const signs: Readonly<Record<string, string>> = { LT: '<', LE: '<=', EQ: '=', GE: '>=', GT: '>' };

/** Entries repeat a lot; so many different ones are remembered. */
const REMEMBERED = 200_000;

/**
 * Reads the bytes of a primary.xml and gives each package to `add`; source packages are passed over. Throws `bad-index`
 * for what is no such text, for a truncated one, and for a package without name, architecture or version.
 */
export function readRpmPrimary(bytes: Uint8Array, add: (record: PackageRecord) => void): void {
  const lines = new Map<string, string>();
  readPackageBlocks(bytes, 'metadata', (block) => {
    const record = recordOf(block, lines);
    if (record.arch !== 'src' && record.arch !== 'nosrc') add(record);
  });
}

function recordOf(block: string, lines: Map<string, string>): PackageRecord {
  const formatAt = block.indexOf('<format>');
  const head = formatAt < 0 ? block : block.slice(0, formatAt);
  const format = formatAt < 0 ? '' : block.slice(formatAt);
  const name = elementText(head, 'name');
  const arch = elementText(head, 'arch');
  const version = evrOf(startTag(head, 'version'));
  if (name === '' || arch === '' || version === '') throw incomplete(name);
  const size = startTag(head, 'size');
  return {
    name,
    version,
    arch,
    relations: relationsOf(format, lines),
    sourcePackage: elementText(format, 'rpm:sourcerpm'),
    location: locationOf(startTag(head, 'location')),
    size: numberOf(attributeOf(size, 'package')),
    installedSize: numberOf(attributeOf(size, 'installed')),
    checksum: checksumOf(head),
    summary: elementText(head, 'summary'),
    files: filesOf(format),
  };
}

function incomplete(name: string): JamesError {
  const which = name === '' ? 'A package' : `The package ${name.slice(0, 100)}`;
  return new JamesError('bad-index', `${which} lacks name, architecture or version.`);
}

/** `[epoch:]version-release` of a tag with `epoch`, `ver` and `rel`; '' without `ver`. */
export function evrOf(tag: string): string {
  const version = attributeOf(tag, 'ver');
  if (version === '') return '';
  const epoch = attributeOf(tag, 'epoch');
  const release = attributeOf(tag, 'rel');
  const tail = release === '' ? version : `${version}-${release}`;
  return epoch === '' || epoch === '0' ? tail : `${epoch}:${tail}`;
}

function relationsOf(format: string, lines: Map<string, string>): PackageRecord['relations'] {
  const relations: PackageRecord['relations'] = {};
  for (const [kind, element] of sections) {
    const open = format.indexOf(`<${element}>`);
    if (open < 0) continue;
    const end = format.indexOf(`</${element}>`, open);
    const text = entriesOf(format.slice(open, end < 0 ? format.length : end), lines);
    if (text !== '') relations[kind] = text;
  }
  return relations;
}

const ENTRY = '<rpm:entry ';

function entriesOf(section: string, lines: Map<string, string>): string {
  const found: string[] = [];
  for (let at = section.indexOf(ENTRY); at >= 0; at = section.indexOf(ENTRY, at)) {
    const end = section.indexOf('>', at);
    if (end < 0) break;
    found.push(remembered(section.slice(at + ENTRY.length - 1, end), lines));
    at = end;
  }
  return found.join('\n');
}

function remembered(tag: string, lines: Map<string, string>): string {
  const known = lines.get(tag);
  if (known !== undefined) return known;
  const line = lineOf(tag);
  if (lines.size < REMEMBERED) lines.set(tag, line);
  return line;
}

/** `>` may stand unescaped in an attribute, but createrepo escapes it; a name is one line. */
function lineOf(tag: string): string {
  const name = attributeOf(tag, 'name').replace(/\s+/g, ' ').trim();
  const sign = signs[attributeOf(tag, 'flags')];
  const version = evrOf(tag);
  return sign === undefined || version === '' ? name : `${name} ${sign} ${version}`;
}

/** Relative to the repository, or absolute where the package lies in another. */
function locationOf(tag: string): string {
  const href = attributeOf(tag, 'href');
  const base = attributeOf(tag, 'xml:base');
  return base === '' ? href : `${base.replace(/\/$/, '')}/${href}`;
}

function checksumOf(head: string): string {
  const open = head.indexOf('<checksum ');
  const close = head.indexOf('>', open);
  const end = head.indexOf('</checksum>', close);
  if (open < 0 || close < 0 || end < 0) return '';
  const type = attributeOf(head.slice(open, close), 'type');
  return type === 'sha256' ? `sha256:${head.slice(close + 1, end).toLowerCase()}` : '';
}

/** Numbers that are none count as 0. */
function numberOf(text: string): number {
  const number = Number(text);
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}

/** The paths of the `file` elements within `text`. */
export function filesOf(text: string): string[] {
  const files: string[] = [];
  for (let at = text.indexOf('<file'); at >= 0; at = text.indexOf('<file', at)) {
    const open = text.indexOf('>', at);
    const end = text.indexOf('<', open);
    if (open < 0 || end < 0) break;
    files.push(decodeXml(text.slice(open + 1, end)));
    at = end;
  }
  return files;
}
