import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { DesiredSource } from '../../../proto/desired-source.ts';
import { type AptOptions, renderAptSources } from '../../../proto/source-files/apt.ts';
import type { SourceFile } from '../../../proto/source-files/source-file.ts';
import { renderYumSources } from '../../../proto/source-files/yum.ts';
import { aptTools, createAptRepository } from '../../support/apt-repository.ts';
import { ensureDebianPackages } from '../../support/debian.ts';
import { aDesiredSource } from '../../support/desired-source.ts';
import { runTool } from '../../support/run-tool.ts';
import { type DirectoryServer, serveDirectory } from '../../support/serve-directory.ts';
import { signingKey } from '../../support/signing-key.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { createYumRepository, yumTools } from '../../support/yum-repository.ts';

const { leftOut } = await ensureDebianPackages([...aptTools, ...yumTools, 'dnf', 'zypper']);
const servers: DirectoryServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.close())));

describe.skipIf(leftOut !== null)('generated sources before the real package managers', () => {
  it('apt reads two signed suites of a host, and holds to pins, include, exclude and credentials', async () => {
    const server = await aptServer();
    const { publicKey } = await signingKey();
    const other = await signingKey('other');
    const both = {
      base: `${server.url}/`,
      signedBy: `${other.publicKey}\n${publicKey}`,
      auth: 's',
    };
    server.auth = { username: 'u', password: 'p#w' };
    const sources = [
      aDesiredSource({ id: 'old', ...both, priority: 700, exclude: ['tool'] }),
      aDesiredSource({ id: 'new', ...both, suite: 'testing', include: ['oth*', 'tool'] }),
    ];
    for (const form of ['deb822', 'one-line'] as const) {
      const config = aptRoot(sources, { form, secrets: new Map([['s', server.auth]]) });
      expect(await runTool('apt-get', ['-c', config, 'update'])).not.toMatch(/^(Ign|Err|W:|E:)/m);
      const policy = await runTool('apt-cache', ['-c', config, 'policy', 'hello', 'other', 'tool']);
      expect(candidates(policy)).toEqual(['hello 1.0', 'other 1.0', 'tool 2.0']);
    }
    const config = aptRoot(sources, {});
    await expect(runTool('apt-get', ['-c', config, 'update'])).rejects.toThrow('401');
  });

  it('apt refuses a repository that another key signed', async () => {
    const server = await aptServer();
    const { publicKey } = await signingKey('other');
    const source = aDesiredSource({ id: 'a', base: `${server.url}/`, signedBy: publicKey });
    const update = runTool('apt-get', ['-c', aptRoot([source], {}), 'update']);
    await expect(update).rejects.toThrow(/NO_PUBKEY|not signed/);
  });

  it('dnf reads a signed index, and holds to priorities, include, exclude and credentials', async () => {
    const { server, sources } = await yumSources(
      { exclude: ['tool'] },
      { include: ['oth*', 'tool'] },
    );
    server.auth = { username: 'u', password: 'p w' };
    const root = temporaryDirectory();
    const secrets = new Map([['s', server.auth]]);
    write(root, renderYumSources(sources, 'dnf', { root, secrets }));
    const names = ['hello', 'other', 'tool'];
    await runTool('dnf', [...dnfArguments(root), 'install', ...names]);
    const query = ['--root', `${root}/root`, '-q', '--qf', '%{name} %{version}\\n', ...names];
    expect((await runTool('rpm', query)).trim().split('\n')).toEqual([
      'hello 1',
      'other 1',
      'tool 2',
    ]);
    expect(server.count('/repomd.xml.asc', 200)).toBeGreaterThan(1);
  });

  it('dnf refuses an index that another key signed', async () => {
    const { sources } = await yumSources();
    const root = temporaryDirectory();
    const { publicKey } = await signingKey('other');
    write(
      root,
      renderYumSources([{ ...(sources[0] as DesiredSource), signedBy: publicKey }], 'dnf', {
        root,
      }),
    );
    await expect(runTool('dnf', [...dnfArguments(root), 'repoquery'])).rejects.toThrow(
      /GPG|signature/i,
    );
  });

  it('zypper reads a signed index, and holds to priorities and credentials', async () => {
    const { server, sources } = await yumSources();
    server.auth = { username: 'u', password: 'p w' };
    const root = temporaryDirectory();
    write(
      root,
      renderYumSources(sources, 'zypper', { root, secrets: new Map([['s', server.auth]]) }),
    );
    const zypper = (...args: string[]) =>
      runTool('zypper', ['--root', root, '--non-interactive', '--gpg-auto-import-keys', ...args]);
    await zypper('refresh');
    expect(await zypper('repos', '-P')).toMatch(/98 *\n.*99/);
    expect(await zypper('info', 'hello')).toMatch(/Version +: 1-1/);
    expect(server.count('/repomd.xml.asc', 200)).toBeGreaterThan(1);
  });
});

