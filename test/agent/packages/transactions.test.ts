import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDriver } from '../../../agent/packages/package-drivers.ts';
import { createClock } from '../../../agent/system/clock.ts';
import { createCommands } from '../../../agent/system/commands.ts';
import { createNodeFiles } from '../../../agent/system/node-files.ts';
import type { DesiredSource } from '../../../proto/desired-source.ts';
import { LOCK_SCHEMA, type Lock } from '../../../proto/lock.ts';
import { createAptRepository } from '../../support/apt-repository.ts';
import { ensureDebianPackages } from '../../support/debian.ts';
import { lockedPackage, type WantedPackage } from '../../support/package-device.ts';
import { kindOf } from '../../support/package-kinds.ts';
import { failureOf } from '../../support/packet-device.ts';
import { type DirectoryServer, serveDirectory } from '../../support/serve-directory.ts';
import { listTree, treeDifference } from '../../support/tree.ts';
import { createWholeDevice, type WholeDevice } from '../../support/whole-device.ts';

const kind = kindOf.apt;
let base: string;
let repository: DirectoryServer;
let source: DesiredSource;
let leftOut: string | null;

beforeAll(async () => {
  ({ leftOut } = await ensureDebianPackages(kind.tools));
  if (leftOut !== null) return;
  base = mkdtempSync(join(tmpdir(), 'jamesd-whole-'));
  const { publicKey } = await kind.publish(join(base, 'stable'), [
    { name: 'libx', version: '1' },
    { name: 'libx', version: '2' },
    { name: 'app', version: '1', needs: ['libx'] },
    { name: 'app', version: '2', needs: ['libx'] },
    { name: 'rec', version: '1' },
    { name: 'bad', version: '1', fails: true },
  ]);
  repository = await serveDirectory(base);
  source = kind.source('main', `${repository.url}/stable`, publicKey);
}, 120_000);

afterAll(async () => {
  await repository?.close();
  if (base) rmSync(base, { recursive: true, force: true });
});

const lock = (...packages: (WantedPackage | [string, string])[]): Lock => ({
  schema: LOCK_SCHEMA,
  type: 'deb',
  packages: packages.map((one) => lockedPackage('apt', one)),
  keep: [],
});

async function versions({ root, state }: WholeDevice): Promise<Record<string, string>> {
  const clock = createClock();
  const rest = { files: createNodeFiles(), commands: createCommands({ clock }), clock };
  const driver = createDriver('apt', { ...rest, root, state, user: { uid: 0 } });
  return Object.fromEntries((await driver.installed()).map(({ name, version }) => [name, version]));
}

const managedOf = ({ state }: WholeDevice): string[] =>
  JSON.parse(readFileSync(join(state, 'packages/installed.json'), 'utf8')).managed;
const ownSource = ({ root }: WholeDevice): string =>
  join(root, 'etc/apt/sources.list.d/jamesd-main.sources');

function whole(name: string, test: (device: WholeDevice) => Promise<void>, timeout = 60_000): void {
  it(name, { timeout }, async (context) => {
    if (leftOut !== null) context.skip(leftOut);
    await test(createWholeDevice('apt'));
  });
}

