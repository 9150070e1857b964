import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import {
  type AgentProcess,
  type Finished,
  type ServerProcess,
  startAgent,
  startServer,
  temporaryDirectory,
  until,
} from './fleet.ts';
import { runTool } from './run-tool.ts';

/** What `device get -o json` says, as far as tests of packages look at it. */
export interface DeviceState {
  phase: string;
  reason: string | null;
  converged: boolean;
  desired: { revision: number; problems: { code: string; name: string; detail: string }[] } | null;
  reported: { packages: { wrong: { name: string; status: string; error: string | null }[] } };
}

/** A real server, and real agents that each have a root and a package manager's state of their own. */
export interface PackageFleet {
  readonly server: ServerProcess;
  path(...parts: string[]): string;
  /** `jamesd-ctl apply` of the documents; fails if it is refused. */
  apply(...documents: object[]): Promise<void>;
  /** `jamesd-ctl` with the arguments; fails unless it ends with 0. */
  ctl(...args: string[]): Promise<Finished>;
  /** Starts an agent whose labels come with its join token, so that this machine's facts do not count. */
  start(id: string, labels: Record<string, string>): Promise<AgentProcess>;
  device(id: string): Promise<DeviceState>;
  /** Waits until the device has exactly these packages of its package manager, `name version`, and says so. */
  has(id: string, packages: readonly string[]): Promise<void>;
  /** The packages that the device's package manager has in the device's root, sorted. */
  installed(id: string): Promise<string[]>;
  /** Waits until `look` gives something, and tells what the device said if it never does. */
  until<Value>(id: string, what: string, look: () => Promise<Value | false>): Promise<Value>;
  stop(): Promise<void>;
}

/** Starts the server; `args` are further ones of `jamesd serve`. */
export async function startPackageFleet(args: readonly string[] = []): Promise<PackageFleet> {
  const directory = temporaryDirectory('jamesd-packages-');
  const path = (...parts: string[]): string => join(directory.path, ...parts);
  const server = await startServer(directory.path, args);
  const agents = new Map<string, { agent: AgentProcess; manager: string }>();
  let applied = 0;

  const ctl = async (...words: string[]): Promise<Finished> => {
    const result = await server.ctl(words);
    if (result.status !== 0)
      throw new Error(`jamesd-ctl ${words.join(' ')}: ${result.stderr}${result.stdout}`);
    return result;
  };
  const device = async (id: string): Promise<DeviceState> =>
    (await server.api<DeviceState>('GET', `/v1/devices/${id}`)).body;
  const installed = (id: string): Promise<string[]> => {
    const { agent, manager } = agents.get(id) ?? {};
    if (!agent) throw new Error(`no device ${id}`);
    return manager === 'apt' ? debPackages(agent.root) : rpmPackages(agent.root);
  };
  const untilDevice: PackageFleet['until'] = async (id, what, look) => {
    let last: unknown = null;
    return until(
      async () => {
        const found = await look();
        if (found === false)
          last = await Promise.all([installed(id), device(id)]).catch((error) => String(error));
        return found;
      },
      () =>
        `${id}: ${what}\n${JSON.stringify(last, null, 1)}\n${agents.get(id)?.agent.running.stderr()}`,
      45_000,
    );
  };

  return {
    server,
    path,
    ctl,
    device,
    installed,
    until: untilDevice,
    async apply(...documents) {
      applied += 1;
      const file = path(`apply-${applied}.yaml`);
      writeFileSync(file, documents.map((one) => stringify(one)).join('---\n'));
      await ctl('apply', '-f', file);
    },
    async start(id, labels) {
      const written = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
      const { token } = await server.ctlJson<{ token: string }>([
        ...['token', 'create', '--join', '--labels', written.join(',')],
      ]);
      mkdirSync(path(id, 'root'), { recursive: true });
      const agent = startAgent(server, directory.path, { id, joinToken: token });
      agents.set(id, { agent, manager: labels.packages ?? '' });
      await untilDevice(id, 'enrolled', async () => {
        const { status } = await server.api('GET', `/v1/devices/${id}`);
        return status === 200 && true;
      });
      return agent;
    },
    async has(id, packages) {
      const wanted = [...packages].sort().join('\n');
      await untilDevice(id, `has ${wanted}`, async () => {
        const have = await installed(id);
        return have.join('\n') === wanted && (await device(id)).converged && true;
      });
    },
    async stop() {
      await Promise.all([...agents.values()].map(({ agent }) => agent.stop()));
      await server.stop();
      directory.remove();
    },
  };
}

async function debPackages(root: string): Promise<string[]> {
  const format = '$' + '{db:Status-Status} $' + '{Package} $' + '{Version}\\n';
  const admin = join(root, 'var/lib/dpkg');
  const listing = await runTool('dpkg-query', [`--admindir=${admin}`, '-W', '-f', format]).catch(
    () => '',
  );
  return rows(listing)
    .filter((line) => line.startsWith('installed '))
    .map((line) => line.slice('installed '.length))
    .sort();
}

async function rpmPackages(root: string): Promise<string[]> {
  const format = '%{NAME} %{EVR}\\n';
  // Debian's rpm has its database in the home directory; agents give their tools the root's.
  const env = { HOME: '/' };
  const args = ['--root', root, '-qa', '--qf', format];
  const listing = await runTool('rpm', args, { env }).catch(() => '');
  return rows(listing)
    .filter((line) => !line.startsWith('gpg-pubkey '))
    .sort();
}

const rows = (text: string): string[] => text.split('\n').filter((line) => line !== '');
