import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeviceView, NewToken, Page } from '../../proto/api.ts';
import { type ServerProcess, startServer, temporaryDirectory, until } from './fleet.ts';
import { packetBytes } from './packet-bytes.ts';

/** A server with something to lose: packets, a spec, two devices that an agent could be. */
export interface HostileWorld {
  server: ServerProcess;
  directory: string;
  joinToken: string;
  /** Devices with their secrets: the first has the packet `kept`, the second has nothing. */
  devices: { id: string; secret: string }[];
  /** The id of the packet that the first device is to have, and of one that nobody is to have. */
  packets: { wanted: string; other: string };
  /** The `Authorization` of a device. */
  basic(index: number): string;
  /** All that a refused request may not change. */
  state(): Promise<unknown>;
  stop(): Promise<void>;
}

export async function hostileWorld(args: readonly string[] = []): Promise<HostileWorld> {
  const { path: directory, remove } = temporaryDirectory();
  const server = await startServer(directory, args);
  const made = async <T>(method: string, path: string, body: unknown, token = server.token) => {
    const answer = await server.api<T>(method, path, body, { authorization: `Bearer ${token}` });
    if (answer.status !== 201) throw new Error(JSON.stringify(answer));
    return answer.body;
  };
  const wanted = await uploaded(server, { name: 'kept', labels: { version: '1' } });
  const other = await uploaded(server, { name: 'other' });
  const spec = {
    id: 'kept-spec',
    target: { fleet: 'alpha' },
    apps: [{ name: 'kept', labels: { version: '1' } }],
  };
  await made('PUT', '/v1/specs/kept-spec', spec);
  const { token: joinToken } = await made<NewToken>('POST', '/v1/tokens', { kind: 'join' });
  const devices: { id: string; secret: string }[] = [];
  for (const [id, labels] of [
    ['first', { fleet: 'alpha' }],
    ['second', {}],
  ] as const) {
    const { secret } = await made<{ secret: string }>(
      'POST',
      '/v1/enrol',
      { id, labels },
      joinToken,
    );
    devices.push({ id, secret });
  }
  await until(async () => {
    const views = devices.map(({ id }) => server.api<DeviceView>('GET', `/v1/devices/${id}`));
    return (await Promise.all(views)).every(({ body }) => body.desired !== null);
  });
  return {
    ...{ server, directory, joinToken, devices, packets: { wanted, other } },
    basic(index) {
      const { id, secret } = devices[index] as { id: string; secret: string };
      return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
    },
    state: () => stateOf(server),
    async stop() {
      await server.stop();
      remove();
    },
  };
}

async function uploaded(
  server: ServerProcess,
  control: { name: string; labels?: Record<string, string> },
): Promise<string> {
  const answer = await upload(server, await packetBytes({ ...control, files: { 'etc/x': 'x' } }));
  if (answer.status !== 201) throw new Error(JSON.stringify(answer));
  return answer.body.id as string;
}

/** Sends bytes as a packet. */
export async function upload(
  server: Pick<ServerProcess, 'http' | 'token'>,
  bytes: Uint8Array | ReadableStream<Uint8Array>,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(`${server.http}/v1/packets`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.token}` },
    body: bytes instanceof Uint8Array ? new Uint8Array(bytes) : bytes,
    duplex: 'half',
  } as RequestInit);
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

async function stateOf(server: ServerProcess): Promise<unknown> {
  const items = async (path: string) =>
    (await server.api<Page<Record<string, unknown>>>('GET', `/v1/${path}`)).body.items;
  const devices = await items('devices');
  return {
    packets: await items('packets'),
    specs: await items('specs'),
    generations: await items('generations'),
    tokens: await items('tokens'),
    devices: devices.map(({ id, state, labels, labelSources, desired, phase, reported }) => ({
      ...{ id, state, labels, labelSources, desired, phase, reported },
    })),
    blobs: blobsOf(server),
  };
}

/** The files of the content store, also those that are not finished. */
export function blobsOf({ data }: Pick<ServerProcess, 'data'>): string[] {
  const blobs = join(data, 'server', 'blobs');
  return readdirSync(blobs, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(blobs.length + 1))
    .sort();
}

/** The largest resident memory that the server has had, in MiB. */
export function peakMemory({ running }: Pick<ServerProcess, 'running'>): number {
  const status = readFileSync(`/proc/${running.process.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
}
