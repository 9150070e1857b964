import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Manager } from '../../agent/packages/package-drivers.ts';
import { createNodeFiles } from '../../agent/system/node-files.ts';
import type { DesiredSource } from '../../proto/desired-source.ts';
import { JamesError } from '../../proto/errors.ts';
import { createCertificate } from '../support/certificate.ts';
import { ensureDebianPackages } from '../support/debian.ts';
import { startForwardProxy } from '../support/forward-proxy.ts';
import { createPackageDevice } from '../support/package-device.ts';
import { kindOf, type PlainPackage } from '../support/package-kinds.ts';
import { type DirectoryServer, serveDirectory } from '../support/serve-directory.ts';

/** What a package manager cannot do in a root of its own on Debian, and why. */
export const cannot: Partial<Record<Manager, Record<string, string>>> = {
  apt: {
    'repairs a damaged database, and never makes it an empty one':
      'dpkg keeps files of text; what was cut off is in the test of what was interrupted',
    'waits for another one of its own kind':
      'apt and dpkg hold the locks that the other tests of locks hold',
  },
  dnf: {
    'finishes what was interrupted':
      'rpm has no half-configured packages: it writes a package down when its files are there',
    'never removes what is essential':
      'rpm has no essential packages; names are protected by a list, which a unit test holds',
  },
  zypper: {
    'finishes what was interrupted': 'as dnf: it is the same rpm',
    'never removes what is essential': 'as dnf',
    'takes nothing that a source excludes':
      'zypper has no excludepkgs and no includepkgs per repository',
  },
};

const isFull = process.env.JAMESD_FULL === '1';
/** What is looked at for every package manager, however little time there is. */
const always: readonly string[] = [
  'installs, upgrades and removes exactly what the lock says',
  'says what it would do otherwise, and touches nothing',
  'puts back what was there',
  'repairs a damaged database, and never makes it an empty one',
];

const main: PlainPackage[] = [
  { name: 'libx', version: '1' },
  { name: 'libx', version: '2' },
  { name: 'app', version: '1', needs: ['libx'], recommends: ['rec'] },
  { name: 'app', version: '2', needs: ['libx >= 2'] },
  { name: 'rec', version: '1' },
  { name: 'user', version: '1', needs: ['libx'] },
  { name: 'bad', version: '1', fails: true },
  { name: 'broken', version: '1', needs: ['nowhere >= 3'] },
  { name: 'onbroken', version: '1', needs: ['broken'] },
  { name: 'ess', version: '1', essential: true },
  {
    name: 'conf',
    version: '1',
    files: { '/etc/conf.conf': 'one\n' },
    conffiles: ['/etc/conf.conf'],
  },
  {
    name: 'conf',
    version: '2',
    files: { '/etc/conf.conf': 'two\n' },
    conffiles: ['/etc/conf.conf'],
  },
];

