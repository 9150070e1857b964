import type { DesiredSource } from '../desired-source.ts';
import { refused, type SourceFile } from './source-file.ts';

const BLOCK =
  /-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n[\s\S]*?-----END PGP PUBLIC KEY BLOCK-----/g;

/**
 * The keys of a source, a file for each armored block, for apt reads only the first block of a file:
 * `PREFIX.asc`, `PREFIX-2.asc`, … Nothing for a source without keys. Throws `bad-document` if the text holds no key.
 */
export function keyFiles(source: DesiredSource, prefix: string): SourceFile[] {
  if (source.signedBy === null) return [];
  const blocks = source.signedBy.match(BLOCK) ?? [];
  if (blocks.length === 0) {
    throw refused(source, 'signedBy', source.signedBy, 'an armored OpenPGP public key is needed');
  }
  return blocks.map((block, index) => ({
    path: `${prefix}${index === 0 ? '' : `-${index + 1}`}.asc`,
    content: `${block.replace(/\r/g, '')}\n`,
    mode: 0o644,
  }));
}
