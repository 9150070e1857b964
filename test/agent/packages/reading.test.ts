import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aptConf } from '../../../agent/packages/core/apt-conf.ts';
import { bytesOf, parseAptSimulation } from '../../../agent/packages/core/apt-output.ts';
import { parseDnfTransaction } from '../../../agent/packages/core/dnf-output.ts';
import { parseDpkgStatus } from '../../../agent/packages/core/dpkg-status.ts';
import { lockHolders, shownCommand } from '../../../agent/packages/core/proc-locks.ts';
import { parseRpmQuery } from '../../../agent/packages/core/rpm-query.ts';
import { parseVerify } from '../../../agent/packages/core/verify-output.ts';
import { parseZypperSummary, zypperMessages } from '../../../agent/packages/core/zypper-output.ts';

describe("dpkg's database", () => {
  const status = [
    'Package: libx',
    'Status: install ok installed',
    'Priority: optional',
    'Installed-Size: 12',
    'Architecture: amd64',
    'Version: 1:2.0-1',
    'Depends: libc6 (>= 2.36) | musl, awk:any,',
    ' multi-line',
    'Pre-Depends: dpkg (>= 1.15)',
    'Provides: x-api (= 2), x',
    'Description: a library',
    ' with Package: and Version: 9 in its text',
    '',
    'Package: held',
    'Status: hold ok half-configured',
    'Architecture: all',
    'Version: 1',
    '',
    'Package: gone',
    'Status: deinstall ok config-files',
    'Version: 1',
    '',
    'Package: base',
    'Essential: yes',
    'Status: install ok installed',
    'Architecture: amd64',
    'Version: 1',
    '',
  ].join('\n');
  const marks =
    'Package: libx\nArchitecture: amd64\nAuto-Installed: 1\n\nPackage: base\nArchitecture: amd64\nAuto-Installed: 0\n';

  it('gives what is installed or stuck, with marks, holds and needs', () => {
    expect(parseDpkgStatus(status, marks)).toEqual([
      {
        name: 'libx',
        version: '1:2.0-1',
        arch: 'amd64',
        auto: true,
        protected: false,
        broken: false,
        installedBytes: 12 * 1024,
        needs: ['libc6', 'musl', 'awk', 'multi-line', 'dpkg'],
        provides: ['x-api', 'x'],
      },
      expect.objectContaining({ name: 'held', hold: true, broken: true, auto: false }),
      expect.objectContaining({ name: 'base', protected: true, auto: false }),
    ]);
  });

  it('takes apt’s mark of the machine’s architecture for a package of all', () => {
    const text = 'Package: doc\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n';
    const auto = 'Package: doc\nArchitecture: amd64\nAuto-Installed: 1\n';
    expect(parseDpkgStatus(text, auto)[0]?.auto).toBe(true);
  });

  it('never removes kernels, init and the package manager', () => {
    for (const name of ['linux-image-6.1.0-18-amd64', 'apt', 'init', 'grub-pc']) {
      const text = `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n`;
      expect(parseDpkgStatus(text, '')[0]?.protected, name).toBe(true);
    }
  });

  it('reads back what was written, and takes any text', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9+.-]{1,12}$/);
    const one = fc.record({
      name: word,
      version: fc.stringMatching(/^[0-9][0-9a-z.~+-]{0,8}$/),
      needs: fc.uniqueArray(word, { maxLength: 4 }),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 6 }), (all) => {
        const text = all
          .map(
            ({ name, version, needs }) =>
              `Package: ${name}\nStatus: install ok installed\nArchitecture: all\nVersion: ${version}\nDepends: ${needs.join(', ')}\n`,
          )
          .join('\n');
        const read = parseDpkgStatus(text, '').map(({ name, version, needs }) => ({
          name,
          version,
          needs,
        }));
        expect(read).toEqual(all);
      }),
    );
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, other) => void parseDpkgStatus(text, other)),
    );
  });
});

