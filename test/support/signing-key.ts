import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTool } from './run-tool.ts';

/** An OpenPGP key pair, as gpg writes it. */
export interface SigningKey {
  fingerprint: string;
  /** Armored. */
  publicKey: string;
  secretKey: string;
}

export type KeyAlgorithm = 'ed25519' | 'rsa3072';

const keys = new Map<string, Promise<SigningKey>>();

/** The key of that name; made once per process. */
export function signingKey(
  name = 'archive',
  algorithm: KeyAlgorithm = 'ed25519',
): Promise<SigningKey> {
  const id = `${name} ${algorithm}`;
  const known = keys.get(id) ?? makeKey(name, algorithm);
  keys.set(id, known);
  return known;
}

function makeKey(name: string, algorithm: KeyAlgorithm): Promise<SigningKey> {
  return withHome(async (gpg) => {
    const user = `${name} <${name}@example.org>`;
    await gpg('--passphrase', '', '--quick-generate-key', user, algorithm, 'sign', 'never');
    const listing = await gpg('--with-colons', '--list-secret-keys');
    return {
      fingerprint: /^fpr:+([0-9A-F]{40}):/m.exec(listing)?.[1] ?? '',
      publicKey: await gpg('--armor', '--export'),
      secretKey: await gpg('--armor', '--export-secret-keys'),
    };
  });
}

/** Writes a signature of `file` to `to`: a cleartext one (`InRelease`) or a detached one (`Release.gpg`, `repomd.xml.asc`). */
export async function signFile(
  key: SigningKey,
  file: string,
  to: string,
  kind: 'cleartext' | 'detached',
): Promise<void> {
  await withHome(async (gpg, home) => {
    await writeFile(join(home, 'secret.asc'), key.secretKey);
    await gpg('--import', join(home, 'secret.asc'));
    const action = kind === 'cleartext' ? '--clearsign' : '--detach-sign';
    await gpg('--yes', '--armor', '--digest-algo', 'SHA256', '--output', to, action, file);
  });
}

type Gpg = (...args: string[]) => Promise<string>;

/** Gives gpg a home of its own; ends the agent that gpg starts for it. */
async function withHome<Result>(
  work: (gpg: Gpg, home: string) => Promise<Result>,
): Promise<Result> {
  const home = await mkdtemp(join(tmpdir(), 'jamesd-gpg-'));
  const env = { GNUPGHOME: home };
  const gpg: Gpg = (...args) => runTool('gpg', ['--batch', '--quiet', ...args], { env });
  try {
    return await work(gpg, home);
  } finally {
    await runTool('gpgconf', ['--kill', 'gpg-agent'], { env });
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  }
}
