import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { armored } from '../proto/armor.ts';
import { documentFault, isRecord } from '../proto/document-fault.ts';
import { JamesError } from '../proto/errors.ts';
import type { YamlValue } from '../proto/yaml.ts';

const MAX_BYTES = 700_000;

/**
 * The value with texts in place of the names of files beside the document: `signedBy` of a source names keys, `ca` names
 * certificates. A keyring that is not armored becomes so. Throws `bad-document` with the place of the name.
 */
export async function withKeyText(
  { value, positionOf }: YamlValue,
  beside: string,
): Promise<unknown> {
  if (!isRecord(value) || value.kind !== 'Source') return value;
  const complete: Record<string, unknown> = { ...value };
  for (const name of ['signedBy', 'ca']) {
    const file = value[name];
    if (typeof file !== 'string' || file.includes('-----BEGIN')) continue;
    const refuse = (sentence: string): Error =>
      documentFault('bad-document', `source: ${sentence}`, `/${name}`, positionOf);
    if (file === '' || file.includes('\n'))
      throw refuse(`"${name}" is neither a key nor the name of a file with one`);
    const bytes = await keyBytes(file, beside, refuse);
    complete[name] = name === 'ca' ? bytes.toString('utf8') : armored(bytes);
  }
  return complete;
}

/** The same for a file that is named on the command line. Throws `bad-document`. */
export async function readKeyFile(file: string, cwd: string): Promise<string> {
  const refuse = (sentence: string): Error =>
    new JamesError('bad-document', `--signed-by: ${sentence}.`);
  return armored(await keyBytes(file, cwd, refuse));
}

async function keyBytes(
  file: string,
  beside: string,
  refuse: (sentence: string) => Error,
): Promise<Buffer> {
  const bytes = await readFile(resolve(beside, file)).catch((error: NodeJS.ErrnoException) => {
    throw refuse(`the key ${JSON.stringify(file)} cannot be read (${error.code})`);
  });
  if (bytes.length > MAX_BYTES) throw refuse(`the key has more than ${MAX_BYTES} bytes`);
  return bytes;
}