describe('a transaction with packages', () => {
  whole(
    'finds later what was changed by hand, and tells no longer what is right again',
    async (device) => {
      const wanted = device.server.put(lock(['libx', '1'], { name: 'app', version: '1' }));
      await device.bring({ lock: wanted, sources: [source] });
      const { transactions } = device.whole();
      const file = join(device.root, 'usr/share/app/file');
      const before = readFileSync(file);
      writeFileSync(file, 'changed by hand');
      expect((await transactions.installed()).packages?.wrong).toEqual([]);
      await transactions.look();
      expect((await device.whole().transactions.installed()).packages).toMatchObject({
        installed: 1,
        wrong: [{ name: 'app', status: 'modified' }],
      });
      writeFileSync(file, before);
      await transactions.look();
      expect((await transactions.installed()).packages).toEqual({ installed: 2, wrong: [] });
    },
  );

  whole('installs later what no source had, as soon as one has it', async (device) => {
    const directory = join(base, 'growing');
    const growing = await createAptRepository({ directory });
    const publish = async (name: string): Promise<void> => {
      await growing.add({ name, version: '1' });
      await growing.publish({ suite: 'growing' });
    };
    await publish('rec');
    const { publicKey } = growing.key;
    const ask = {
      lock: device.server.put(lock({ name: 'later', arch: 'amd64' }, { name: 'rec' })),
      sources: [kind.source('main', `${repository.url}/growing`, publicKey)],
    };
    expect(await device.bring(ask)).toEqual({ kind: 'converged' });
    expect(await versions(device)).toEqual({ rec: '1' });
    const { transactions } = device.whole();
    const told = { name: 'later', status: 'failed', error: expect.stringContaining('later') };
    expect((await transactions.installed()).packages).toMatchObject({ wrong: [told] });
    expect(await transactions.look()).toBe(false);
    expect((await transactions.installed()).packages).toMatchObject({
      installed: 1,
      wrong: [told],
    });
    await publish('later');
    expect(await transactions.look()).toBe(true);
    expect((await transactions.installed()).packages?.wrong).toEqual([
      { ...told, error: 'It can be installed now, and is at the next try.' },
    ]);
    expect(await device.bring(ask)).toEqual({ kind: 'converged' });
    expect(await versions(device)).toEqual({ rec: '1', later: '1' });
    expect((await device.whole().transactions.installed()).packages).toMatchObject({
      installed: 2,
      wrong: [],
    });
    expect(await transactions.look()).toBe(false);
  });

  whole('brings packages and packets, and takes both away again', async (device) => {
    const packet = await device.build({ name: 'p', data: { 'opt/p': 'p' } });
    const both = {
      packets: [packet],
      lock: device.server.put(lock(['libx', '1'])),
      sources: [source],
    };
    expect(await device.bring(both)).toEqual({ kind: 'converged' });
    expect(device.phases).toEqual(['downloading', 'verified', 'applying']);
    expect(await versions(device)).toEqual({ libx: '1' });
    expect(existsSync(join(device.root, 'opt/p'))).toBe(true);
    const { point, packages } = await device.whole().transactions.installed();
    expect(point?.revision).toBe(1);
    expect(packages).toEqual({ installed: 1, wrong: [] });
    expect(managedOf(device)).toEqual(['libx']);

    expect(await device.bring({})).toEqual({ kind: 'converged' });
    expect(await versions(device)).toEqual({});
    expect(existsSync(join(device.root, 'opt/p'))).toBe(false);
    expect(existsSync(ownSource(device))).toBe(false);
    expect((await device.whole().transactions.installed()).packages).toBe(null);
  });

  whole('calls no package manager where nothing is asked of it', async (device) => {
    const packet = await device.build({ name: 'p', data: { 'opt/p': 'p' } });
    expect(await device.bring({ packets: [packet] })).toEqual({ kind: 'converged' });
    expect(device.ran).toEqual([]);
    expect(existsSync(join(device.state, 'packages'))).toBe(false);
  });

  whole('calls no package manager where all is there already', async (device) => {
    const packet = await device.build({ name: 'p', data: { 'opt/p': 'p' } });
    const packages = { lock: device.server.put(lock(['libx', '1'])), sources: [source] };
    await device.bring(packages);
    device.ran.splice(0);
    expect(await device.bring({ ...packages, packets: [packet] })).toEqual({ kind: 'converged' });
    expect(device.ran).toEqual([]);
    expect((await device.whole().transactions.installed()).point?.revision).toBe(2);
  });

  whole('puts packages back when the packets fail', async (device) => {
    const first = { lock: device.server.put(lock(['libx', '1'], ['app', '1'])), sources: [source] };
    await device.bring(first);
    device.phases.splice(0);
    const packet = await device.build({
      name: 'p',
      data: { 'opt/p': 'p' },
      scripts: { postinst: '#!/bin/sh\nexit 7' },
    });
    const second = {
      packets: [packet],
      lock: device.server.put(lock(['libx', '2'], ['app', '2'], ['rec', '1'])),
      sources: [source],
    };
    const failure = failureOf(await device.bring(second));
    expect(failure).toMatchObject({ undone: true, code: 'script-failed' });
    expect(failure.reason).not.toContain('On the way back');
    expect(device.phases).toEqual(['downloading', 'verified', 'applying', 'rolling-back']);
    expect(await versions(device)).toEqual({ libx: '1', app: '1' });
    expect(existsSync(join(device.root, 'opt/p'))).toBe(false);
    expect((await device.whole().transactions.installed()).point?.revision).toBe(1);
    expect(managedOf(device)).toEqual(['app', 'libx']);
  });

  whole('makes the file of a package anew that no source has any more', async (device) => {
    await device.bring({
      lock: device.server.put(lock(['libx', '1'], ['app', '1'])),
      sources: [source],
    });
    const file = join(device.root, 'usr/share/app/file');
    writeFileSync(file, 'changed by hand');
    const before = listTree(join(device.root, 'usr'));
    const only = await withOnly('2');
    const packet = await device.build({ name: 'p', scripts: { postinst: '#!/bin/sh\nexit 7' } });
    const second = {
      packets: [packet],
      lock: device.server.put(lock(['libx', '2'], ['app', '2'])),
      sources: [only],
    };
    const failure = failureOf(await device.bring(second));
    expect(failure).toMatchObject({ undone: true, code: 'script-failed' });
    expect(failure.reason).not.toContain('On the way back');
    expect(await versions(device)).toEqual({ app: '1', libx: '1' });
    expect(treeDifference(listTree(join(device.root, 'usr')), before)).toEqual([]);
    expect(existsSync(join(device.root, 'var/cache/jamesd/apt/repack'))).toBe(false);
  });

  whole('refuses what it could not take back, unless a spec allows it', async (device) => {
    await device.bring({ lock: device.server.put(lock(['libx', '1'])), sources: [source] });
    rmSync(join(device.root, 'var/lib/dpkg/info/libx.list'));
    const only = await withOnly('2');
    const packet = await device.build({ name: 'p', scripts: { preinst: '#!/bin/sh\nexit 7' } });
    const second = {
      packets: [packet],
      lock: device.server.put(lock(['libx', '2'])),
      sources: [only],
    };
    const refused = failureOf(await device.bring(second));
    expect(refused).toMatchObject({ code: 'undo-unavailable', retryable: false });
    expect(refused.reason).toContain('libx 1');
    expect(await versions(device)).toEqual({ libx: '1' });
    expect(readFileSync(ownSource(device), 'utf8')).toContain('/stable');
    const failure = failureOf(await device.bring({ ...second, policy: { irreversible: 'allow' } }));
    expect(failure.reason).toContain(
      'On the way back: libx could not be put back to 1: its file is not at hand.',
    );
    expect(await versions(device)).toEqual({ libx: '2' });
  });

  /** A source that has the packages in this version only. */
  async function withOnly(version: string): Promise<DesiredSource> {
    const suite = `only-${version}`;
    const { publicKey } = await kind.publish(join(base, suite), [
      { name: 'libx', version },
      { name: 'app', version, needs: ['libx'] },
    ]);
    return kind.source('main', `${repository.url}/${suite}`, publicKey);
  }

  whole(
    'undoes what a package that fails brought with it, and restores the sources',
    async (device) => {
      const packet = await device.build({ name: 'p', data: { 'opt/p': 'p' } });
      const body = {
        packets: [packet],
        lock: device.server.put(lock(['libx', '1'], ['bad', '1'])),
        sources: [source],
      };
      const failure = failureOf(await device.bring(body));
      expect(failure).toMatchObject({ undone: true, code: 'package-failed', retryable: true });
      expect(failure.reason).toContain('the oil is out');
      expect(await versions(device)).toEqual({});
      expect(existsSync(ownSource(device))).toBe(false);
      expect(existsSync(join(device.root, 'opt/p'))).toBe(false);
    },
  );

  whole('asks for an answer of its own where it would do something else', async (device) => {
    const asked = { lock: device.server.put(lock(['app', '1'])), sources: [source] };
    const failure = failureOf(await device.bring(asked));
    expect(failure).toMatchObject({ undone: true, code: 'packages-differ' });
    expect(failure.reason).toContain('It would also install libx 2, which the lock does not name.');
    expect(existsSync(ownSource(device))).toBe(false);
    expect(await versions(device)).toEqual({});
    expect(device.server.asked.map(({ installed }) => installed)).toEqual([undefined, []]);

    device.server.answer = () => lock(['app', '1'], { name: 'libx', version: '2', auto: true });
    expect(await device.bring(asked)).toEqual({ kind: 'converged' });
    expect(await versions(device)).toEqual({ app: '1', libx: '2' });
    device.ran.splice(0);
    expect(await device.bring(asked)).toEqual({ kind: 'converged' });
  });

  whole('changes nothing when a source is silent', async (device) => {
    await device.bring({ lock: device.server.put(lock(['libx', '1'])), sources: [source] });
    await repository.down();
    try {
      const next = { lock: device.server.put(lock(['libx', '2'])), sources: [source] };
      expect(failureOf(await device.bring(next))).toMatchObject({
        code: 'source-unreachable',
        retryable: true,
      });
    } finally {
      await repository.up();
    }
    expect(await versions(device)).toEqual({ libx: '1' });
    expect((await device.whole().transactions.installed()).point?.revision).toBe(1);
  });

  whole('gives way to a newer desired state before it changes anything', async (device) => {
    const stop = new AbortController();
    repository.misbehave(/Packages/, { kind: 'slow', ms: 300 });
    const running = device.bring(
      { lock: device.server.put(lock(['libx', '1'])), sources: [source] },
      { signal: stop.signal },
    );
    setTimeout(() => stop.abort(new Error('newer')), 150);
    expect(await running).toEqual({ kind: 'superseded' });
    repository.behave();
    expect(existsSync(ownSource(device))).toBe(false);
    expect(await versions(device)).toEqual({});
  });

  whole('refuses a lock for another kind of package', async (device) => {
    const wrong = { ...lock(['libx', '1']), type: 'rpm' as const };
    const failure = failureOf(
      await device.bring({ lock: device.server.put(wrong), sources: [source] }),
    );
    expect(failure).toMatchObject({ code: 'unsupported', retryable: false });
  });
});
