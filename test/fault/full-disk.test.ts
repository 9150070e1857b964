import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { craftedPacket } from '../support/crafted-packet.ts';
import { startServer, temporaryDirectory } from '../support/fleet.ts';
import { blobsOf, upload } from '../support/hostile-world.ts';

const MIB = 1024 * 1024;

/** A file system of its own of `mib` MiB at the path; false if this process may not mount one. */
function mountSmallDisk(path: string, mib: number): boolean {
  mkdirSync(path);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mib}m`, 'none', path], { stdio: 'ignore' });
  } catch {
    return false;
  }
  return true;
}

/** Bytes that do not compress. */
function noise(size: number, seed: number): Buffer {
  const bytes = Buffer.alloc(size);
  let state = seed;
  for (let at = 0; at < size; at += 4) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes.writeUInt32LE(state, at);
  }
  return bytes;
}

const packet = (name: string, size: number): Buffer =>
  craftedPacket([{ name: 'data/noise', body: noise(size, name.length) }], `name: ${name}\n`);

it.for<[string, string | undefined, number]>([
  ['with room kept free', undefined, 700],
  ['down to the last byte', '0', 64],
])(
  'a disk that fills up during an upload, %s: 507, nothing kept, and well again',
  async ([_what, keepFree, mib], { skip }) => {
    const directory = temporaryDirectory();
    onTestFinished(directory.remove);
    const data = join(directory.path, 'disk');
    if (!mountSmallDisk(data, mib)) return skip('needs the right to mount');
    onTestFinished(() => void execFileSync('umount', ['-l', data]));
    const config = join(directory.path, 'config.yaml');
    writeFileSync(config, keepFree === undefined ? '' : `minFreeBytes: ${keepFree}\n`);
    const server = await startServer(data, ['--config', config]);
    onTestFinished(async () => void (await server.stop()));
    expect((await upload(server, packet('first', MIB))).status).toBe(201);
    const kept = blobsOf(server);

    // room for half of what comes next
    const filler = join(data, 'filler');
    const room = keepFree === undefined ? 512 + 20 : 24;
    writeFileSync(filler, Buffer.alloc((mib - room) * MIB));
    const large = await upload(server, packet('larger', 40 * MIB));
    expect(large).toMatchObject({ status: 507, body: { code: 'no-space' } });
    expect(blobsOf(server)).toEqual(kept);

    writeFileSync(filler, Buffer.alloc((mib - (keepFree === undefined ? 500 : 2)) * MIB));
    const small = await upload(server, packet('small', 4 * MIB));
    expect(small).toMatchObject({ status: 507, body: { code: 'no-space' } });
    expect(blobsOf(server)).toEqual(kept);
    const spec = await server.api('PUT', '/v1/specs/a', { id: 'a', target: {} });
    // what the store itself needs is kept free for it
    expect(spec.status).toBe(keepFree === undefined ? 201 : 507);
    expect((await server.api<{ items: unknown[] }>('GET', '/v1/packets')).body.items).toHaveLength(
      1,
    );

    rmSync(filler);
    expect((await upload(server, packet('small', 4 * MIB))).status).toBe(201);
    const again = await server.api('PUT', '/v1/specs/b', { id: 'b', target: {} });
    expect(again.status).toBe(201);
    expect(blobsOf(server)).toHaveLength(2);
  },
);