describe("apt's simulation", () => {
  it('gives installations, upgrades, downgrades and removals with their versions', () => {
    const text = [
      'Need to get 1,234 kB of archives.',
      'After this operation, 5,120 B disk space will be freed.',
      'Remv old [1.0-1]',
      'Remv foreign:i386 [2]',
      'Inst libx [1.0] (2.0 Debian:12.5/stable, Debian-Security:12/stable-security [amd64])',
      'Inst down [2.0] (1.0 s [all]) []',
      'Inst new:i386 (1:3 s [i386])',
      'Inst app (1.0 s [all]) [libx:amd64 ]',
      'Conf stuck (1.0 s [all])',
    ].join('\n');
    expect(parseAptSimulation(text)).toEqual({
      changes: [
        { kind: 'remove', name: 'old', arch: null, from: '1.0-1', to: null },
        { kind: 'remove', name: 'foreign', arch: 'i386', from: '2', to: null },
        { kind: 'upgrade', name: 'libx', arch: 'amd64', from: '1.0', to: '2.0' },
        { kind: 'downgrade', name: 'down', arch: 'all', from: '2.0', to: '1.0' },
        { kind: 'install', name: 'new', arch: 'i386', from: null, to: '1:3' },
        { kind: 'install', name: 'app', arch: 'all', from: null, to: '1.0' },
        { kind: 'reinstall', name: 'stuck', arch: 'all', from: '1.0', to: '1.0' },
      ],
      downloadBytes: 1_234_000,
      diskBytes: -5120,
    });
  });

  it('counts in thousands', () => {
    expect(['0 B', '12.5 MB', '1,024 kB', '3 GB', ''].map(bytesOf)).toEqual([
      0, 12_500_000, 1_024_000, 3_000_000_000, 0,
    ]);
  });

  it('takes any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => void parseAptSimulation(`Inst ${text}\nRemv ${text}`)),
    );
  });
});

describe("apt's configuration", () => {
  it('reads nothing of the host for another root', () => {
    const text = aptConf({
      root: '/srv/root',
      cache: '/srv/root/var/cache/jamesd/apt',
      asRoot: false,
    });
    expect(text).toContain('Dir "/srv/root/";');
    expect(text).toContain('DPkg::Options:: "--root=/srv/root";');
    expect(text).toContain('DPkg::Options:: "--force-not-root";');
    expect(text).toContain('#clear DPkg::Pre-Install-Pkgs;');
  });

  it('leaves the system its own places', () => {
    const text = aptConf({ root: '/', cache: '/var/cache/jamesd/apt', asRoot: true });
    expect(text).not.toMatch(/^Dir "/m);
    expect(text).not.toContain('--root');
    expect(text).not.toContain('Pre-Install-Pkgs');
    expect(text).toContain('--force-confold');
  });

  it('lets no path break out of its quotes', () => {
    const text = aptConf({ root: '/a"; Evil "1', cache: '/c', asRoot: true });
    expect(text).toContain('Dir "/a; Evil 1/";');
  });
});

describe("dnf's table", () => {
  const table = [
    'Dependencies resolved.',
    '================================',
    ' Package   Architecture  Version  Repository  Size',
    '================================',
    'Installing:',
    ' app       noarch   1.0-1   jamesd-main   6.1 k',
    ' a-package-with-a-very-long-name-that-does-not-fit',
    '           x86_64   2:3.0-1.el9   jamesd-main   12 M',
    '     replacing  older.x86_64 0:1.0-1',
    'Installing dependencies:',
    ' libx      noarch   0:1-1   jamesd-main   900',
    'Upgrading:',
    ' up        noarch   2-1     jamesd-main   1 k',
    'Downgrading:',
    ' down      noarch   1-1     jamesd-main   1 k',
    'Removing:',
    ' user      noarch   1-1     @jamesd-main  9  ',
    'Removing dependent packages:',
    ' other     noarch   1-1     @System       11 k',
    '',
    'Transaction Summary',
    '================================',
    'Install  3 Packages',
    'Total download size: 12 M',
    'Installed size: 20 M',
  ].join('\n');

  it('is read by its headings, also where rows are broken', () => {
    const { changes, downloadBytes, diskBytes } = parseDnfTransaction(table);
    expect(
      changes.map(({ kind, name, arch, from, to }) => `${kind} ${name}.${arch} ${from} ${to}`),
    ).toEqual([
      'install app.noarch null 1.0-1',
      'install a-package-with-a-very-long-name-that-does-not-fit.x86_64 null 2:3.0-1.el9',
      'remove older.x86_64 1.0-1 null',
      'install libx.noarch null 1-1',
      'upgrade up.noarch null 2-1',
      'downgrade down.noarch null 1-1',
      'remove user.noarch 1-1 null',
      'remove other.noarch 1-1 null',
    ]);
    expect([downloadBytes, diskBytes]).toEqual([12 * 1024 ** 2, 20 * 1024 ** 2]);
  });

  it('takes any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => void parseDnfTransaction(`Installing:\n ${text}`)),
    );
  });
});

