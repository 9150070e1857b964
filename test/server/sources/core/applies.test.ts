import { describe, expect, it } from 'vitest';
import type { Labels } from '../../../../proto/labels.ts';
import type { Source } from '../../../../proto/source.ts';
import { applies, indexesFor } from '../../../../server/sources/core/applies.ts';
import { apt } from '../../../../server/sources/kinds/apt.ts';
import { yum } from '../../../../server/sources/kinds/yum.ts';
import { kindsByType, sourceKinds } from '../../../../server/sources/kinds.ts';

const source = (more: Partial<Source> = {}) => ({ target: {}, archs: ['amd64', 'armhf'], ...more });
const full = (...archs: string[]) => ({ kind: 'full', archs });
const none = (why: string) => ({ kind: 'none', why });
const independent = { kind: 'independent' };

describe('which devices a source is for', () => {
  it.each<[string, Labels, ReturnType<typeof full> | object]>([
    ['its own system and architecture', { os: 'debian', arch: 'amd64' }, full('amd64')],
    ['a system that is like it', { os: 'kali', 'os.like': 'debian', arch: 'amd64' }, full('amd64')],
    ['the last of several', { os: 'x', 'os.like': 'y ubuntu', arch: 'amd64' }, full('amd64')],
    ['another system', { os: 'fedora', arch: 'amd64' }, none('system')],
    ['part of a word', { os: 'debian-like', arch: 'amd64' }, none('system')],
    ['no system', { arch: 'amd64' }, none('system')],
    ['its architecture by another word', { os: 'debian', arch: 'armv7l' }, full('armhf')],
    [
      'a foreign architecture, after its own',
      { os: 'debian', arch: 'armv7l', 'arch.foreign': 'riscv64,x86_64' },
      full('armhf', 'amd64'),
    ],
    ['another architecture', { os: 'debian', arch: 'riscv64' }, independent],
    ['no architecture', { os: 'debian' }, independent],
  ])('%s', (_what, labels, expected) => {
    expect(applies(source(), apt, labels)).toEqual(expected);
  });

  it('asks for every line of target', () => {
    const target = { fleet: 'alpha', site: ['berlin', 'bonn'], retired: { exists: false } };
    const labels = { os: 'debian', arch: 'amd64', fleet: 'alpha', site: 'bonn' };
    expect(applies(source({ target }), apt, labels)).toEqual(full('amd64'));
    expect(applies(source({ target }), apt, { ...labels, site: 'rome' })).toEqual(none('target'));
    expect(applies(source({ target }), apt, { ...labels, retired: 'yes' })).toEqual(none('target'));
  });

  it('without magic only target decides', () => {
    const plain = source({ magic: false, target: { fleet: 'alpha' } });
    expect(applies(plain, apt, { fleet: 'alpha' })).toEqual(full('amd64', 'armhf'));
    expect(applies(plain, apt, { fleet: 'alpha', arch: 'armv7l' })).toEqual(full('armhf'));
    expect(applies(plain, apt, { fleet: 'beta' })).toEqual(none('target'));
  });

  it('without architectures of its own it takes those of the device', () => {
    const plain = source({ archs: [] });
    const labels = { os: 'fedora', arch: 'arm64', 'arch.foreign': 'armv7l' };
    expect(applies(plain, yum, labels)).toEqual(full('aarch64', 'armv7hl'));
    expect(applies(plain, yum, { os: 'fedora' })).toEqual(independent);
  });

  it.each([
    ...['debian', 'ubuntu', 'nexenta', 'raspbian'].map((os) => [os, 'apt']),
    ...['redhat', 'rhel', 'centos', 'fedora', 'rocky', 'almalinux', 'ol', 'amzn'].map((os) => [
      os,
      'yum',
    ]),
    ...['opensuse-leap', 'opensuse-tumbleweed', 'sles', 'suse'].map((os) => [os, 'yum']),
  ])('%s has sources of kind %s', (os, type) => {
    const found = sourceKinds.filter(
      (kind) => applies(source({ archs: [] }), kind, { os, arch: 'amd64' }).kind === 'full',
    );
    expect(found.map((kind) => kind.type)).toEqual([type]);
  });

  it('the configuration names other systems', () => {
    const kinds = kindsByType(undefined, { apt: ['myos'] });
    const kind = kinds.get('apt') ?? apt;
    expect(applies(source(), kind, { os: 'myos', arch: 'amd64' })).toEqual(full('amd64'));
    expect(applies(source(), kind, { os: 'debian', arch: 'amd64' })).toEqual(none('system'));
    expect(kinds.get('yum')?.sentinels).toEqual(yum.sentinels);
  });

  it.each([
    ['apt', 'x86_64', 'amd64'],
    ['apt', 'i686', 'i386'],
    ['apt', 'armv7l', 'armhf'],
    ['apt', 'armv6l', 'armel'],
    ['apt', 'aarch64', 'arm64'],
    ['yum', 'amd64', 'x86_64'],
    ['yum', 'i386', 'i386'],
    ['yum', 'armv7l', 'armv7hl'],
    ['yum', 'arm64', 'aarch64'],
    ['yum', 'sparc', 'sparc'],
  ])('%s says for %s: %s', (type, word, expected) => {
    expect(kindsByType().get(type)?.archOf(word)).toBe(expected);
  });

  it('Raspbian calls ARMv6 armhf', () => {
    const labels = { os: 'raspbian', 'os.like': 'debian', arch: 'armv6l' };
    expect(applies(source(), apt, labels)).toEqual(full('armhf'));
  });
});

