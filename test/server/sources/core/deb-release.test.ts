import { describe, expect, it } from 'vitest';
import { readRelease } from '../../../../server/sources/core/deb-release.ts';

const SHA256 = 'ab'.repeat(32);
const SHA512 = 'cd'.repeat(64);

function read(text: string) {
  return readRelease(new TextEncoder().encode(text));
}

describe('a Release file', () => {
  it('gives fields, dates and files', () => {
    const release = read(`Origin: Example
Suite: stable
Codename: anchor
Date: Sat, 10 May 2025 09:45:29 UTC
Valid-Until: Sat, 17 May 2025 09:45:29 +0000
Acquire-By-Hash: yes
NotAutomatic: yes
ButAutomaticUpgrades: yes
No-Support-for-Architecture-all: Packages
Architectures: all amd64
Components: main contrib
Signed-By: AAAA!, BBBB
MD5Sum:
 00 12 main/binary-amd64/Packages
SHA256:
 ${SHA256} 12 main/binary-amd64/Packages
SHA512:
 ${SHA512.toUpperCase()} 12 main/binary-amd64/Packages
`);
    expect(release).toMatchObject({
      origin: 'Example',
      suite: 'stable',
      codename: 'anchor',
      date: Date.UTC(2025, 4, 10, 9, 45, 29),
      validUntil: Date.UTC(2025, 4, 17, 9, 45, 29),
      acquireByHash: true,
      notAutomatic: true,
      butAutomaticUpgrades: true,
      noSupportForArchitectureAll: true,
      architectures: ['all', 'amd64'],
      components: ['main', 'contrib'],
      signedBy: ['AAAA!', 'BBBB'],
    });
    expect([...release.files.values()]).toEqual([
      { path: 'main/binary-amd64/Packages', size: 12, sha256: SHA256, sha512: SHA512 },
    ]);
  });

  it.each([
    ['nothing', '', /empty/],
    ['a date that is none', 'Date: yesterday\n', /Date is "yesterday"/],
    ['a short checksum', 'SHA256:\n abcd 12 x\n', /is no checksum/],
    ['a size that is none', `SHA256:\n ${SHA256} many x\n`, /is no checksum/],
    ['two sizes', `SHA256:\n ${SHA256} 1 x\nSHA512:\n ${SHA512} 2 x\n`, /two sizes/],
  ])('refuses %s', (_, text, message) => {
    expect(() => read(text)).toThrowError(message);
  });
});