describe("zypper's summary", () => {
  const xml = `<?xml version='1.0'?><stream>
<message type="info">Resolving…</message>
<install-summary download-size="12459" space-usage-diff="-8" packages-to-change="3">
<to-upgrade><solvable type="package" name="app" edition="2.0-1" arch="noarch" edition-old="0:1.0-1" arch-old="noarch" summary="a &amp; b"/></to-upgrade>
<to-install><solvable type="package" name="libx" edition="1-1" arch="noarch" summary="t"><description>t</description></solvable>
<solvable type="pattern" name="base" edition="1-1" arch="noarch"/></to-install>
<to-downgrade><solvable type="package" name="down" edition="1-1" arch="noarch" edition-old="2-1"/></to-downgrade>
<to-remove><solvable type="package" name="rec" edition="1-1" arch="noarch" summary="t"/></to-remove>
</install-summary></stream>`;

  it('gives packages by section', () => {
    const summary = parseZypperSummary(xml);
    expect(
      summary?.changes.map(({ kind, name, from, to }) => `${kind} ${name} ${from} ${to}`),
    ).toEqual([
      'upgrade app 1.0-1 2.0-1',
      'install libx null 1-1',
      'downgrade down 2-1 1-1',
      'remove rec 1-1 null',
    ]);
    expect(summary).toMatchObject({ downloadBytes: 12459, diskBytes: -8 });
  });

  it('is null without a summary, and the messages say why', () => {
    const text = `<stream><message type="error">No provider of &apos;app=7&apos; found.</message>
<prompt id="1"><description>Problem: user-1 requires libx
 Solution 1: keep libx</description></prompt></stream>`;
    expect(parseZypperSummary(text)).toBe(null);
    expect(zypperMessages(text)).toEqual([
      "No provider of 'app=7' found.",
      'Problem: user-1 requires libx',
      'Solution 1: keep libx',
    ]);
  });
});

describe("rpm's query", () => {
  it('gives packages with what they need and provide', () => {
    const text = [
      'P\tgpg-pubkey\t(none)\t1-1\t(none)\t0',
      'P\tapp\t(none)\t1.0-1\tnoarch\t10',
      'N\tlibx',
      'N\trpmlib(CompressedFileNames)',
      'N\t(plug if libx)',
      'V\tapp',
      'V\tapp-api',
      'P\tbash\t1\t5.2-1\tx86_64\t20',
      '',
    ].join('\n');
    expect(parseRpmQuery(text)).toEqual([
      {
        name: 'app',
        version: '1.0-1',
        arch: 'noarch',
        auto: false,
        protected: false,
        broken: false,
        installedBytes: 10,
        needs: ['libx', 'plug', 'libx'],
        provides: ['app-api'],
      },
      {
        name: 'bash',
        version: '1:5.2-1',
        arch: 'x86_64',
        auto: false,
        protected: true,
        broken: false,
        installedBytes: 20,
        needs: [],
        provides: [],
      },
    ]);
  });
});

describe('verification', () => {
  it('counts content, and neither times, modes nor configuration', () => {
    const text = [
      '??5??????   /usr/share/app/file',
      'missing     /usr/share/libx/file',
      'missing   c /etc/gone.conf',
      '??5?????? c /etc/app.conf',
      'S.5....T.    /usr/bin/app',
      '.......T.    /usr/bin/only-time',
      '.M...UG..    /usr/bin/only-owner',
      '....L....  d /usr/share/link',
      'missing     /root/x (Permission denied)',
      'Unsatisfied dependencies for app-1: libx',
    ].join('\n');
    expect(parseVerify(text)).toEqual([
      { path: '/usr/share/app/file', missing: false },
      { path: '/usr/share/libx/file', missing: true },
      { path: '/usr/bin/app', missing: false },
      { path: '/usr/share/link', missing: false },
      { path: '/root/x', missing: true },
    ]);
  });
});

describe('the table of locks', () => {
  const table = [
    '1: POSIX  ADVISORY  WRITE 17239 fe:00:2146516 0 EOF',
    '2: POSIX  ADVISORY  READ 11 fe:00:2146516 0 EOF',
    '2: -> POSIX  ADVISORY  WRITE 12 fe:00:2146516 0 EOF',
    '3: FLOCK  ADVISORY  WRITE 13 08:01:77 0 EOF',
    '4: OFDLCK ADVISORY  WRITE -1 08:01:78 0 EOF',
  ].join('\n');

  it('names who holds a file for writing', () => {
    expect(lockHolders(table, [{ device: 0xfe00, inode: 2146516 }])).toEqual([17239]);
    expect(lockHolders(table, [{ device: 0x0801, inode: 77 }])).toEqual([13]);
    expect(lockHolders(table, [{ device: 0x0801, inode: 78 }])).toEqual([]);
    expect(lockHolders(table, [{ device: 0x0801, inode: 1 }])).toEqual([]);
  });

  it('goes by the inode where the device has another number', () => {
    expect(lockHolders(table, [{ device: 42, inode: 77 }])).toEqual([13]);
  });

  it('shows a command in one line', () => {
    expect(shownCommand('apt-get\0upgrade\0-y\0')).toBe('apt-get upgrade -y');
  });
});