/** What every driver must do, with its real package manager in roots of their own and a signed repository over HTTP. */
export function packageDriverSuite(manager: Manager): void {
  const kind = kindOf[manager];
  const v = kind.version;
  let base: string;
  let server: DirectoryServer;
  let source: DesiredSource;
  let publicKey: string;
  let leftOut: string | null = null;

  beforeAll(async () => {
    ({ leftOut } = await ensureDebianPackages(kind.tools));
    if (leftOut !== null) return;
    base = mkdtempSync(join(tmpdir(), 'jamesd-packages-'));
    ({ publicKey } = await kind.publish(join(base, 'stable'), main));
    server = await serveDirectory(base);
    source = kind.source('main', `${server.url}/stable`, publicKey);
  }, 120_000);

  afterAll(async () => {
    await server?.close();
    if (base) rmSync(base, { recursive: true, force: true });
  });

  const known = new Set<string>();
  const can = (name: string, test: () => Promise<void>): void => {
    known.add(name);
    if (cannot[manager]?.[name] !== undefined) return;
    if (!isFull && manager !== 'apt' && !always.includes(name)) return;
    it(name, { timeout: 60_000 }, async (context) => {
      if (leftOut !== null) context.skip(leftOut);
      await test();
    });
  };

  const device = (options?: Parameters<typeof createPackageDevice>[2]) =>
    createPackageDevice(manager, [source], options);

  describe(`${manager} as package driver`, () => {
    can('installs, upgrades and removes exactly what the lock says', async () => {
      const { driver, target, bring, versions } = device();
      const first = target({
        packages: [['app', '1'], { name: 'libx', version: v('1'), auto: true }],
      });
      expect(await bring(first)).toEqual([]);
      expect(await versions()).toEqual({ app: v('1'), libx: v('1') });
      const marks = (await driver.installed()).map(({ name, auto }) => [name, auto]);
      expect(new Map(marks as [string, boolean][])).toEqual(
        new Map([
          ['app', false],
          ['libx', true],
        ]),
      );
      expect(await driver.verify(first)).toEqual([]);

      const managed = ['app', 'libx'];
      const second = target({
        packages: [
          ['app', '2'],
          ['libx', '2'],
          ['user', '1'],
        ],
        managed,
      });
      const simulation = await driver.simulate(second);
      expect(simulation.differences).toEqual([]);
      expect(simulation.install.map(({ name }) => name)).toEqual(['user']);
      expect(simulation.upgrade.map(({ to }) => `${to.name} ${to.version}`).sort()).toEqual([
        `app ${v('2')}`,
        `libx ${v('2')}`,
      ]);
      expect(await bring(second)).toEqual([]);
      expect(await versions()).toEqual({ app: v('2'), libx: v('2'), user: v('1') });

      const third = target({ packages: [['libx', '2']], managed: [...managed, 'user'] });
      expect(await bring(third)).toEqual([]);
      expect(await versions()).toEqual({ libx: v('2') });
    });

    can('says what it would do otherwise, and touches nothing', async () => {
      const { target, bring, versions } = device();
      const [difference, ...more] = await bring(target({ packages: [['app', '1']] }));
      expect(more).toEqual([]);
      expect(difference).toMatch(
        /^It would also install libx 2(-1)?, which the lock does not name\.$/,
      );
      const [cannotDo] = await bring(target({ packages: [['app', '9']] }));
      expect(cannotDo).toMatch(/^The package manager cannot do what the lock says: .*app/);
      expect(await versions()).toEqual({});
    });

    can('goes back to a lower version only where the policy says so', async () => {
      const { target, bring, versions } = device();
      expect(await bring(target({ packages: [['libx', '2']] }))).toEqual([]);
      const [refused] = await bring(target({ packages: [['libx', '1']] }));
      expect(refused).toBe(
        `It would go back to ${v('1')} of libx, and the policy forbids lower versions.`,
      );
      expect(await versions()).toEqual({ libx: v('2') });
      const allowed = target({ packages: [['libx', '1']], policy: { downgrade: true } });
      expect(await bring(allowed)).toEqual([]);
      expect(await versions()).toEqual({ libx: v('1') });
    });

    can('removes what it installed, and nothing else unless it is told', async () => {
      const { driver, target, bring, versions } = device();
      await bring(
        target({
          packages: [
            ['user', '1'],
            ['libx', '2'],
            ['rec', '1'],
          ],
        }),
      );
      // libx is ours, user and rec are somebody else's: libx stays, for user needs it.
      expect(await bring(target({ managed: ['libx'] }))).toEqual([]);
      expect(await versions()).toEqual({ user: v('1'), libx: v('2'), rec: v('1') });
      expect((await driver.installed()).find(({ name }) => name === 'libx')?.auto).toBe(true);
      const all = target({ packages: [['libx', '2']], policy: { unmanaged: 'remove' } });
      expect((await driver.verify(all)).map(({ name, status }) => [name, status]).sort()).toEqual([
        ['rec', 'extra'],
        ['user', 'extra'],
      ]);
      expect(await bring(all)).toEqual([]);
      expect(await versions()).toEqual({ libx: v('2') });
    });

    can('never removes what is essential', async () => {
      const { target, bring, versions } = device();
      await bring(target({ packages: [['ess', '1']] }));
      expect(await bring(target({ managed: ['ess'], policy: { unmanaged: 'remove' } }))).toEqual(
        [],
      );
      expect(await versions()).toEqual({ ess: '1' });
    });

    can('keeps what a line is kept for', async () => {
      const { target, bring, versions } = device();
      await bring(
        target({ packages: [['app', '1'], { name: 'libx', version: v('1'), auto: true }] }),
      );
      expect(await bring(target({ keep: ['app'], managed: ['app', 'libx'] }))).toEqual([]);
      expect(await versions()).toEqual({ app: v('1'), libx: v('1') });
    });

    can('leaves versions to the package manager', async () => {
      const { target, bring, versions } = device();
      const policy = { version: 'auto' } as const;
      expect(await bring(target({ packages: [{ name: 'app' }], policy }))).toEqual([]);
      expect(await versions()).toEqual({ app: v('2'), libx: v('2') });
    });

    can('takes nothing that a source excludes', async () => {
      const { driver, target, bring, versions } = device();
      const sources = [{ ...source, exclude: ['rec'] }];
      const wanted = target({ packages: [{ name: 'rec' }], policy: { version: 'auto' }, sources });
      expect(await bring(wanted)).toEqual([]);
      expect(await versions()).toEqual({});
      expect(await driver.verify(wanted)).toEqual([
        { name: 'rec', status: 'failed', error: expect.stringContaining('rec') },
      ]);
    });

    can('leaves out what cannot be found or installed, and installs the rest', async () => {
      const { driver, root, target, bring, versions } = device();
      const { ownArch: arch } = kind;
      const policy = { version: 'auto' } as const;
      const names = ['onbroken', 'app', 'nonexist', 'broken', 'no.such', 'rec'];
      const packages = names.map((name) => ({ name, arch }));
      expect(await bring(target({ packages, policy }))).toEqual([]);
      expect(await versions()).toEqual({ app: v('2'), libx: v('2'), rec: v('1') });
      writeFileSync(join(root, 'usr/share/rec/file'), 'other\n');
      const failed = (name: string, why: string) => ({
        name,
        status: 'failed',
        error: expect.stringContaining(why),
      });
      expect(await driver.verify(target({ packages, policy }))).toEqual([
        failed('onbroken', 'broken'),
        failed('nonexist', 'nonexist'),
        failed('broken', 'nowhere'),
        failed('no.such', 'no.such'),
        { name: 'rec', status: 'modified', error: '/usr/share/rec/file was changed.' },
      ]);
      const fixed = { name: 'nonexist', version: v('1') };
      expect(await bring(target({ packages: [...packages, fixed] }))).toEqual([
        expect.stringMatching(/^The package manager cannot do what the lock says: .*nonexist/),
      ]);
    });

    can('finds modified and missing files, unless the lock says not to look', async () => {
      const { driver, root, target, bring } = device();
      const wanted = target({
        packages: [
          ['libx', '2'],
          ['rec', '1'],
          ['user', '1'],
        ],
      });
      await bring(wanted);
      writeFileSync(join(root, 'usr/share/rec/file'), 'other\n');
      rmSync(join(root, 'usr/share/user/file'));
      expect(await driver.verify(wanted)).toEqual([
        { name: 'rec', status: 'modified', error: '/usr/share/rec/file was changed.' },
        { name: 'user', status: 'modified', error: '/usr/share/user/file is missing.' },
      ]);
      const quiet = target({
        packages: [['app', '1'], ['libx', '1'], { name: 'rec', verify: false }],
      });
      expect((await driver.verify(quiet)).map(({ name, status }) => [name, status])).toEqual([
        ['app', 'missing'],
        ['libx', 'wrong-version'],
      ]);
    });

    can('puts back what was there', async () => {
      const { driver, target, bring, versions, lines } = device();
      await bring(
        target({
          packages: [
            ['app', '1'],
            ['libx', '1'],
          ],
        }),
      );
      const before = await driver.installed();
      await bring(
        target({
          packages: [
            ['app', '2'],
            ['libx', '2'],
            ['user', '1'],
          ],
        }),
      );
      const reporter = {
        log: (said: readonly string[]) => void lines.push(...said),
        progress: () => undefined,
      };
      expect(await driver.undo(before, reporter)).toEqual([]);
      expect(await versions()).toEqual({ app: v('1'), libx: v('1') });
      const elsewhere = [
        ...before,
        { name: 'lost', version: v('1'), arch: kind.anyArch, auto: false },
      ];
      expect(await driver.undo(elsewhere, reporter)).toEqual([
        `lost could not be put back to ${v('1')}: its file is not at hand.`,
      ]);
    });

    can('says who uses the package manager, and waits no longer than it may', async () => {
      const { driver, root, target, bring, lines } = device({ lockWaitMs: 1200 });
      await bring(target({ packages: [['libx', '2']] }));
      const holder = await holdLock(root, manager);
      try {
        const failure = await bring(
          target({
            packages: [
              ['libx', '2'],
              ['rec', '1'],
            ],
          }),
        ).catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(JamesError);
        expect((failure as JamesError).code).toBe('package-manager-locked');
        expect((failure as JamesError).message).toContain(`process ${holder.pid} (`);
        expect(lines.join('\n')).toContain(
          `Waiting for the package manager, which process ${holder.pid} (`,
        );
      } finally {
        holder.end();
      }
      expect((await driver.installed()).map(({ name }) => name)).toEqual(['libx']);
    });

    can('goes on when the lock is free again', async () => {
      const { root, target, bring, versions } = device();
      await bring(target({ packages: [['libx', '2']] }));
      const holder = await holdLock(root, manager);
      setTimeout(() => holder.end(), 700);
      expect(
        await bring(
          target({
            packages: [
              ['libx', '2'],
              ['rec', '1'],
            ],
          }),
        ),
      ).toEqual([]);
      expect(await versions()).toEqual({ libx: v('2'), rec: v('1') });
    });

    can('tells of a script that fails, in its own words', async () => {
      const { target, bring } = device();
      const failure = await bring(target({ packages: [['bad', '1']] })).catch(
        (error: unknown) => error,
      );
      expect(failure).toMatchObject({
        code: 'package-failed',
        message: expect.stringContaining('the oil is out'),
      });
    });

    can('finishes what was interrupted', async () => {
      const { driver, root, target, bring, versions } = device();
      await bring(target({ packages: [['rec', '1']] }));
      const status = join(root, 'var/lib/dpkg/status');
      writeFileSync(
        status,
        readFileSync(status, 'utf8').replace('install ok installed', 'install ok half-configured'),
      );
      expect((await driver.verify(target({ packages: [['rec', '1']] })))[0]).toMatchObject({
        name: 'rec',
        status: 'failed',
      });
      expect(
        await bring(
          target({
            packages: [
              ['rec', '1'],
              ['libx', '2'],
            ],
          }),
        ),
      ).toEqual([]);
      expect(await versions()).toEqual({ rec: '1', libx: '2' });
      expect(await driver.verify(target({ packages: [['rec', '1']] }))).toEqual([]);
    });

    can('repairs a damaged database, and never makes it an empty one', async () => {
      const { driver, root, target, bring, versions, lines } = device();
      const first: [string, string][] = [
        ['libx', '2'],
        ['rec', '1'],
      ];
      await bring(target({ packages: first }));
      const before = await versions();
      for (const table of ['Name_key_idx', 'Basenames']) {
        damageRpmDatabase(root, table);
        lines.splice(0);
        expect(await bring(target({ packages: [...first, ['user', '1']] })), table).toEqual([]);
        expect(lines.join('\n'), table).toContain('rpm --rebuilddb');
        expect(await versions(), table).toEqual({ ...before, user: v('1') });
      }
      damageRpmDatabase(root, 'Packages');
      const bytes = readFileSync(join(root, RPM_DATABASE));
      await expect(driver.installed()).rejects.toMatchObject({
        code: 'package-failed',
        message: expect.stringContaining('put a copy of it back'),
      });
      await expect(bring(target({ packages: first }))).rejects.toMatchObject({
        code: 'package-failed',
      });
      expect(readFileSync(join(root, RPM_DATABASE)).equals(bytes)).toBe(true);
    });

    can('waits for another one of its own kind', async () => {
      const { driver, root, target, bring, lines } = device({ lockWaitMs: 1200 });
      await bring(target({ packages: [['libx', '2']] }));
      const holder = await holdOwnLock(root, manager);
      const more: [string, string][] = [
        ['libx', '2'],
        ['rec', '1'],
      ];
      try {
        const failure = await bring(target({ packages: more })).catch((error: unknown) => error);
        expect(failure).toMatchObject({
          code: 'package-manager-locked',
          message: expect.stringContaining(`process ${holder.pid}`),
        });
        expect(lines.join('\n')).toContain(`which process ${holder.pid}`);
      } finally {
        await holder.end();
      }
      expect((await driver.installed()).map(({ name }) => name)).toEqual(['libx']);
      expect(await bring(target({ packages: more }))).toEqual([]);
    });

    can('keeps changed configuration files', async () => {
      const { root, target, bring, versions } = device();
      await bring(target({ packages: [['conf', '1']] }));
      writeFileSync(join(root, 'etc/conf.conf'), 'mine\n');
      expect(await bring(target({ packages: [['conf', '2']] }))).toEqual([]);
      expect(await versions()).toEqual({ conf: v('2') });
      expect(readFileSync(join(root, 'etc/conf.conf'), 'utf8')).toBe('mine\n');
    });

    can('refuses before it begins when the disk is too small', async () => {
      const files = createNodeFiles();
      const small = {
        ...files,
        freeSpace: async () => ({ bytes: 20 * 1024 * 1024, inodes: 1000 }),
      };
      const { driver, target, bring } = device({ files: small });
      const wanted = target({
        packages: [{ name: 'libx', version: v('2'), installedSize: 5_000_000_000 }],
      });
      await expect(bring(wanted)).rejects.toMatchObject({ code: 'no-space' });
      expect(await driver.installed()).toEqual([]);
    });

    can('touches only its own files, and takes them away again', async () => {
      const { driver, root, target, bring } = device();
      const foreign =
        manager === 'apt'
          ? 'etc/apt/sources.list.d/other.sources'
          : manager === 'dnf'
            ? 'etc/yum.repos.d/other.repo'
            : 'etc/zypp/repos.d/other.repo';
      mkdirSync(dirname(join(root, foreign)), { recursive: true });
      writeFileSync(join(root, foreign), 'this is no configuration that anything could read');
      expect(await bring(target({ packages: [['libx', '2']] }))).toEqual([]);
      expect(readFileSync(join(root, foreign), 'utf8')).toMatch(/^this is no/);
      const own = join(
        root,
        dirname(foreign),
        `jamesd-main.${manager === 'apt' ? 'sources' : 'repo'}`,
      );
      expect(readFileSync(own, 'utf8')).toContain(`${server.url}/stable`);
      expect(readFileSync(own, 'utf8')).not.toContain(root);
      await driver.writeSources(target({ sources: [] }));
      expect(existsSync(own)).toBe(false);
      await driver.restoreSources();
      expect(readFileSync(own, 'utf8')).toContain(`${server.url}/stable`);
      await driver.writeSources(target({ sources: [] }));
      await driver.keepSources();
      await driver.restoreSources();
      expect(existsSync(own)).toBe(false);
      expect(existsSync(join(root, foreign))).toBe(true);
    });

    can(
      'says that a source cannot be reached or not be believed, and has nothing changed',
      async () => {
        const { target, bring, versions } = device();
        server.misbehave(/(InRelease|Release|repomd\.xml)$/, { kind: 'status', status: 503 });
        const failure = await bring(target({ packages: [['libx', '2']] })).catch(
          (error: unknown) => error,
        );
        server.behave();
        expect(failure).toMatchObject({ code: 'source-unreachable' });
        server.misbehave(/(InRelease|Release|repomd\.xml)$/, {
          kind: 'bytes',
          bytes: 'of somebody else',
        });
        const lie = await bring(target({ packages: [['libx', '2']] })).catch(
          (error: unknown) => error,
        );
        server.behave();
        expect(lie).toMatchObject({ code: 'source-untrusted' });
        expect(await versions()).toEqual({});
      },
    );

    can('uses credentials, and shows them to nobody', async () => {
      const { root, target, bring, versions, lines, state } = device();
      const secret = { username: 'device-user', password: 'swordfish-42' };
      server.auth = secret;
      try {
        const sources = [{ ...source, auth: 'mirror' }];
        const refused = await bring(target({ packages: [['libx', '2']], sources: [source] })).catch(
          (error: unknown) => error,
        );
        expect(refused).toBeInstanceOf(JamesError);
        const secrets = new Map([['mirror', secret]]);
        expect(await bring(target({ packages: [['libx', '2']], sources, secrets }))).toEqual([]);
      } finally {
        server.auth = null;
      }
      expect(await versions()).toEqual({ libx: v('2') });
      expect(lines.join('\n')).not.toContain('swordfish-42');
      for (const path of await filesWith(root, 'swordfish-42'))
        expect(statSync(path).mode & 0o077).toBe(0);
      for (const path of await filesWith(state, 'swordfish-42'))
        expect(statSync(path).mode & 0o077).toBe(0);
    });

    can('goes through a proxy that wants a password, and shows that to nobody', async () => {
      const user = { username: 'gate-user', password: 'open-sesame-7' };
      const proxy = await startForwardProxy({ user, upstream: server.url });
      onTestFinished(proxy.close);
      const { target, bring, versions, lines } = device();
      const far = kind.source('main', 'http://packages.example.org/stable', publicKey);
      const behind = { ...far, proxy: `${proxy.url}/` };
      const wanted = { packages: [['libx', '2'] as [string, string]] };
      const refused = await bring(target({ ...wanted, sources: [behind] })).catch(
        (error: unknown) => error,
      );
      expect(refused).toMatchObject({ code: 'source-unreachable' });
      const sources = [{ ...behind, proxyAuth: 'gate' }];
      const secrets = new Map([['gate', user]]);
      expect(await bring(target({ ...wanted, sources, secrets }))).toEqual([]);
      expect(await versions()).toEqual({ libx: v('2') });
      expect(proxy.seen.at(-1)?.target).toContain('http://packages.example.org/stable/');
      expect(lines.join('\n')).not.toContain('open-sesame-7');
    });

    can('believes the authority that a source names, and no unknown one', async () => {
      const certificate = await createCertificate();
      const secure = await serveDirectory(base, certificate);
      onTestFinished(() => secure.close());
      const { target, bring, versions } = device();
      const own = kind.source('main', `${secure.url}/stable`, publicKey);
      const wanted = { packages: [['libx', '2'] as [string, string]] };
      const refused = await bring(target({ ...wanted, sources: [own] })).catch(
        (error: unknown) => error,
      );
      expect(refused).toMatchObject({ code: 'source-unreachable' });
      const sources = [{ ...own, ca: certificate.cert }];
      expect(await bring(target({ ...wanted, sources }))).toEqual([]);
      expect(await versions()).toEqual({ libx: v('2') });
    });

    can('leaves no process running', async () => {
      const { root, target, bring } = device();
      await bring(target({ packages: [['libx', '2']] }));
      await expect.poll(() => processesNaming(root), { timeout: 10_000 }).toEqual([]);
    });

    can('contacts nothing but its sources', async () => {
      const { target, bring } = device();
      server.requests.splice(0);
      await bring(target({ packages: [['libx', '2']] }));
      expect(server.requests.length).toBeGreaterThan(0);
      expect(server.requests.filter(({ path }) => !path.startsWith('/stable/'))).toEqual([]);
      expect(existsSync('/var/cache/jamesd')).toBe(false);
    });

    it('cannot do only what the table gives a reason for', () => {
      expect(Object.keys(cannot[manager] ?? {}).filter((name) => !known.has(name))).toEqual([]);
    });
  });
}

