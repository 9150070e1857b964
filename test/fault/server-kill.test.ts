import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { PacketView, Page } from '../../proto/api.ts';
import type { GenerationView, SpecView } from '../../proto/document-views.ts';
import { craftedPacket } from '../support/crafted-packet.ts';
import { type ServerProcess, startServer, temporaryDirectory } from '../support/fleet.ts';
import { blobsOf, upload } from '../support/hostile-world.ts';
import { openHttp } from '../support/raw-http.ts';

/** What clients were told is done, over all lives of the server. */
interface Acknowledged {
  packets: Set<string>;
  /** The priority (a counter here) that each spec was last told to have. */
  specs: Map<string, number>;
  /** The highest that was asked for: it may have been done without the answer getting out. */
  asked: Map<string, number>;
}

const SPECS = ['a', 'b', 'c'];
let serial = 0;

async function uploadUntilDead(server: ServerProcess, done: Acknowledged): Promise<void> {
  for (;;) {
    serial += 1;
    const bytes = craftedPacket(
      [{ name: 'data/x', body: `${serial} `.repeat(40_000) }],
      `name: p${serial}\n`,
    );
    const { status, body } = await upload(server, bytes);
    if (status === 201) done.packets.add(String(body.id));
  }
}

async function changeUntilDead(
  server: ServerProcess,
  id: string,
  done: Acknowledged,
): Promise<void> {
  for (;;) {
    const priority = (done.asked.get(id) ?? 0) + 1;
    done.asked.set(id, priority);
    const spec = { id, priority, target: {}, apps: [] };
    const { status } = await server.api('PUT', `/v1/specs/${id}`, spec, { 'if-match': '*' });
    if (status === 412) await server.api('PUT', `/v1/specs/${id}`, spec);
    done.specs.set(id, priority);
  }
}

/** An upload that never comes to its end. */
async function beginUpload({ http, token }: ServerProcess): Promise<void> {
  const connection = await openHttp(http);
  connection.write(
    `POST /v1/packets HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Length: 9000000\r\n\r\n`,
  );
  connection.write(Buffer.alloc(500_000, 'x'));
}

/** What a kill between the content's place and the packet's record leaves behind. */
function plantContentWithoutRecord({ data }: ServerProcess): void {
  const directory = join(data, 'server/blobs/ab/cd');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, `abcd${'0'.repeat(60)}`), 'content');
}

async function all<Item>(server: ServerProcess, list: string): Promise<Item[]> {
  const items: Item[] = [];
  for (let cursor = ''; ; ) {
    const { body } = await server.api<Page<Item>>('GET', `/v1/${list}?limit=1000${cursor}`);
    items.push(...body.items);
    if (body.next === null) return items;
    cursor = `&cursor=${encodeURIComponent(body.next)}`;
  }
}

async function check(server: ServerProcess, done: Acknowledged): Promise<void> {
  const packets = await all<PacketView>(server, 'packets');
  const ids = new Set(packets.map(({ id }) => id));
  for (const id of done.packets) expect(ids, 'an acknowledged packet is lost').toContain(id);
  for (const { id, size, url } of packets) {
    const headers = { authorization: `Bearer ${server.token}` };
    const content = await (await fetch(`${server.http}${url}`, { headers })).arrayBuffer();
    expect(content.byteLength, `packet ${id} has no content`).toBe(size);
  }
  // content that nothing refers to goes shortly after the start
  await expect
    .poll(() => blobsOf(server).map((path) => `sha256:${path.split('/').at(-1)}`))
    .toEqual([...ids].sort());
  const specs = new Map((await all<SpecView>(server, 'specs')).map((spec) => [spec.id, spec]));
  for (const [id, priority] of done.specs) {
    const found = specs.get(id)?.priority ?? 0;
    expect(found, `an acknowledged change of ${id} is lost`).toBeGreaterThanOrEqual(priority);
    expect(found).toBeLessThanOrEqual(done.asked.get(id) ?? 0);
  }
  const generations = await all<GenerationView>(server, 'generations');
  const revisions = SPECS.reduce((sum, id) => sum + (specs.get(id)?.revision ?? 0), 0);
  expect(generations.length, 'each revision has its generation').toBe(revisions);
}

it('killed during uploads and changes: nothing acknowledged is lost, nothing half done is left', async () => {
  const directory = temporaryDirectory();
  const done: Acknowledged = { packets: new Set(), specs: new Map(), asked: new Map() };
  let server = await startServer(directory.path);
  onTestFinished(async () => {
    await server.stop();
    directory.remove();
  });
  for (let life = 0; life < 6; life += 1) {
    const had = { packets: done.packets.size, specs: Math.max(0, ...done.specs.values()) };
    await beginUpload(server);
    const work = [
      ...Array.from({ length: 3 }, () => uploadUntilDead(server, done)),
      ...SPECS.map((id) => changeUntilDead(server, id, done)),
    ].map((running) => running.catch(() => undefined));
    await expect
      .poll(
        () =>
          done.packets.size >= had.packets + 5 + life &&
          Math.max(...done.specs.values()) > had.specs + 3,
      )
      .toBe(true);
    expect(blobsOf(server).some((path) => path.startsWith('unfinished/'))).toBe(true);
    await server.stop('SIGKILL');
    await Promise.all(work);
    plantContentWithoutRecord(server);
    server = await startServer(directory.path);
    await check(server, done);
  }
});
