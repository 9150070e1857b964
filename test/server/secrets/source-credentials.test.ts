import { describe, expect, it } from 'vitest';
import type { Source } from '../../../proto/source.ts';
import { abandonedSecrets } from '../../../server/secrets/core/abandoned-secrets.ts';
import { separateCredentials } from '../../../server/secrets/core/source-credentials.ts';
import { failure } from '../../support/failure.ts';

const source = (fields: Partial<Source>): Source => ({
  id: 's',
  type: 'yum',
  target: {},
  ...fields,
});

describe('abandonedSecrets', () => {
  it('are those made of addresses that no source names any more', () => {
    const before = [
      { auth: 'source.a', proxyAuth: 'source.a.proxy' },
      { auth: 'mirror', proxyAuth: 'source.b.proxy' },
      { auth: 'source.c' },
    ];
    expect(abandonedSecrets(before, before)).toEqual([]);
    expect(abandonedSecrets(before, [{ auth: 'source.a' }])).toEqual([
      ...['source.a.proxy', 'source.b.proxy', 'source.c'],
    ]);
    expect(abandonedSecrets([], before)).toEqual([]);
  });
});

describe('separateCredentials', () => {
  it('makes a secret of what stands before the host, and keeps the rest as it is written', () => {
    const before = source({ url: 'https://me:p%40ss%3a@x.example.org:8443/a%20b/@c' });
    expect(separateCredentials(before)).toEqual({
      source: source({ url: 'https://x.example.org:8443/a%20b/@c', auth: 'source.s' }),
      secrets: new Map([['source.s', { username: 'me', password: 'p@ss:' }]]),
    });
  });

  it('takes the last @ as the end, and a user without password', () => {
    const at = separateCredentials(source({ rawUrl: 'http://me:a@b@x.example.org/' }));
    expect(at.source.rawUrl).toBe('http://x.example.org/');
    expect(at.secrets.get('source.s')).toEqual({ username: 'me', password: 'a@b' });
    const bare = separateCredentials(source({ rawUrl: 'http://token@x.example.org/' }));
    expect(bare.secrets.get('source.s')).toEqual({ username: 'token', password: '' });
  });

  it('gives those of the proxy a secret of their own', () => {
    const both = separateCredentials(
      source({ url: 'http://a:b@x.example.org/', proxy: 'http://c:d@proxy.example.org:3128' }),
    );
    expect(both.source).toMatchObject({
      auth: 'source.s',
      proxy: 'http://proxy.example.org:3128',
      proxyAuth: 'source.s.proxy',
    });
    expect(both.secrets.get('source.s.proxy')).toEqual({ username: 'c', password: 'd' });
  });

  it('leaves a source without any as it is', () => {
    const plain = source({ url: 'http://x.example.org/me@home/', auth: 'mirror' });
    expect(separateCredentials(plain)).toEqual({ source: plain, secrets: new Map() });
  });

  it.each([
    ['another secret is named', { url: 'http://me:hush@x.example.org/', auth: 'mirror' }],
    ['the encoding is broken', { url: 'http://me:hush%zz@x.example.org/' }],
    ['there is no user', { url: 'http://:hush@x.example.org/' }],
    ['the user has a colon', { url: 'http://m%3Ae:hush@x.example.org/' }],
  ])('refuses it where %s, without repeating it', (_why, fields) => {
    const error = failure(() => separateCredentials(source(fields)));
    expect(error.code).toBe('bad-document');
    expect(error.message).not.toContain('hush');
  });
});
