import { describe, expect, it } from 'vitest';
import type { DesiredSource } from '../../../proto/desired-source.ts';
import { renderYumSources, type YumManager } from '../../../proto/source-files/yum.ts';
import { aDesiredSource } from '../../support/desired-source.ts';
import { failure } from '../../support/failure.ts';

const KEY = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nk\n-----END PGP PUBLIC KEY BLOCK-----';
const yum = (some: Partial<DesiredSource> & { id: string }) =>
  aDesiredSource({
    type: 'yum',
    urls: [
      { url: 'http://rpm.example.org/5/os/x86_64/', component: 'os', arch: 'x86_64' },
      { url: 'http://rpm.example.org/5/a%20b/x86_64/', component: 'a/b', arch: 'x86_64' },
    ],
    ...some,
  });
const files = (sources: DesiredSource[], manager: YumManager = 'dnf', options = {}) =>
  Object.fromEntries(
    renderYumSources(sources, manager, options).map((file) => [file.path, file.content]),
  );
const values = (text: string | undefined, name: string) =>
  [...(text ?? '').matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value]) => value);

describe('yum sources', () => {
  it('are a file for each source with a section for each address', () => {
    const source = yum({
      id: 'centos',
      signedBy: KEY,
      exclude: ['kernel*'],
      include: ['a', 'b'],
      proxy: 'http://proxy.example.org:3128/',
      options: { skip_if_unavailable: '1' },
    });
    const made = files([source]);
    expect(made['/etc/pki/rpm-gpg/jamesd-centos.asc']).toBe(`${KEY}\n`);
    expect(made['/etc/yum.repos.d/jamesd-centos.repo']).toContain(
      [
        '[jamesd-centos-os-x86_64]',
        'name=jamesd-centos-os-x86_64',
        'baseurl=http://rpm.example.org/5/os/x86_64/',
        'enabled=1',
        'gpgcheck=0',
        'repo_gpgcheck=1',
        'gpgkey=file:///etc/pki/rpm-gpg/jamesd-centos.asc',
        'priority=99',
        'excludepkgs=kernel*',
        'includepkgs=a b',
        'proxy=http://proxy.example.org:3128/',
        'skip_if_unavailable=1',
        '',
        '[jamesd-centos-a-b-x86_64]',
      ].join('\n'),
    );
  });

  it('with keys and trusted have signed packages in place of a signed index', () => {
    const text = files([yum({ id: 'a', signedBy: KEY, trusted: true })])[
      '/etc/yum.repos.d/jamesd-a.repo'
    ];
    expect([values(text, 'gpgcheck')[0], values(text, 'repo_gpgcheck')[0]]).toEqual(['1', '0']);
  });

  it('keep their order of priorities, and that to repositories with the default', () => {
    const sources = [990, 500, 501, 1, 100, -1].map((priority) =>
      yum({ id: `p${priority}`, priority }),
    );
    const made = files(sources);
    const priority = (of: number) =>
      values(made[`/etc/yum.repos.d/jamesd-p${of}.repo`], 'priority')[0];
    expect([990, 501, 500, 100, 1].map(priority)).toEqual(['97', '98', '99', '100', '101']);
    expect(values(made['/etc/yum.repos.d/jamesd-p-1.repo'], 'enabled')).toEqual(['0', '0']);
  });

  it('give each address a section of its own name', () => {
    const urls = ['a b', 'a/b', 'a-b'].map((component) => ({
      url: 'http://x/',
      component,
      arch: null,
    }));
    const text = files([yum({ id: 'a', urls })])['/etc/yum.repos.d/jamesd-a.repo'];
    expect(values(text, 'name')).toEqual(['jamesd-a-a-b', 'jamesd-a-a-b-2', 'jamesd-a-a-b-3']);
  });

  it('carry credentials only where secrets are given, unreadable for others', () => {
    const secrets = new Map([['s', { username: 'u', password: 'p q' }]]);
    const source = yum({ id: 'a', auth: 's' });
    expect(files([source])['/etc/yum.repos.d/jamesd-a.repo']).not.toContain('username');
    const [repo] = renderYumSources([source], 'dnf', { secrets });
    expect(repo?.mode).toBe(0o600);
    expect(repo?.content).toContain('username=u\npassword=p q\n');
    const zypper = renderYumSources([source], 'zypper', { secrets });
    expect(zypper.map(({ path, mode }) => [path, mode])).toEqual([
      ['/etc/zypp/credentials.d/jamesd-a', 0o600],
      ['/etc/zypp/repos.d/jamesd-a.repo', 0o644],
    ]);
    expect(zypper[1]?.content).toContain('/os/x86_64/?credentials=jamesd-a\n');
  });

  it('carry those of the proxy too', () => {
    const secrets = new Map([['p', { username: 'u', password: 'p&q' }]]);
    const source = yum({ id: 'a', proxy: 'http://proxy.example.org:3128/', proxyAuth: 'p' });
    expect(JSON.stringify(files([source]))).not.toContain('p&q');
    const [dnf] = renderYumSources([source], 'dnf', { secrets });
    expect(dnf?.content).toContain('proxy_username=u\nproxy_password=p&q\n');
    const [zypper] = renderYumSources([source], 'zypper', { secrets });
    expect(zypper?.content).toContain('proxyport=3128&proxyuser=u&proxypass=p%26q\n');
    expect([dnf?.mode, zypper?.mode]).toEqual([0o600, 0o600]);
  });

  it.each<[string, Partial<DesiredSource>]>([
    ['an address with a line', { urls: [{ url: 'http://x/\n[y]', component: null, arch: null }] }],
    ['an option with a line', { options: { enabled: '1\n[other]' } }],
    ['an option for which there is a key', { options: { Baseurl: 'http://x/' } }],
    ['an option that is no name', { options: { 'a=b': 'c' } }],
    ['a package with a space', { include: ['a b'] }],
    ['a proxy with a line', { proxy: 'http://x\ngpgcheck=0' }],
  ])('refuse %s', (_, some) => {
    expect(failure(() => files([yum({ id: 'a', ...some })])).code).toBe('bad-document');
  });
});
