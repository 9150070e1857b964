import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { seededRandom } from '../support/seeded-random.ts';
import { rounded } from './figures.ts';
import { median, type Row } from './row.ts';

const FILES = 5_000;
const BYTES = 100_000_000;
const ROUNDS = 5;
const BAR = 1.2;
const CTL = resolve(import.meta.dirname, '../../dist/jamesd-ctl.js');

/** A packet's whole transaction, as a process of its own, beside `dpkg -i` of the same tree; each time on an empty root. */
export async function run(): Promise<Row[]> {
  const base = mkdtempSync(join(process.env.TMPDIR ?? '/tmp', 'jamesd-bench-install-'));
  try {
    const { packet, deb } = build(base);
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const own = installPacket(base, packet, round);
      const other = installDeb(base, deb, round);
      // The first round only warms the caches.
      if (round > 0) {
        ours.push(own);
        theirs.push(other);
      }
    }
    return [row(ours, theirs)];
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

function build(base: string): { packet: string; deb: string } {
  const [source, tree] = [join(base, 'source'), join(base, 'tree')];
  for (const root of [join(source, 'data'), tree]) writeFiles(root);
  writeFileSync(join(source, 'control.yaml'), 'name: big\nlabels: {version: 1.0.0}\n');
  mkdirSync(join(tree, 'DEBIAN'));
  writeFileSync(
    join(tree, 'DEBIAN/control'),
    'Package: big\nVersion: 1.0.0\nArchitecture: all\nMaintainer: x <x@example.org>\nDescription: big\n',
  );
  const [packet, deb] = [join(base, 'big.jpk'), join(base, 'big.deb')];
  execute(process.execPath, [CTL, 'packet', 'build', source, '-f', packet]);
  execute('dpkg-deb', ['--root-owner-group', '-Zgzip', '--build', tree, deb]);
  return { packet, deb };
}

/** Half of each file is the same letter, so that it can be compressed as programs can. */
function writeFiles(root: string): void {
  const random = seededRandom(5);
  const size = BYTES / FILES;
  for (let n = 0; n < FILES; n += 1) {
    const directory = join(root, 'opt/big', String(n % 50));
    mkdirSync(directory, { recursive: true });
    const content = Buffer.alloc(size, 97);
    for (let at = 0; at < size / 2; at += 1) content[at] = Math.floor(random() * 256);
    writeFileSync(join(directory, `file-${n}`), content);
  }
}

function installPacket(base: string, packet: string, round: number): number {
  const place = join(base, `packet-${round}`);
  mkdirSync(join(place, 'root'), { recursive: true });
  const args = ['packet', 'install', packet, '--root', join(place, 'root')];
  const seconds = execute(process.execPath, [CTL, ...args, '--state', join(place, 'state')]);
  rmSync(place, { recursive: true });
  return seconds;
}

function installDeb(base: string, deb: string, round: number): number {
  const place = join(base, `deb-${round}`);
  for (const needed of ['info', 'updates', 'triggers'])
    mkdirSync(join(place, 'var/lib/dpkg', needed), { recursive: true });
  writeFileSync(join(place, 'var/lib/dpkg/status'), '');
  const seconds = execute('dpkg', [
    ...[`--root=${place}`, '--force-not-root', '--force-script-chrootless', '-i', deb],
  ]);
  rmSync(place, { recursive: true });
  return seconds;
}

/** Seconds from the start of a program to its end; what it wrote is on the disk. */
function execute(file: string, args: readonly string[]): number {
  spawnSync('sync');
  const from = performance.now();
  const { status, stderr } = spawnSync(file, args, { encoding: 'utf8' });
  const seconds = (performance.now() - from) / 1000;
  if (status !== 0) throw new Error(`${file} ended with ${status}: ${stderr}`);
  return seconds;
}

function row(ours: readonly number[], theirs: readonly number[]): Row {
  const [value, peerValue] = [rounded(median(ours)), rounded(median(theirs))];
  const ratio = rounded(value / peerValue);
  return {
    ...{ name: 'install', n: FILES, value, unit: 's', bar: `≤ ${BAR} × dpkg`, ok: ratio <= BAR },
    ...{ peer: 'dpkg', peerValue, ratio, rounds: ours.length },
    peerVersion: spawnSync('dpkg-query', ['-W', '-f', `\${Version}`, 'dpkg'], { encoding: 'utf8' })
      .stdout,
    note: '100 MB in 5,000 files, whole processes, on an empty root',
  };
}
