import { describe, expect, it } from 'vitest';
import type { PackageRecord } from '../../../../server/resolver/core/universe.ts';
import { readDebPackages, readDpkgStatus } from '../../../../server/sources/core/deb-packages.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function read(text: string): PackageRecord[] {
  const records: PackageRecord[] = [];
  readDebPackages(bytes(text), (record) => records.push(record));
  return records;
}

describe('a Packages file', () => {
  it('gives every field that the resolver knows', () => {
    const [record] = read(`Package: nginx
Source: nginx (1.22.1-8)
Version: 1.22.1-9
Installed-Size: 1401
Architecture: amd64
Multi-Arch: foreign
Essential: yes
Important: yes
Priority: important
Section: httpd
Provides: httpd, httpd-cgi
Pre-Depends: a
Depends: b (>= 1) | c,
 d
Recommends: e
Suggests: f
Enhances: g
Conflicts: h
Breaks: i
Replaces: j
Filename: pool/main/n/nginx_1.22.1-9_amd64.deb
Size: 527740
SHA256: 00FF
Description: small, powerful wéb server
Description-md5: x
`);
    expect(record).toEqual({
      name: 'nginx',
      version: '1.22.1-9',
      arch: 'amd64',
      multiArch: 'foreign',
      essential: true,
      protected: true,
      priority: 'important',
      section: 'httpd',
      sourcePackage: 'nginx (1.22.1-8)',
      location: 'pool/main/n/nginx_1.22.1-9_amd64.deb',
      size: 527_740,
      installedSize: 1401 * 1024,
      checksum: 'sha256:00ff',
      summary: 'small, powerful wéb server',
      relations: {
        preDepends: 'a',
        depends: 'b (>= 1) | c,\nd',
        recommends: 'e',
        suggests: 'f',
        enhances: 'g',
        conflicts: 'h',
        breaks: 'i',
        obsoletes: 'j',
        provides: 'httpd, httpd-cgi',
      },
    });
  });

  it('takes field names in any case, CRLF, tabs, comments and blank lines', () => {
    const names = read(
      '\n\n# said by hand\nPACKAGE: a\r\nversion:1\r\nArchitecture:\tall\r\n\r\n \t\nPackage: b\nVersion: 2\nArchitecture: all',
    ).map(({ name, version }) => `${name} ${version}`);
    expect(names).toEqual(['a 1', 'b 2']);
  });

  it('takes the first of a field that stands twice', () => {
    const [record] = read('Package: a\nVersion: 1\nVersion: 2\n 3\nArchitecture: all\n');
    expect(record?.version).toBe('1');
  });

  it('reads stanzas across the borders of its windows', () => {
    const stanza = (n: number): string =>
      `Package: p${n}\nVersion: ${n}\nArchitecture: all\nDescription: ${'é'.repeat(300)}\n\n`;
    const records = read(Array.from({ length: 4000 }, (_, n) => stanza(n)).join(''));
    expect(records.map(({ name }) => name)).toEqual(records.map((_, n) => `p${n}`));
    expect(records).toHaveLength(4000);
    expect(records.every(({ summary }) => summary === 'é'.repeat(300))).toBe(true);
  });

  it.each([
    ['no field', 'Package: a\nnonsense\n', /Line 2 of the index/],
    ['a folded line without a field', ' folded\n', /Line 1/],
    ['no version', 'Package: a\nArchitecture: all\n', /stanza of a lacks/],
    ['a line of two megabytes', `Package: ${'x'.repeat(2 << 20)}\n`, /longer than is read/],
    [
      'an endless stanza',
      `Package: a\n${' x'.repeat(2)}\n${' yyyyyyyy\n'.repeat(600_000)}`,
      /stanza .* longer/,
    ],
    ['HTML', '<html><body>Moved</body></html>', /Line 1/],
  ])('refuses %s', (_, text, message) => {
    expect(() => read(text)).toThrowError(message);
  });
});

describe('a dpkg status file', () => {
  it('gives the status and passes over what has no version', () => {
    const found: string[] = [];
    readDpkgStatus(
      bytes(
        'Package: gone\nStatus: deinstall ok config-files\n\nPackage: a\nStatus: hold ok installed\nVersion: 1\nArchitecture: amd64\n',
      ),
      ({ name, status }) => found.push(`${name}: ${status}`),
    );
    expect(found).toEqual(['a: hold ok installed']);
  });
});
