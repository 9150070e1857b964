import { describe, expect, it } from 'vitest';
import type { DesiredSource } from '../../../proto/desired-source.ts';
import { renderAptSources } from '../../../proto/source-files/apt.ts';
import { aDesiredSource } from '../../support/desired-source.ts';
import { failure } from '../../support/failure.ts';

const key = (name: string) =>
  `-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n${name}\n-----END PGP PUBLIC KEY BLOCK-----`;
const files = (sources: DesiredSource[], options = {}) =>
  Object.fromEntries(renderAptSources(sources, options).map((file) => [file.path, file.content]));
const pins = (...sources: DesiredSource[]) =>
  [...(files(sources)['/etc/apt/preferences.d/jamesd'] ?? '').matchAll(/^P.*: (.*)$/gm)]
    .map(([, value]) => value)
    .join(' ; ');

describe('apt sources', () => {
  it('are deb822 entries with their own keys, a file for each block', () => {
    const source = aDesiredSource({
      id: 'debian',
      signedBy: `text\n${key('one')}\r\n${key('two')}\n`,
      debsrc: true,
      components: ['main', 'contrib'],
      archs: ['amd64', 'i386'],
      options: { 'Check-Valid-Until': 'no' },
    });
    expect(files([source])).toEqual({
      '/etc/apt/keyrings/jamesd-debian.asc': `${key('one')}\n`,
      '/etc/apt/keyrings/jamesd-debian-2.asc': `${key('two')}\n`,
      '/etc/apt/sources.list.d/jamesd-debian.sources': [
        '# Written by jamesd. Changes are overwritten.',
        'Types: deb deb-src',
        'URIs: http://deb.example.org/debian/',
        'Suites: stable',
        'Components: main contrib',
        'Architectures: amd64 i386',
        'Signed-By: /etc/apt/keyrings/jamesd-debian.asc /etc/apt/keyrings/jamesd-debian-2.asc',
        'Check-Valid-Until: no\n',
      ].join('\n'),
    });
  });

  it('have a one-line form for an old apt', () => {
    const source = aDesiredSource({ id: 'd', trusted: true, options: { Languages: 'en, de' } });
    expect(
      files([{ ...source, debsrc: true }], { form: 'one-line' })[
        '/etc/apt/sources.list.d/jamesd-d.list'
      ],
    ).toContain(
      '\ndeb [arch=amd64 trusted=yes lang=en,de] http://deb.example.org/debian/ stable main\ndeb-src [',
    );
  });

  it('of a flat repository name its directory alone', () => {
    const flat = aDesiredSource({ id: 'f', flat: true, suite: null, components: [], archs: [] });
    expect(files([flat])['/etc/apt/sources.list.d/jamesd-f.sources']).toContain(
      'URIs: http://deb.example.org/debian/\nSuites: ./\n',
    );
  });

  it('carry no pins that say what apt does anyway', () => {
    expect(pins(aDesiredSource({ id: 'a' }))).toBe('');
  });

  it('are told apart in pins by host, then by suite, then by component, else not at all', () => {
    const high = { priority: 700 };
    const other = { base: 'http://other.example.org:8080/x/' };
    expect(pins(aDesiredSource({ id: 'a', ...high }), aDesiredSource({ id: 'b', ...other }))).toBe(
      '* ; origin "deb.example.org" ; 700',
    );
    expect(
      pins(aDesiredSource({ id: 'a', ...high }), aDesiredSource({ id: 'b', suite: 'testing' })),
    ).toBe('* ; release a=stable ; 700 ; * ; release n=stable ; 700');
    expect(
      pins(aDesiredSource({ id: 'a', ...high }), aDesiredSource({ id: 'b', components: ['x'] })),
    ).toBe('* ; release a=stable,c=main ; 700 ; * ; release n=stable,c=main ; 700');
    expect(pins(aDesiredSource({ id: 'a', ...high }), aDesiredSource({ id: 'b' }))).toBe('');
    expect(
      pins(aDesiredSource({ id: 'a', ...high }), aDesiredSource({ id: 'b', flat: true })),
    ).toBe('');
  });

  it('offer what is included and nothing that is excluded, of every architecture', () => {
    const source = aDesiredSource({
      id: 'a',
      include: ['nginx*', 'lib:i386'],
      exclude: ['nginx-x'],
    });
    expect(pins(source)).toBe(
      [
        'nginx-x:any ; origin "deb.example.org" ; -1',
        'nginx*:any lib:i386 ; origin "deb.example.org" ; 500',
        '* ; origin "deb.example.org" ; -1',
      ].join(' ; '),
    );
  });

  it('name their proxy by host, and their credentials only where secrets are given', () => {
    const source = aDesiredSource({ id: 'a', auth: 's', proxy: 'http://proxy.example.org:3128/' });
    const secrets = new Map([['s', { username: 'u', password: 'p#"x' }]]);
    expect(files([source])['/etc/apt/apt.conf.d/90jamesd']).toContain(
      'Acquire::http::Proxy::deb.example.org "http://proxy.example.org:3128/";\n',
    );
    expect(Object.keys(files([source]))).not.toContain('/etc/apt/auth.conf.d/jamesd.conf');
    const auth = renderAptSources([source], { secrets }).find(({ path }) => path.includes('auth'));
    expect(auth?.content).toContain(
      'machine http://deb.example.org/debian/ login u password p#"x\n',
    );
    expect(auth?.mode).toBe(0o600);
    const both = [
      { ...source, auth: null, proxyAuth: 's' },
      { ...source, proxyAuth: 's' },
    ];
    const named = renderAptSources(both, { secrets }).find(({ path }) =>
      path.includes('auth.conf'),
    );
    expect(named?.content.match(/^machine .*$/gm)).toEqual([
      'machine http://proxy.example.org:3128/ login u password p#"x',
      'machine http://deb.example.org/debian/ login u password p#"x',
    ]);
  });

  it('install a file of the operator in place of the entry, beside keys and pins', () => {
    const file = { path: '/etc/apt/sources.list.d/own.list', content: 'deb http://x/ y\n' };
    const one = aDesiredSource({ id: 'a', signedBy: key('k'), priority: 1, file });
    expect(Object.keys(files([one, aDesiredSource({ id: 'b', base: 'http://b/', file })]))).toEqual(
      [
        '/etc/apt/keyrings/jamesd-a.asc',
        '/etc/apt/preferences.d/jamesd',
        '/etc/apt/sources.list.d/own.list',
      ],
    );
    const other = aDesiredSource({ id: 'b', file: { ...file, content: 'x' } });
    expect(failure(() => files([one, other])).code).toBe('conflict');
  });

  it.each<[string, Partial<DesiredSource>]>([
    ['a suite with a line', { suite: 'stable\nTrusted: yes' }],
    ['a component with a space', { components: ['main x'] }],
    ['an address with a bracket', { base: 'http://x/] [trusted=yes]/' }],
    ['an option with a line', { options: { Languages: 'none\nTrusted: yes' } }],
    ['an option with a carriage return', { options: { Languages: 'none\rTrusted: yes' } }],
    ['an option that switches the signature off', { options: { trusted: 'yes' } }],
    ['an option that is no name', { options: { 'a:b': 'yes' } }],
    ['a package that is a line', { exclude: ['a\nPin-Priority: 1000'] }],
    ['a package that is a regular expression', { include: ['/x/'] }],
    ['a proxy that ends the setting', { proxy: 'http://x"; APT::X "y' }],
    ['keys that are none', { signedBy: '/etc/passwd' }],
  ])('refuse %s', (_, some) => {
    expect(failure(() => files([aDesiredSource({ id: 'a', ...some })])).code).toBe('bad-document');
  });

  it('of a template name keys where they lie on the host', () => {
    const content =
      'deb [signed-by=/etc/apt/keyrings/jamesd-a.asc,/etc/apt/keyrings/jamesd-a-2.asc] x';
    const path = '/etc/apt/sources.list.d/own.list';
    const source = aDesiredSource({
      ...{ id: 'a', signedBy: `${key('one')}\n${key('two')}` },
      file: { path, content },
    });
    expect(files([source])[path]).toBe(content);
    expect(files([source], { root: '/r' })[path]).toBe(
      'deb [signed-by=/r/etc/apt/keyrings/jamesd-a.asc,/r/etc/apt/keyrings/jamesd-a-2.asc] x',
    );
  });

  it('with an authority of their own have it in a file, which the settings of the host name', () => {
    const ca = '-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----';
    const source = aDesiredSource({ id: 'a', base: 'https://deb.example.org/', ca: `x\n${ca}\n` });
    const written = files([source, { ...source, id: 'b' }], { root: '/r' });
    expect(written['/etc/apt/jamesd-ca/a.pem']).toBe(`${ca}\n`);
    expect(written['/etc/apt/apt.conf.d/90jamesd']).toBe(
      '# Written by jamesd. Changes are overwritten.\n' +
        'Acquire::https::deb.example.org::CaInfo "/r/etc/apt/jamesd-ca/a.pem";\n',
    );
  });

  it('refuse credentials that apt cannot hold', () => {
    const secrets = new Map([['s', { username: 'u', password: 'p\nmachine x' }]]);
    const refused = failure(() => files([aDesiredSource({ id: 'a', auth: 's' })], { secrets }));
    expect(refused.code).toBe('bad-document');
    expect(refused.message).not.toContain('machine x');
  });
});