describe('which indexes serve a device', () => {
  const indexes = ['main', 'contrib'].flatMap((component) =>
    ['amd64', 'armhf'].map((arch) => ({ address: { component, arch } })),
  );
  const names = (found: typeof indexes) =>
    found.map(({ address }) => `${address.component}/${address.arch}`);

  it('those of its architectures, or one for each component', () => {
    expect(names(indexesFor({ kind: 'full', archs: ['armhf'] }, indexes))).toEqual([
      'main/armhf',
      'contrib/armhf',
    ]);
    expect(names(indexesFor({ kind: 'independent' }, indexes))).toEqual([
      'main/amd64',
      'contrib/amd64',
    ]);
    expect(indexesFor({ kind: 'none', why: 'system' }, indexes)).toEqual([]);
  });

  it('and those whose layout has no architectures', () => {
    const flat = [{ address: { component: null, arch: null } }];
    expect(indexesFor({ kind: 'full', archs: ['armhf'] }, flat)).toEqual(flat);
  });
});

describe('addresses of indexes', () => {
  const urls = (kind: typeof apt, more: Partial<Source>, archs: string[]) =>
    kind.urls({ id: 's', type: kind.type, target: {}, ...more }, archs).map(({ url }) => url);

  it('of suites with components', () => {
    const fields = { url: 'http://h/debian', suite: 'bookworm', components: ['main', 'contrib'] };
    expect(urls(apt, fields, ['amd64', 'armhf'])).toEqual([
      'http://h/debian/dists/bookworm/main/binary-amd64/',
      'http://h/debian/dists/bookworm/main/binary-armhf/',
      'http://h/debian/dists/bookworm/contrib/binary-amd64/',
      'http://h/debian/dists/bookworm/contrib/binary-armhf/',
    ]);
  });

  it.each([
    [{ rawUrl: 'http://h/flat' }, 'http://h/flat/'],
    [{ url: 'http://h/r/', suite: './' }, 'http://h/r/'],
    [{ url: 'http://h/r', suite: 'a/b/' }, 'http://h/r/a/b/'],
    [{ url: 'http://h/r', suite: '/' }, 'http://h/r/'],
  ])('of flat repositories: %j', (fields, url) => {
    expect(urls(apt, fields, ['amd64'])).toEqual([url]);
  });

  it('of rpm-md', () => {
    const fields = { url: 'http://h/centos', suite: '9', components: ['os', 'updates'] };
    expect(urls(yum, fields, ['x86_64'])).toEqual([
      'http://h/centos/9/os/x86_64/',
      'http://h/centos/9/updates/x86_64/',
    ]);
    expect(urls(yum, { url: 'http://h/c/' }, ['x86_64'])).toEqual(['http://h/c/x86_64/']);
    expect(urls(yum, { rawUrl: 'http://h/c' }, ['x86_64'])).toEqual(['http://h/c/']);
  });
});
