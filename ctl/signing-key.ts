import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { armored } from '../proto/armor.ts';
import { documentFault, isRecord } from '../proto/document-fault.ts';
import { JamesError } from '../proto/errors.ts';
import type { YamlValue } from '../proto/yaml.ts';

const MAX_BYTES = 700_000;

/**
 * The value with the text of the key in place of the name of its file: `signedBy` of a source names a file beside the
 * document. A keyring that is not armored becomes so. Throws `bad-document` with the place of `signedBy`.
 */
export async function withKeyText(
  { value, positionOf }: YamlValue,
  beside: string,
): Promise<unknown> {
  if (!isRecord(value) || value.kind !== 'Source') return value;
  const { signedBy } = value;
  if (typeof signedBy !== 'string' || signedBy.includes('-----BEGIN')) return value;
  const refuse = (sentence: string): Error =>
    documentFault('bad-document', `source: ${sentence}`, '/signedBy', positionOf);
  if (signedBy === '' || signedBy.includes('\n'))
    throw refuse('"signedBy" is neither a key nor the name of a file with one');
  return { ...value, signedBy: await keyText(signedBy, beside, refuse) };
}

/** The same for a file that is named on the command line. Throws `bad-document`. */
export function readKeyFile(file: string, cwd: string): Promise<string> {
  return keyText(
    file,
    cwd,
    (sentence) => new JamesError('bad-document', `--signed-by: ${sentence}.`),
  );
}

async function keyText(
  file: string,
  beside: string,
  refuse: (sentence: string) => Error,
): Promise<string> {
  const bytes = await readFile(resolve(beside, file)).catch((error: NodeJS.ErrnoException) => {
    throw refuse(`the key ${JSON.stringify(file)} cannot be read (${error.code})`);
  });
  if (bytes.length > MAX_BYTES) throw refuse(`the key has more than ${MAX_BYTES} bytes`);
  return armored(bytes);
}
