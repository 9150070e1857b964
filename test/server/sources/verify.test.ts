import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVerifier } from '../../../server/sources/fetching/verify.ts';
import { ensureDebianPackages } from '../../support/debian.ts';

const { leftOut } = await ensureDebianPackages(['gpg', 'gpg-agent']);
const MADE = Date.UTC(2026, 0, 1, 12);
const DAY = 24 * 3600 * 1000;

describe.skipIf(leftOut !== null)('signatures by gpg', () => {
  let home = '';
  const keys: Record<string, string> = {};
  const text = 'Suite: stable\nDate: x\n';

  const gpg = (...args: string[]): string =>
    execFileSync(
      'gpg',
      ['--batch', '--quiet', '--faked-system-time', '20260101T120000!', ...args],
      {
        env: { ...process.env, GNUPGHOME: home },
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
  const sign = (user: string, how: string, ...more: string[]): Buffer => {
    writeFileSync(join(home, 'text'), text);
    gpg('--yes', '--armor', '-u', user, ...more, '-o', join(home, 'out'), how, join(home, 'text'));
    return readFileSync(join(home, 'out'));
  };
  const verifier = (users: string[], now = MADE + DAY) =>
    createVerifier(users.map((user) => keys[user]).join('\n'), now);

  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'jamesd-gpg-'));
    for (const [user, ends] of [
      ['lasting', 'never'],
      ['short', '10d'],
    ] as const) {
      gpg('--passphrase', '', '--quick-generate-key', user, 'ed25519', 'sign', ends);
      keys[user] = gpg('--armor', '--export', user);
    }
  });
  afterAll(() => {
    execFileSync('gpgconf', ['--kill', 'gpg-agent'], { env: { ...process.env, GNUPGHOME: home } });
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  });

  it('give the text of a cleartext signature and nothing around it', async () => {
    const signed = sign('lasting', '--clearsign').toString();
    const { cleartext } = verifier(['short', 'lasting']);
    expect(await cleartext(Buffer.from(signed), 'X')).toBe(text.trimEnd());
    const found = await cleartext(Buffer.from(`Suite: evil\n\n${signed}Suite: evil\n`), 'X').catch(
      (error) => error.code,
    );
    expect(['bad-signature', text.trimEnd()]).toContain(found);
  });

  it('of other bytes do not count', async () => {
    const signed = sign('lasting', '--clearsign').toString().replace('stable', 'evil');
    await expect(verifier(['lasting']).cleartext(Buffer.from(signed), 'InRelease')).rejects.toThrow(
      /^InRelease is not signed by a key of the source/,
    );
    const signature = sign('lasting', '--detach-sign');
    const { detached } = verifier(['lasting']);
    await detached(Buffer.from(text), signature, 'Release');
    await expect(detached(Buffer.from(`${text} `), signature, 'Release')).rejects.toMatchObject({
      code: 'bad-signature',
    });
  });

  it('by other keys do not count, and the sentence names the key', async () => {
    const signature = sign('short', '--detach-sign');
    const { detached } = verifier(['lasting']);
    await expect(detached(Buffer.from(text), signature, 'Release')).rejects.toThrow(
      /signedBy does not hold the key [0-9A-F]{16}/,
    );
  });

  it('count by any key of a block that has several', async () => {
    const both = gpg('--armor', '--export');
    for (const user of ['lasting', 'short'])
      await createVerifier(both, MADE + DAY).detached(
        Buffer.from(text),
        sign(user, '--detach-sign'),
        'Release',
      );
  });

  it('by a key that has expired meanwhile do not count', async () => {
    const signature = sign('short', '--detach-sign');
    await verifier(['short']).detached(Buffer.from(text), signature, 'Release');
    await expect(
      verifier(['short'], MADE + 11 * DAY).detached(Buffer.from(text), signature, 'Release'),
    ).rejects.toThrow(/expired/i);
  });

  it('that have expired themselves, or are from the future, do not count', async () => {
    const signature = sign('lasting', '--detach-sign', '--default-sig-expire', '3d');
    await verifier(['lasting']).detached(Buffer.from(text), signature, 'Release');
    const later = verifier(['lasting'], MADE + 4 * DAY);
    await expect(later.detached(Buffer.from(text), signature, 'Release')).rejects.toThrow(
      /expired/,
    );
    const earlier = verifier(['lasting'], MADE - 3600_000);
    await expect(earlier.detached(Buffer.from(text), signature, 'Release')).rejects.toMatchObject({
      code: 'bad-signature',
    });
    const slow = verifier(['lasting'], MADE - 60_000);
    await slow.detached(Buffer.from(text), signature, 'Release');
  });

  it('with a broken digest do not count', async () => {
    const signature = sign('lasting', '--detach-sign', '--digest-algo', 'SHA1');
    await expect(
      verifier(['lasting']).detached(Buffer.from(text), signature, 'Release'),
    ).rejects.toMatchObject({ code: 'bad-signature' });
  });

  it.each([
    '',
    'nothing of the kind',
    '-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----',
  ])('that are none are refused: %j', async (bad) => {
    const { detached, cleartext } = verifier(['lasting']);
    await expect(detached(Buffer.from(text), Buffer.from(bad), 'R')).rejects.toMatchObject({
      code: 'bad-signature',
    });
    await expect(cleartext(Buffer.from(bad), 'R')).rejects.toMatchObject({ code: 'bad-signature' });
  });

  it('a source whose keys are none says so', async () => {
    const signature = sign('lasting', '--detach-sign');
    await expect(
      createVerifier('no key', MADE).detached(Buffer.from(text), signature, 'R'),
    ).rejects.toThrow(/holds no armored public key/);
  });
});
