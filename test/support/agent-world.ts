import {
  chmodSync,
  lchownSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { DeviceView, NewToken } from '../../proto/api.ts';
import { writePacket } from '../../proto/archive/write-packet.ts';
import {
  type AgentOptions,
  type AgentProcess,
  type ServerProcess,
  startAgent,
  startServer,
  temporaryDirectory,
  until,
} from './fleet.ts';
import { upload } from './hostile-world.ts';
import { type Content, putContent, type TestPacket } from './packet-device.ts';

/** A line of a spec. */
export interface Line {
  name: string;
  labels?: Record<string, string>;
  version?: string;
}

/** A packet with files of other users: path → number of user and group. */
export type OwnedPacket = TestPacket & { owners?: Record<string, number> };

export type StartOptions = Partial<AgentOptions> & {
  /** Where the agent looks for the server; the real one if not given. */
  server?: Pick<ServerProcess, 'http' | 'mqtt'>;
};

/** A real server, and agents of which each has a spec of its own: that of its id. */
export interface AgentWorld {
  readonly server: ServerProcess;
  directory: string;
  path(...parts: string[]): string;
  /** Builds a packet with owners, modes and times as they are given, and uploads it; returns its id. */
  put(packet: OwnedPacket): Promise<string>;
  /** Uploads bytes as a packet; returns its id. */
  putBytes(bytes: Uint8Array): Promise<string>;
  /** Sets the spec of a device and waits until it is planned; removals are confirmed. */
  want(device: string, apps: readonly Line[], spec?: object): Promise<void>;
  /** Starts an agent; `join` also waits until the server has planned for it. */
  start(device: string, options?: StartOptions): AgentProcess;
  join(device: string, options?: StartOptions): Promise<AgentProcess>;
  view(device: string): Promise<DeviceView>;
  /** Waits until the server's view of the device is as said. */
  reaches(agent: AgentProcess, is: (view: DeviceView) => boolean, ms?: number): Promise<DeviceView>;
  converged(agent: AgentProcess, ms?: number): Promise<DeviceView>;
  /** Ends the server and starts it again on the same ports; `between` runs while it is away. */
  restartServer(signal?: NodeJS.Signals, between?: () => unknown): Promise<void>;
  /** Ends all processes and removes all files. */
  stop(): Promise<void>;
}

export async function startWorld(): Promise<AgentWorld> {
  const { path: directory, remove } = temporaryDirectory('jamesd-agents-');
  // Agents that are not root have to get to their directories.
  chmodSync(directory, 0o755);
  let server = await startServer(directory);
  const agents: AgentProcess[] = [];
  const { body } = await server.api<NewToken>('POST', '/v1/tokens', { kind: 'join' });
  const sources = join(directory, 'sources');
  mkdirSync(sources);

  const putBytes = async (bytes: Uint8Array): Promise<string> => {
    const answer = await upload(server, bytes);
    if (answer.status > 201) throw new Error(JSON.stringify(answer));
    return answer.body.id as string;
  };
  const view = async (device: string): Promise<DeviceView> =>
    (await server.api<DeviceView>('GET', `/v1/devices/${device}`)).body;
  const reaches: AgentWorld['reaches'] = async (agent, is, ms = 30_000) => {
    let last: DeviceView | undefined;
    return await until(
      async () => {
        last = await view(agent.id);
        return 'phase' in last && is(last) ? last : undefined;
      },
      () => `${JSON.stringify(last)}\n${agent.running.stderr()}`,
      ms,
    );
  };
  const start: AgentWorld['start'] = (device, { server: other = server, ...options } = {}) => {
    const agent = startAgent(other, directory, {
      id: device,
      labels: `unit=${device}`,
      joinToken: body.token,
      ...options,
    });
    agents.push(agent);
    return agent;
  };

  return {
    get server() {
      return server;
    },
    directory,
    path: (...parts) => join(directory, ...parts),
    put: async (packet) => putBytes(await bytesOf(mkdtempSync(join(sources, 'p-')), packet)),
    putBytes,
    async want(device, apps, spec = {}) {
      const before = (await view(device)).desired;
      const changed = await apply(server, { id: device, target: { unit: device }, apps, ...spec });
      if (changed)
        await until(async () => (await view(device)).desired?.revision !== before?.revision);
    },
    start,
    async join(device, options) {
      const agent = start(device, options);
      await reaches(agent, ({ desired }) => desired !== null);
      return agent;
    },
    view,
    reaches,
    converged: (agent, ms) => reaches(agent, ({ converged }) => converged, ms),
    async restartServer(signal = 'SIGTERM', between = () => undefined) {
      const { http, mqtt } = server;
      await server.stop(signal);
      await between();
      const bare = (url: string): string => new URL(url).host;
      server = await startServer(directory, ['--http', bare(http), '--mqtt', bare(mqtt)]);
    },
    async stop() {
      await Promise.all(agents.map((agent) => agent.stop('SIGKILL')));
      await server.stop();
      remove();
    },
  };
}

/** The bytes of a packet. */
export async function bytesOf(directory: string, packet: OwnedPacket): Promise<Buffer> {
  const {
    name,
    labels = {},
    depends = [],
    config,
    data = {},
    scripts = {},
    owners = {},
    control: more = {},
  } = packet;
  mkdirSync(join(directory, 'data'));
  const control = { name, labels, depends: depends.map((needed) => ({ name: needed })), ...more };
  const text = stringify({ ...control, ...(config && { config }) });
  writeFileSync(join(directory, 'control.yaml'), text);
  putOwned(join(directory, 'data'), data, owners);
  for (const [script, content] of Object.entries(scripts))
    putContent(join(directory, 'scripts'), { [script]: content });
  const parts: Uint8Array[] = [];
  for await (const part of writePacket(directory, { keepOwner: true })) parts.push(part);
  rmSync(directory, { recursive: true });
  return Buffer.concat(parts);
}

/** Puts content with its owners below a directory, as a device should have it. */
export function putOwned(
  root: string,
  data: Record<string, Content>,
  owners: Record<string, number> = {},
): void {
  putContent(root, data);
  for (const [path, owner] of Object.entries(owners)) {
    const place = join(root, path);
    const before = lstatSync(place);
    lchownSync(place, owner, owner);
    // A change of owner drops setuid.
    if (!before.isSymbolicLink()) chmodSync(place, before.mode & 0o7777);
    lutimesSync(place, before.atimeMs / 1000, before.mtimeMs / 1000);
  }
}

/** Sets a spec; true if that changes what some device shall have. */
async function apply(server: ServerProcess, spec: object): Promise<boolean> {
  const once = (query: string) =>
    server.api<{ removals?: number; impact?: { devices: number } }>('POST', `/v1/apply${query}`, {
      documents: [spec],
    });
  const first = await once('');
  const { status, body } =
    first.body.removals === undefined || first.status === 200
      ? first
      : await once(`?confirmRemovals=${first.body.removals}`);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return (body.impact?.devices ?? 0) > 0;
}

/** Names of things that a transaction puts beside others, wherever they were left below a directory. */
export function leftovers(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.includes('.jamesc-'),
  );
}
