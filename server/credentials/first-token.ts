import { chmod, mkdir, open, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { JamesError } from '../../proto/errors.ts';
import type { Log } from '../../proto/log.ts';
import { newSecret } from '../registry/secret.ts';
import type { Tokens } from './tokens.ts';

/** The id of the token that the token file holds. */
const FILE_TOKEN = 'file';

export interface FirstTokenOptions {
  tokens: Tokens;
  log: Log;
  /** Holds the operator's token; made if absent. */
  tokenFile?: string | undefined;
  /** Shows the first token to whoever starts the server. */
  show: (text: string) => void;
}

/**
 * Sees to it that an operator can get in. With a token file its content is the operator's token: it is made (mode 0600)
 * if absent, and another content later replaces the token. Without one, and if no operator's token exists yet, a token is
 * made and shown once. Throws `bad-config` for a file that holds no token.
 */
export async function ensureFirstToken(options: FirstTokenOptions): Promise<void> {
  const { tokens, tokenFile, show } = options;
  if (tokenFile !== undefined) {
    const text = (await readToken(tokenFile, options.log)) ?? (await makeToken(tokenFile));
    await tokens.adopt(FILE_TOKEN, text, `the token in ${tokenFile}`);
    return;
  }
  if (tokens.hasOperator()) return;
  const request = { kind: 'operator', description: 'made at the first start' } as const;
  const { token } = await tokens.create(request, 'server');
  show(`The operator's token, shown only this once:\n\n  export JAMESD_TOKEN=${token}\n`);
}

async function readToken(path: string, log: Log): Promise<string | null> {
  try {
    const text = (await readFile(path, 'utf8')).trim();
    if (!/^[\x21-\x7e]{16,512}$/.test(text)) {
      throw new JamesError(
        'bad-config',
        `${path} holds no token: it must be one line of 16 to 512 characters without spaces. Remove it to get a new one.`,
      );
    }
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0)
      log.warn({ path }, "Others can read the operator's token; use mode 0600.");
    return text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function makeToken(path: string): Promise<string> {
  const text = `jd_${FILE_TOKEN}_${newSecret()}`;
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(`${text}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await chmod(path, 0o600);
  return text;
}
