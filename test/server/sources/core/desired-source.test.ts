import { expect, it } from 'vitest';
import { desiredSource } from '../../../../server/sources/core/desired-source.ts';

const address = (url: string) => ({ url, component: 'main', arch: 'amd64' });

it('a source of a device has defaults, its addresses and no credentials', () => {
  const made = desiredSource(
    {
      id: 'd',
      type: 'apt',
      url: 'https://user:pa:ss@deb.example.org/debian',
      suite: 'stable',
      components: ['main'],
      target: { site: 'b' },
      auth: 'd-auth',
    },
    [address('https://user:pa:ss@deb.example.org/debian/dists/stable/main/binary-amd64/')],
    ['amd64'],
  );
  expect(made).toEqual({
    id: 'd',
    type: 'apt',
    urls: [address('https://deb.example.org/debian/dists/stable/main/binary-amd64/')],
    base: 'https://deb.example.org/debian/',
    flat: false,
    suite: 'stable',
    components: ['main'],
    archs: ['amd64'],
    signedBy: null,
    trusted: false,
    debsrc: false,
    priority: 500,
    include: [],
    exclude: [],
    options: {},
    auth: 'd-auth',
    proxy: null,
    file: null,
  });
});

it('rawUrl makes it flat: suite and components do not count', () => {
  const source = { id: 'r', type: 'apt', rawUrl: 'file:/srv/r', suite: 's', components: ['x'] };
  const file = { path: '/etc/x', content: 'y' };
  expect(desiredSource({ ...source, target: {} }, [], [], file)).toMatchObject({
    base: 'file:/srv/r/',
    flat: true,
    suite: null,
    components: [],
    file,
  });
});
