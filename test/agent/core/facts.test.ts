import { describe, expect, it } from 'vitest';
import {
  type ArchitectureReadings,
  architectureOf,
  foreignArchitectures,
} from '../../../agent/core/architecture.ts';
import { factsOf, type Readings } from '../../../agent/core/facts.ts';
import { parseOsRelease } from '../../../agent/core/os-release.ts';

const cpu = (name: string, version: number): string =>
  `processor\t: 0\nmodel name\t: ${name}\nCPU architecture: ${version}\n`;
const read = (program: string, kernel: string, more: Partial<ArchitectureReadings> = {}) => ({
  program,
  kernel,
  littleEndian: true,
  cpuinfo: '',
  dpkg: '',
  ...more,
});

describe('the architecture', () => {
  it.each<[string, ArchitectureReadings, string, string[]]>([
    ['a PC', read('x64', 'x86_64'), 'amd64', []],
    ['a 32-bit userland on it', read('ia32', 'x86_64'), 'i386', ['amd64']],
    ['an old PC', read('ia32', 'i686'), 'i386', []],
    ['a 64-bit board', read('arm64', 'aarch64'), 'arm64', []],
    ['a 32-bit userland on it', read('arm', 'aarch64'), 'armv7l', ['arm64']],
    ['the same, as a 32-bit personality', read('arm', 'armv8l'), 'armv7l', []],
    [
      'an ARMv7 board',
      read('arm', 'armv7l', { cpuinfo: cpu('ARMv7 Processor rev 4', 7) }),
      'armv7l',
      [],
    ],
    [
      'an ARMv6 board that says 7',
      read('arm', 'armv6l', { cpuinfo: cpu('ARMv6-compatible processor rev 7 (v6l)', 7) }),
      'armv6l',
      [],
    ],
    ['RISC-V', read('riscv64', 'riscv64'), 'riscv64', []],
    ['POWER', read('ppc64', 'ppc64le'), 'ppc64el', []],
    ['old POWER', read('ppc64', 'ppc64', { littleEndian: false }), 'ppc64', []],
    [
      'dpkg with foreign ones',
      read('x64', 'x86_64', { dpkg: 'amd64\ni386\narmhf\n' }),
      'amd64',
      ['armv7l', 'i386'],
    ],
    ['dpkg with none', read('x64', 'x86_64', { dpkg: 'amd64\n' }), 'amd64', []],
  ])('%s', (_case, readings, own, foreign) => {
    expect(architectureOf(readings)).toBe(own);
    expect(foreignArchitectures(readings)).toEqual(foreign);
  });
});

describe('os-release', () => {
  it('takes quotes, escapes and comments as a shell does', () => {
    const text = `# a comment\nID=debian\nVERSION_ID="12"\nNAME='It is'\nPRETTY="a \\"b\\" \\$c"\nBAD LINE\n\nEMPTY=\nESC=a\\ b\r\n`;
    expect(parseOsRelease(text)).toEqual({
      ID: 'debian',
      VERSION_ID: '12',
      NAME: 'It is',
      PRETTY: 'a "b" $c',
      EMPTY: '',
      ESC: 'a b',
    });
  });
});

describe('facts', () => {
  const readings: Readings = {
    osRelease: 'ID=alpine\nVERSION_ID=3.19.1\n',
    architecture: read('arm64', 'aarch64'),
    libc: { family: 'musl', version: '1.2.4' },
    kernel: '6.6.7-0-lts',
    hostname: 'buoy-17',
    programs: ['apk'],
  };
  it('are labels, and what was not found is left out', () => {
    expect(factsOf(readings)).toEqual({
      os: 'alpine',
      'os.version': '3.19.1',
      arch: 'arm64',
      libc: 'musl',
      'libc.version': '1.2.4',
      kernel: '6.6.7-0-lts',
      hostname: 'buoy-17',
      packages: 'apk',
    });
  });
  it('never carry what a label cannot', () => {
    const odd = { ...readings, hostname: 'a\u0007b', kernel: 'x'.repeat(300), osRelease: '' };
    expect(Object.keys(factsOf(odd))).toEqual(['arch', 'libc', 'libc.version', 'packages']);
  });
  it('of several package managers the one that wraps the others counts', () => {
    const named = (...programs: string[]) => factsOf({ ...readings, programs }).packages;
    expect(named('yum', 'dnf')).toBe('dnf');
    expect(named('apt-get')).toBe('apt');
    expect(named()).toBeUndefined();
  });
  it('the package manager is the one that is configured, else the own one of the system', () => {
    const programs = ['zypper', 'dnf', 'apt-get'];
    const named = (osRelease: string, packages = 'auto', labels = {}) =>
      factsOf({ ...readings, osRelease, programs }, { packages, labels }).packages;
    expect(named('ID=debian\n')).toBe('apt');
    expect(named('ID=mint\nID_LIKE="ubuntu debian"\n')).toBe('apt');
    expect(named('ID=fedora\n')).toBe('dnf');
    expect(named('ID=opensuse-leap\nID_LIKE="suse opensuse"\n')).toBe('zypper');
    expect(named('ID=haiku\n')).toBe('zypper');
    expect(named('ID=debian\n', 'dnf')).toBe('dnf');
    expect(named('ID=debian\n', 'auto', { os: 'centos' })).toBe('dnf');
  });
});
