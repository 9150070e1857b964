import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { aptTools, createAptRepository, readRelease } from './apt-repository.ts';
import { ensureDebianPackages } from './debian.ts';
import { runTool } from './run-tool.ts';
import { serveDirectory } from './serve-directory.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { createYumRepository, yumTools } from './yum-repository.ts';

const { leftOut } = await ensureDebianPackages([...aptTools, ...yumTools, 'dnf', 'apt']);

describe.skipIf(leftOut !== null)('repositories made for tests', () => {
  it('apt takes one, with its signature, by hash, and finds every version', async () => {
    const directory = temporaryDirectory();
    const repository = await createAptRepository({ directory: join(directory, 'repository') });
    await repository.add({ name: 'app', version: '1:1.0-1', fields: { Depends: 'lib (>= 2)' } });
    await repository.add({ name: 'app', version: '1:1.1-1' });
    await repository.add({ name: 'lib', version: '2', arch: 'amd64' });
    await repository.publish({ byHash: true, validUntil: new Date('2999-01-01T00:00:00Z') });
    const server = await serveDirectory(repository.directory);
    try {
      const config = aptRoot(directory, server.url, repository.key.publicKey);
      expect(await readRelease(repository)).toContain(
        '\nValid-Until: Tue, 01 Jan 2999 00:00:00 GMT\n',
      );
      expect(await runTool('apt-get', ['-c', config, 'update'])).not.toMatch(/^(Ign|Err|W:|E:)/m);
      const policy = await runTool('apt-cache', ['-c', config, 'madison', 'app', 'lib']);
      expect([...policy.matchAll(/^ *(\S+) \| +(\S+)/gm)].map(([, ...found]) => found)).toEqual([
        ['app', '1:1.1-1'],
        ['app', '1:1.0-1'],
        ['lib', '2'],
      ]);
      expect(server.count('/InRelease', 200)).toBe(1);
      expect(server.requests.some(({ path }) => path.includes('/by-hash/SHA256/'))).toBe(true);
      await repository.withdraw('app', '1:1.1-1');
      await repository.publish();
      await runTool('apt-get', ['-c', config, 'update']);
      expect(await runTool('apt-cache', ['-c', config, 'madison', 'app'])).not.toContain('1.1');
    } finally {
      await server.close();
    }
  });

  it('dnf takes one, with its signature and its relations', async () => {
    const directory = temporaryDirectory();
    const repository = await createYumRepository({ directory: join(directory, 'repository') });
    await repository.add(
      { name: 'app', version: '1.0', epoch: 2, requires: ['(plug if lib)', '/opt/lib/v'] },
      { name: 'lib', version: '3', release: '4', arch: 'x86_64', files: { '/opt/lib/v': '3' } },
      { name: 'lib', version: '4', arch: 'aarch64' },
    );
    await repository.publish();
    const server = await serveDirectory(repository.directory);
    try {
      const config = dnfRoot(directory, server.url, repository.key.publicKey);
      const query = (...args: string[]) =>
        runTool('dnf', ['-c', config, '--releasever=1', '-q', '-y', ...args]);
      const found = await query('repoquery', '--qf', '%{name} %{evr}.%{arch}');
      expect(found.trim().split('\n').sort()).toEqual([
        'app 2:1.0-1.noarch',
        'lib 3-4.x86_64',
        'lib 4-1.aarch64',
      ]);
      expect(await query('repoquery', '--requires', 'app')).toContain('(plug if lib)');
      expect(server.count('/repomd.xml.asc', 200)).toBeGreaterThan(0);
    } finally {
      await server.close();
    }
  });

  it('their server breaks off, lies, asks for a password and says what did not change', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'file'), 'content');
    const server = await serveDirectory(directory);
    const get = async (headers: Record<string, string> = {}) => {
      const answer = await fetch(`${server.url}/file`, { headers });
      return `${answer.status} ${await answer.text()}`;
    };
    try {
      expect(await get()).toBe('200 content');
      const { headers } = await fetch(`${server.url}/file`);
      expect(await get({ 'if-none-match': headers.get('etag') ?? '' })).toBe('304 ');
      expect(await get({ range: 'bytes=3-' })).toBe('206 tent');
      server.misbehave('/file', { kind: 'bytes', bytes: 'other' });
      expect(await get()).toBe('200 other');
      server.misbehave(/^\/f/, { kind: 'break', after: 3 });
      await expect(get()).rejects.toThrow();
      server.misbehave('/file', { kind: 'status', status: 503 });
      expect(await get()).toBe('503 ');
      server.behave();
      server.auth = { username: 'u', password: 'p' };
      expect(await get()).toBe('401 ');
      expect(await get({ authorization: `Basic ${btoa('u:p')}` })).toBe('200 content');
      await server.down();
      await expect(get()).rejects.toThrow();
      await server.up();
      expect(await get()).toBe('401 ');
    } finally {
      await server.close();
    }
  });
});

/** A configuration that keeps apt within `directory`. */
function aptRoot(directory: string, url: string, key: string): string {
  const root = join(directory, 'apt');
  for (const folder of ['etc/apt', 'state/lists/partial', 'cache/archives/partial', 'dpkg'])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, 'key.asc'), key);
  writeFileSync(join(root, 'dpkg/status'), '');
  writeFileSync(
    join(root, 'etc/apt/sources.list'),
    `deb [signed-by=${root}/key.asc arch=amd64] ${url} stable main\n`,
  );
  const config = join(root, 'apt.conf');
  writeFileSync(
    config,
    [
      `Dir::State "${root}/state";`,
      `Dir::State::status "${root}/dpkg/status";`,
      `Dir::Cache "${root}/cache";`,
      `Dir::Etc "${root}/etc/apt";`,
      'APT::Architecture "amd64";',
      'APT::Sandbox::User "root";',
      'Acquire::Languages "none";',
      'Acquire::http::Proxy "DIRECT";',
    ].join('\n'),
  );
  return config;
}

function dnfRoot(directory: string, url: string, key: string): string {
  const root = join(directory, 'dnf');
  mkdirSync(root);
  writeFileSync(join(root, 'key.asc'), key);
  const config = join(root, 'dnf.conf');
  writeFileSync(
    config,
    [
      '[main]',
      'reposdir=/dev/null',
      'plugins=0',
      ...['cachedir', 'persistdir', 'logdir', 'installroot'].map((key) => `${key}=${root}/${key}`),
      '[test]',
      'name=test',
      `baseurl=${url}`,
      'repo_gpgcheck=1',
      'gpgcheck=0',
      `gpgkey=file://${root}/key.asc`,
      '',
    ].join('\n'),
  );
  return config;
}