const RPM_DATABASE = '.rpmdb/rpmdb.sqlite';

/** Writes nonsense over the first page of a table or an index, as a disk may. */
function damageRpmDatabase(root: string, table: string): void {
  const file = join(root, RPM_DATABASE);
  const script =
    'import sqlite3,sys\nc=sqlite3.connect(sys.argv[1])\nprint(c.execute("select rootpage from sqlite_master where name=?",(sys.argv[2],)).fetchone()[0])';
  const page = Number(execFileSync('/usr/bin/python3', ['-c', script, file, table]).toString());
  for (const rest of ['-shm', '-wal']) rmSync(`${file}${rest}`, { force: true });
  const bytes = readFileSync(file);
  const size = bytes.readUInt16BE(16);
  bytes.fill(0xff, (page - 1) * size, page * size);
  writeFileSync(file, bytes);
}

/** The command lines of running processes that name a path. */
function processesNaming(path: string): string[] {
  const lines = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(commandLine);
  return lines.filter((line) => line.includes(path));
}

/** Empty for a process that has ended meanwhile. */
function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

async function filesWith(directory: string, text: string): Promise<string[]> {
  try {
    return execFileSync('grep', ['-rlF', text, directory], { encoding: 'utf8' }).trim().split('\n');
  } catch {
    return [];
  }
}

