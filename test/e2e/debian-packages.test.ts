import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { joinToken } from '../support/example.ts';
import {
  type AgentProcess,
  type ServerProcess,
  startAgent,
  startServer,
  temporaryDirectory,
  until,
} from '../support/fleet.ts';
import { listTree, treeDifference } from '../support/tree.ts';

const names = ['busybox-static', 'tzdata', 'git', 'perl-base', 'openssh-client'];
const isRoot = process.getuid?.() === 0;

/** Five packages as the distribution ships them, taken all the way to a device's root and back. */
describe('real Debian packages', () => {
  const directory = temporaryDirectory();
  const path = (...parts: string[]): string => join(directory.path, ...parts);
  let server: ServerProcess;
  let agent: AgentProcess;

  /** Takes the content of the packages apart; `next` is a changed version of all of them. */
  const unpack = (): void => {
    mkdirSync(path('deb'));
    if (isRoot) chmodSync(directory.path, 0o755);
    execFileSync('apt-get', ['download', '-q', '-o', 'APT::Sandbox::User=root', ...names], {
      cwd: path('deb'),
      stdio: 'pipe',
    });
    for (const name of names) {
      const file = readdirSync(path('deb')).find((deb) => deb.startsWith(`${name}_`)) as string;
      for (const version of ['1', '2']) {
        mkdirSync(path(version, name), { recursive: true });
        execFileSync('dpkg-deb', ['-x', path('deb', file), path(version, name, 'data')]);
      }
      changeTree(path('2', name, 'data'), name);
    }
  };

  const upload = async (version: string): Promise<void> => {
    for (const name of names) {
      const from = path(version, name);
      writeFileSync(
        join(from, 'control.yaml'),
        stringify({ name, labels: { version, arch: 'amd64' } }),
      );
      const file = path(`${name}-${version}.jpk`);
      const built = await server.ctl(['packet', 'build', from, '-f', file, '--keep-owner']);
      expect(built.stderr + built.status).toBe('0');
      const uploaded = await server.ctl(['packet', 'upload', file]);
      expect([uploaded.status, uploaded.stdout.trim()]).toEqual([
        0,
        expect.stringMatching(/^sha256:/),
      ]);
    }
  };

  const want = async (version: string | null): Promise<void> => {
    const apps = version === null ? [] : names.map((name) => ({ name, labels: { version } }));
    writeFileSync(path('spec.yaml'), JSON.stringify({ id: 'base', target: { site: 'lab' }, apps }));
    const args = version === null ? ['--confirm-removals', String(names.length)] : [];
    const result = await server.ctl(['spec', 'upload', path('spec.yaml'), ...args]);
    expect(result.stderr + result.status).toBe('0');
    await until(
      async () => {
        const { body } = await server.api<{ converged: boolean }>('GET', '/v1/devices/lab-1');
        return body.converged;
      },
      () => agent.running.stderr(),
      60_000,
    );
  };

  /** What `dpkg-deb` makes of the same content. */
  const expected = (version: string) => {
    rmSync(path('expected'), { recursive: true, force: true });
    mkdirSync(path('expected'));
    for (const name of names) {
      execFileSync('cp', ['-a', `${path(version, name, 'data')}/.`, path('expected')]);
    }
    return listTree(path('expected'), { owners: isRoot });
  };
  const installed = () => listTree(agent.root, { owners: isRoot });

  beforeAll(async () => {
    unpack();
    server = await startServer(directory.path);
    await upload('1');
    await upload('2');
    agent = startAgent(server, directory.path, {
      id: 'lab-1',
      labels: 'site=lab,arch=amd64',
      joinToken: await joinToken(server),
    });
    await until(
      async () => (await server.api('GET', '/v1/devices/lab-1')).status === 200,
      () => agent.running.stderr(),
    );
  }, 300_000);

  afterAll(async () => {
    await agent?.stop();
    await server?.stop();
    directory.remove();
  });

  it('arrive as dpkg-deb unpacks them: content, modes, owners, links, times', async () => {
    await want('1');
    expect(treeDifference(installed(), expected('1'))).toEqual([]);
    expect(Object.values(installed()).some((line) => line.startsWith('file 4755'))).toBe(true);
    expect(Object.values(installed()).some((line) => line.includes(' = '))).toBe(true);
  });

  it('the busybox that arrived runs', () => {
    const said = execFileSync(join(agent.root, 'bin/busybox'), ['echo', 'alive'], {
      encoding: 'utf8',
    });
    expect(said).toBe('alive\n');
  });

  it('upgrade to a changed version of every package', async () => {
    await want('2');
    expect(treeDifference(installed(), expected('2'))).toEqual([]);
  });

  it('downgrade', async () => {
    await want('1');
    expect(treeDifference(installed(), expected('1'))).toEqual([]);
  });

  it('empty: nothing is left', async () => {
    await want(null);
    expect(installed()).toEqual({});
  });
});

/** Adds, changes, removes and re-types entries, the same way for every package. */
function changeTree(data: string, name: string): void {
  const doc = join(data, 'usr/share/doc', name);
  writeFileSync(join(doc, 'copyright'), 'changed\n');
  mkdirSync(join(data, 'opt', name, 'new'), { recursive: true });
  writeFileSync(join(data, 'opt', name, 'new', 'program'), '#!/bin/sh\necho new\n', {
    mode: 0o4755,
  });
  chmodSync(join(data, 'opt', name, 'new', 'program'), 0o4755);
  symlinkSync('new/program', join(data, 'opt', name, 'link'));
  const [changelog] = readdirSync(doc).filter((entry) => entry.startsWith('changelog'));
  if (changelog) {
    unlinkSync(join(doc, changelog));
    symlinkSync('copyright', join(doc, changelog));
  }
}
