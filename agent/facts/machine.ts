import { execFile } from 'node:child_process';
import { access, readdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { PACKAGE_MANAGERS, type Readings } from '../core/facts.ts';

const PROGRAM_FOLDERS = ['usr/bin', 'usr/sbin', 'bin', 'sbin'];
const LOADER_TIMEOUT_MS = 2000;

/**
 * Reads the machine whose files are below `host` (`/` but for tests). Facts are of the machine, not of a root that
 * packets are installed under. What cannot be read is empty.
 */
export async function readMachine(host = '/'): Promise<Readings> {
  const text = (path: string): Promise<string> =>
    readFile(join(host, path), 'utf8').catch(() => '');
  const [etc, usr, cpuinfo, dpkg, programs, libc] = await Promise.all([
    text('etc/os-release'),
    text('usr/lib/os-release'),
    process.arch === 'arm' ? text('proc/cpuinfo') : '',
    text('var/lib/dpkg/arch'),
    findPrograms(host),
    readLibc(host, text),
  ]);
  return {
    osRelease: etc === '' ? usr : etc,
    architecture: {
      program: process.arch,
      littleEndian: os.endianness() === 'LE',
      kernel: os.machine(),
      cpuinfo,
      dpkg,
    },
    libc,
    kernel: os.release(),
    hostname: os.hostname(),
    programs,
  };
}

async function findPrograms(host: string): Promise<string[]> {
  const found = PACKAGE_MANAGERS.map(async ([program]) => {
    const tries = PROGRAM_FOLDERS.map((folder) => access(join(host, folder, program)));
    return Promise.any(tries).then(
      () => program,
      () => null,
    );
  });
  return (await Promise.all(found)).filter((program) => program !== null);
}

/** musl has its loader in /lib and says its version when it is run; the ldd script of glibc names its version. */
async function readLibc(
  host: string,
  text: (path: string) => Promise<string>,
): Promise<Readings['libc']> {
  const glibc = /(?:GLIBC|GNU libc)[^)]*\)\s*(\d+\.\d+)/.exec(await text('usr/bin/ldd'));
  if (glibc?.[1] !== undefined) return { family: 'glibc', version: glibc[1] };
  const names = await readdir(join(host, 'lib')).catch(() => []);
  const musl = names.find((name) => /^ld-musl-.*\.so\.1$/.test(name));
  if (musl !== undefined)
    return { family: 'musl', version: await muslVersion(join(host, 'lib', musl)) };
  const own = host === '/' ? ownLibc() : '';
  return own === '' ? { family: null, version: '' } : { family: 'glibc', version: own };
}

function muslVersion(loader: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(loader, [], { timeout: LOADER_TIMEOUT_MS }, (_error, _out, told) => {
      resolve(/^Version (\S+)/m.exec(told)?.[1] ?? '');
    });
  });
}

/** The version of the glibc that this process runs on, or nothing. */
function ownLibc(): string {
  const { header } = process.report.getReport() as {
    header?: { glibcVersionRuntime?: string };
  };
  return header?.glibcVersionRuntime ?? '';
}