/** Another zypper on the root, or a process that dnf takes for another dnf. */
async function holdOwnLock(
  root: string,
  manager: Manager,
): Promise<{ pid: number; end(): Promise<void> }> {
  const own = manager === 'zypper';
  const child = own
    ? spawn('/usr/bin/zypper', ['--root', root, '--no-refresh', 'shell'], { stdio: 'pipe' })
    : spawn('/usr/bin/sleep', ['60'], { stdio: 'pipe' });
  const pid = child.pid as number;
  if (own) await new Promise((resolve) => child.stdout.once('data', resolve));
  else writeFileSync(join(root, 'var/lib/dnf/rpmdb_lock.pid'), String(pid));
  return {
    pid,
    async end() {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** A process that holds the package manager's lock, as the package manager itself would. */
async function holdLock(root: string, manager: Manager): Promise<{ pid: number; end(): void }> {
  const file = manager === 'apt' ? 'var/lib/dpkg/lock-frontend' : '.rpmdb/.rpm.lock';
  const script =
    'import fcntl,sys,time\nf=open(sys.argv[1],"a")\nfcntl.lockf(f,fcntl.LOCK_EX)\nprint("held",flush=True)\ntime.sleep(60)';
  const child = spawn('/usr/bin/python3', ['-c', script, join(root, file)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return { pid: child.pid as number, end: () => void child.kill() };
}
