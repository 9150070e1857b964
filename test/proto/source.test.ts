import { describe, expect, it } from 'vitest';
import { parseDocuments, readDocument } from '../../proto/document.ts';
import { failure } from '../support/failure.ts';

const KEY = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEZ\n-----END PGP PUBLIC KEY BLOCK-----\n';

const whole = `kind: Source
id: debian-bookworm
type: apt
url: https://deb.example.org/debian
suite: bookworm
components: [main, 1.0]
archs: [amd64, armhf]
target: {site: berlin}
magic: true
trusted: false
recommended: false
essential: true
include: ["lib*", "[a-f]oo"]
exclude: [vim?]
priority: 500
metadata: true
resolver: true
debsrc: true
options: {gpgcheck: 1, Languages: none}
auth: mirror
proxyAuth: proxy
proxy: http://proxy.example.org:3128
template: "deb {{ sources[0].url }}\\n"
path: /etc/apt/sources.list.d/own.list
`;

/** Where the value begins after the key, so that a replaced line is an error at that line. */
function source(lines: Record<string, string | null>): string {
  const fields: Record<string, string | null> = {
    kind: 'Source',
    id: 's',
    type: 'apt',
    url: 'https://deb.example.org/debian',
    suite: 'bookworm',
    components: '[main]',
    target: '{}',
    ...lines,
  };
  return Object.entries(fields)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
}

describe('sources', () => {
  it('say all that the design knows; what looks like a number stays text', () => {
    expect(parseDocuments(whole)).toMatchObject([
      {
        kind: 'Source',
        id: 'debian-bookworm',
        suite: 'bookworm',
        components: ['main', '1.0'],
        options: { gpgcheck: '1', Languages: 'none' },
        priority: 500,
      },
    ]);
  });

  it('give version the name suite', () => {
    const [read] = parseDocuments(source({ suite: null, version: '5.2' }));
    expect(read).toMatchObject({ suite: '5.2' });
    expect(read).not.toHaveProperty('version');
  });

  it('may be one directory without suite', () => {
    const text = source({ url: null, suite: null, components: null, rawUrl: 'file:///srv/deb/' });
    expect(parseDocuments(text)).toHaveLength(1);
  });

  it('may be flat below a suite that ends with a slash, as in sources.list', () => {
    for (const suite of ['./', '/', 'stable/'])
      expect(parseDocuments(source({ suite: `"${suite}"`, components: null }))).toHaveLength(1);
  });

  it('of yum need no suite and no components', () => {
    expect(parseDocuments(source({ type: 'yum', suite: null, components: null }))).toHaveLength(1);
  });

  it.each<[string, Record<string, string | null>, string, string]>([
    ['suite and version', { version: 'x' }, 'bad-document', 'version'],
    ['two addresses', { rawUrl: 'https://x.example.org/' }, 'bad-document', 'rawUrl'],
    ['no address', { url: null }, 'bad-document', 'kind'],
    [
      'a flat one with suite',
      { url: null, rawUrl: 'file:///x', components: null },
      'bad-document',
      'suite',
    ],
    [
      'a flat one with components',
      { url: null, rawUrl: 'file:///x', suite: null },
      'bad-document',
      'components',
    ],
    ['apt without suite', { suite: null }, 'bad-document', 'url'],
    ['apt without components', { components: null }, 'bad-document', 'url'],
    [
      'a suite that is a directory, with components',
      { suite: '"./"' },
      'bad-document',
      'components',
    ],
    ['apt with an empty list', { components: '[]' }, 'bad-document', 'components'],
    ['another scheme', { url: 'ftp://x.example.org/' }, 'bad-document', 'url'],
    ['no scheme', { url: 'x.example.org' }, 'bad-document', 'url'],
    ['a query', { url: '"https://x.example.org/?a"' }, 'bad-document', 'url'],
    ['a line feed', { url: '"https://x.example.org/\\nTrusted: yes"' }, 'bad-document', 'url'],
    ['a file elsewhere', { url: 'file://host/x' }, 'bad-document', 'url'],
    ['a proxy of files', { proxy: 'file:///x' }, 'bad-document', 'proxy'],
    ['a suite that climbs', { suite: 'a/../../b' }, 'bad-document', 'suite'],
    ['a suite of two lines', { suite: '"a\\nb"' }, 'bad-document', 'suite'],
    ['a component that climbs', { components: '[..]' }, 'bad-document', 'components'],
    ['a component twice', { components: '[main, main]' }, 'bad-document', 'components'],
    ['an architecture with a blank', { archs: '["a b"]' }, 'bad-document', 'archs'],
    ['a glob that is none', { exclude: '["a b"]' }, 'bad-document', 'exclude'],
    ['a glob without end', { include: '["a[b"]' }, 'bad-document', 'include'],
    ['an option of two lines', { options: '{a: "b\\nc"}' }, 'bad-document', 'options'],
    ['a file name as key', { signedBy: 'keys/debian.asc' }, 'bad-document', 'signedBy'],
    [
      'a private key',
      { signedBy: '-----BEGIN PGP PRIVATE KEY BLOCK-----' },
      'bad-document',
      'signedBy',
    ],
    ['a template without path', { template: 'x' }, 'bad-document', 'template'],
    ['a path without template', { path: '/x' }, 'bad-document', 'path'],
    ['a path that climbs', { template: 'x', path: '/a/../b' }, 'bad-document', 'path'],
    [
      'resolving without index',
      { metadata: 'false', resolver: 'true' },
      'bad-document',
      'resolver',
    ],
    ['an unknown key', { colour: 'red' }, 'unknown-key', 'colour'],
    ['no target', { target: null }, 'bad-document', 'kind'],
    ['an empty list in the target', { target: '{a: []}' }, 'bad-document', 'target'],
  ])('refuse %s at its place', (_what, lines, code, key) => {
    const text = source(lines);
    const error = failure(() => parseDocuments(text, 's.yaml'));
    const line = text.split('\n').findIndex((one) => one.startsWith(`${key}:`)) + 1;
    expect([error.code, error.position?.line]).toEqual([code, line]);
    expect(error.message).toMatch(new RegExp(`^s.yaml, line ${line}, column \\d+: `));
  });

  it('never repeat an address, for it may hold a password', () => {
    for (const url of [
      'ftp://me:hush@x.example.org/',
      'https://me:hush@x.example.org/?q',
      'me:hush@',
    ])
      expect(failure(() => parseDocuments(source({ url }))).message).not.toContain('hush');
  });

  it('take the text of a key', () => {
    const read = readDocument({
      ...(parseDocuments(source({}))[0] as object),
      signedBy: KEY,
    });
    expect(read).toMatchObject({ kind: 'Source', signedBy: KEY });
  });
});
