import { spawn } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type ServerProcess, startServer, temporaryDirectory } from '../support/fleet.ts';
import { startNginx } from './nginx.ts';
import { median, type Row } from './row.ts';

const CLIENTS = 50;
const CONTENT_BYTES = 100 * 1024 * 1024;
const ROUNDS = 5;
/** The server's memory may move by the garbage collector's slack, while it sends 5 GB a round. */
const MAX_GROWTH_MB = 64;
const LOOK_MS = 100;

/** 50 clients fetch one packet of 100 MB at once: throughput beside nginx serving the same file, and the server's memory. */
export async function run(): Promise<Row[]> {
  const directory = temporaryDirectory('jamesd-bench-download-');
  const server = await startServer(directory.path);
  try {
    return [await measure(server, directory.path)];
  } finally {
    await server.stop();
    directory.remove();
  }
}

async function measure(server: ServerProcess, directory: string): Promise<Row> {
  const file = await buildPacket(server, directory);
  const id = (await server.ctl(['packet', 'upload', file])).stdout.trim();
  const size = statSync(file).size;
  const nginx = await startNginx(dirname(file), join(directory, 'nginx'));
  const ours = `${server.http}/v1/packets/${id}/content`;
  const rates: { jamesd: number[]; nginx: number[] } = { jamesd: [], nginx: [] };
  const memory: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const watch = watchMemory(server.running.process.pid ?? 0);
    const mine = await downloadAll(ours, size, `Bearer ${server.token}`);
    memory.push(watch.stop());
    const peer = nginx ? await downloadAll(`${nginx.url}/${basename(file)}`, size, '') : Number.NaN;
    if (round === 0) continue;
    rates.jamesd.push(mine);
    rates.nginx.push(peer);
  }
  await nginx?.stop();
  return toRow(rates, memory, nginx?.version);
}

function toRow(
  rates: { jamesd: number[]; nginx: number[] },
  memory: number[],
  version: string | undefined,
): Row {
  const value = median(rates.jamesd);
  const peerValue = median(rates.nginx);
  const ratio = value / peerValue;
  const flat = (memory.at(-1) ?? 0) - Math.min(...memory) <= MAX_GROWTH_MB;
  return {
    name: 'download',
    n: CLIENTS,
    value,
    unit: 'MB/s',
    bar: '≥ 0.8 × nginx, memory flat',
    ok: flat && !(ratio < 0.8),
    ...(version !== undefined && { peer: 'nginx', peerVersion: version, peerValue, ratio }),
    rounds: ROUNDS,
    note: `the server's highest resident memory in each round, the one before the first included: ${memory.join(', ')} MB${flat ? '' : '; NOT FLAT'}`,
  };
}

/** A packet with content that no compression makes smaller. */
async function buildPacket(server: ServerProcess, directory: string): Promise<string> {
  const tree = join(directory, 'packet');
  mkdirSync(join(tree, 'data', 'opt'), { recursive: true });
  writeFileSync(join(tree, 'control.yaml'), 'name: bulk\nlabels: {version: 1.0.0}\n');
  writeFileSync(join(tree, 'data', 'opt', 'bulk'), randomFillSync(Buffer.alloc(CONTENT_BYTES)));
  mkdirSync(join(directory, 'served'));
  const file = join(directory, 'served', 'bulk.jpk');
  const { status, stderr } = await server.ctl(['packet', 'build', tree, '-f', file]);
  if (status !== 0) throw new Error(`packet build ended with ${status}: ${stderr}`);
  return file;
}

/** All clients at once, in a process of their own. Returns MB (10^6 bytes) per second. */
async function downloadAll(url: string, size: number, authorization: string): Promise<number> {
  const program = resolve(import.meta.dirname, 'download-clients.ts');
  const args = ['--import', 'tsx', program, url, String(CLIENTS), String(size), authorization];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  const status = await new Promise((done) => child.on('close', done));
  if (status !== 0) throw new Error(`the clients ended with ${status}`);
  const { ms, bytes } = JSON.parse(text) as { ms: number; bytes: number };
  return bytes / 1000 / ms;
}

/** Looks at a process's memory now and then; `stop` gives the highest, in MB. */
function watchMemory(pid: number): { stop(): number } {
  let highest = residentMb(pid);
  const timer = setInterval(() => {
    highest = Math.max(highest, residentMb(pid));
  }, LOOK_MS);
  return {
    stop() {
      clearInterval(timer);
      return highest;
    },
  };
}

function residentMb(pid: number): number {
  const [, kb = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kb) / 1024);
}