function candidates(policy: string): string[] {
  return [...policy.matchAll(/^(\S+):\n.*\n +Candidate: (.*)$/gm)].map(
    ([, name, of]) => `${name} ${of}`,
  );
}

/** `stable` has version 1.0 of each package, `testing` 2.0. */
async function aptServer(): Promise<DirectoryServer> {
  const repository = await createAptRepository({ directory: temporaryDirectory() });
  for (const [suite, version] of [
    ['stable', '1.0'],
    ['testing', '2.0'],
  ] as const) {
    for (const name of ['hello', 'other', 'tool']) await repository.add({ name, version });
    await repository.publish({ suite });
    for (const name of ['hello', 'other', 'tool']) await repository.withdraw(name, version);
  }
  return serve(repository.directory);
}

/** Two sources: `first` with version 1 and priority 700, `second` with version 2. */
async function yumSources(first = {}, second = {}) {
  const directory = temporaryDirectory();
  for (const version of ['1', '2']) {
    const repository = await createYumRepository({ directory: join(directory, version) });
    await repository.add(...['hello', 'other', 'tool'].map((name) => ({ name, version })));
    await repository.publish();
  }
  const server = await serve(directory);
  const { publicKey } = await signingKey();
  const source = (id: string, version: string, some: object) => {
    const url = `${server.url}/${version}/`;
    const urls = [{ url, component: 'os', arch: 'x86_64' }];
    return aDesiredSource({
      id,
      type: 'yum',
      urls,
      base: url,
      signedBy: publicKey,
      auth: 's',
      ...some,
    });
  };
  const sources = [
    source('first', '1', { priority: 700, ...first }),
    source('second', '2', second),
  ];
  return { server, sources };
}

async function serve(directory: string): Promise<DirectoryServer> {
  const server = await serveDirectory(directory);
  servers.push(server);
  return server;
}

function write(root: string, files: readonly SourceFile[]): void {
  for (const { path, content, mode } of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content, { mode });
  }
}

/** An empty root with these sources; the configuration for `apt-get -c`. */
function aptRoot(sources: readonly DesiredSource[], options: AptOptions): string {
  const root = temporaryDirectory();
  for (const folder of [
    'etc/apt/preferences.d',
    'var/lib/apt/lists/partial',
    'var/lib/dpkg',
    'var/cache/apt/archives/partial',
  ])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, 'var/lib/dpkg/status'), '');
  write(root, renderAptSources(sources, { root, ...options }));
  writeFileSync(
    join(root, 'apt.conf'),
    `Dir "${root}";\nDir::State::status "${root}/var/lib/dpkg/status";\nAPT::Architecture "amd64";\nAPT::Architectures "amd64";\nAPT::Sandbox::User "root";\nAcquire::http::Proxy "DIRECT";\n`,
  );
  return join(root, 'apt.conf');
}

function dnfArguments(root: string): string[] {
  mkdirSync(join(root, 'logdir'));
  const own = ['cachedir', 'persistdir', 'logdir'].map(
    (name) => `--setopt=${name}=${root}/${name}`,
  );
  writeFileSync(join(root, 'dnf.conf'), `[main]\nplugins=0\nreposdir=${root}/etc/yum.repos.d\n`);
  return [
    '-c',
    join(root, 'dnf.conf'),
    `--installroot=${root}/root`,
    '--releasever=1',
    ...own,
    '-q',
    '-y',
  ];
}
