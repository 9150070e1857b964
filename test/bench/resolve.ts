import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolve } from '../../server/resolver/core/resolve.ts';
import type { Universe } from '../../server/resolver/core/universe.ts';
import { createUniverseBuilder } from '../../server/resolver/core/universe-builder.ts';
import { fromSnapshot, toSnapshot } from '../../server/resolver/core/universe-snapshot.ts';
import type { View } from '../../server/resolver/core/view.ts';
import { readDebPackages } from '../../server/sources/core/deb-packages.ts';
import { debSource, debView, plainRequest } from '../support/deb-view.ts';
import { ensureDebianPackages } from '../support/debian.ts';
import { type DistributionIndex, distributionIndex } from '../support/distribution-index.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { median, type Row } from './row.ts';

const ROUNDS = 5;
const RANDOM = 1000;
/** Peers take longer for each. */
const FOR_PEERS = 60;
const NAMED = ['openssh-server', 'nginx', 'gnome', 'texlive-full'];

/** An index from text and from its snapshot, and requests of one name on a warm view. */
export async function run(names: readonly string[]): Promise<Row[]> {
  const directory = mkdtempSync(join(tmpdir(), 'jamesd-bench-resolve-'));
  try {
    const index = await distributionIndex(join(directory, 'repository'));
    if (index === null) return [];
    const parsed = parse(new Uint8Array(readFileSync(index.path)));
    const rows = [parsed.row, load(parsed.universe)];
    if (names.includes('resolve')) rows.push(await answers(index, parsed.universe, directory));
    return rows;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function timed<T>(work: () => T): { ms: number; result: T } {
  const started = performance.now();
  const result = work();
  return { ms: performance.now() - started, result };
}

function parse(bytes: Uint8Array): { row: Row; universe: Universe } {
  const rounds = Array.from({ length: ROUNDS }, () =>
    timed(() => {
      const builder = createUniverseBuilder('deb');
      readDebPackages(bytes, builder.add);
      return builder.build();
    }),
  );
  const universe = rounds[0]?.result as Universe;
  const value = seconds(median(rounds.map(({ ms }) => ms)));
  const note = `${megabytes(bytes.length)} of text; the universe holds ${megabytes(universe.bytes)}`;
  return { row: row('index-parse', universe.count, value, 's', 1.5, note), universe };
}

function load(universe: Universe): Row {
  const snapshot = toSnapshot(universe);
  const rounds = Array.from({ length: ROUNDS }, () => timed(() => fromSnapshot(snapshot)));
  const value = seconds(median(rounds.map(({ ms }) => ms)));
  const note = `a snapshot of ${megabytes(snapshot.length)}, in memory`;
  return row('index-load', universe.count, value, 's', 0.2, note);
}

const seconds = (ms: number): number => Number((ms / 1000).toFixed(3));
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

function row(name: string, n: number, value: number, unit: string, bar: number, note: string): Row {
  return { name, n, value, unit, bar: `≤ ${bar} ${unit}`, ok: value <= bar, rounds: ROUNDS, note };
}

async function answers(
  index: DistributionIndex,
  universe: Universe,
  directory: string,
): Promise<Row> {
  const random = seededRandom(1);
  const pick = (): string => index.names[Math.floor(random() * index.names.length)] ?? '';
  const names = Array.from({ length: RANDOM }, pick);
  const view = debView([debSource('', { universes: [universe] })], [index.arch]);
  const rounds = Array.from({ length: ROUNDS }, () => names.map((name) => answer(view, name)));
  const warm = rounds.slice(1).flat();
  const value = Number(median(warm).toFixed(3));
  const known = NAMED.filter((name) => index.names.includes(name));
  const named = known.map((name) => `${name} ${bestOf(view, name).toFixed(1)}`).join(', ');
  const peers = await askPeers(index, names.slice(0, FOR_PEERS), directory);
  return {
    ...row('resolve', names.length, value, 'ms', 1, ''),
    ...(peers && {
      ...{
        peer: 'apt',
        peerVersion: peers.apt.version,
        peerValue: Number(peers.apt.ms.toFixed(1)),
      },
      ratio: Number((value / peers.apt.ms).toFixed(4)),
    }),
    note: `warm median; slowest ${Math.max(...warm).toFixed(1)} ms; in ms: ${named}${
      peers ? `; libsolv ${peers.libsolv.version}: ${peers.libsolv.ms.toFixed(1)}` : ''
    }`,
  };
}

function answer(view: View, name: string): number {
  return timed(() => resolve(view, { ...plainRequest, wants: [{ name }] })).ms;
}

const bestOf = (view: View, name: string): number =>
  median(Array.from({ length: ROUNDS }, () => answer(view, name)));

type Peer = { version: string; ms: number };

/** The same requests, as far as they are given, to apt and libsolv in one process of theirs. */
async function askPeers(
  index: DistributionIndex,
  names: readonly string[],
  directory: string,
): Promise<{ apt: Peer; libsolv: Peer } | null> {
  const { leftOut } = await ensureDebianPackages(['python3-apt', 'python3-solv']);
  if (leftOut !== null) return null;
  const script = join(import.meta.dirname, 'resolver-peers.py');
  const args = [script, join(directory, 'root'), index.directory, index.arch];
  return JSON.parse(execFileSync('/usr/bin/python3', args, { input: names.join('\n') }).toString());
}
