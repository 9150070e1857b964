import { JamesError } from '../proto/errors.ts';
import type { Connection } from './command.ts';
import { type ConfigFile, configPath, loadConfig } from './config-file.ts';
import type { Surroundings } from './surroundings.ts';

export const DEFAULT_SERVER = 'http://127.0.0.1:7600';

/** What the command line says of the connection. */
export interface ConnectionFlags {
  server?: string | undefined;
  token?: string | undefined;
  context?: string | undefined;
  config?: string | undefined;
}

/**
 * Server and token. Flags come before a context that was named by flag, then the environment, then the current context,
 * then loopback. A context's token goes to that context's server only.
 */
export async function findConnection(
  flags: ConnectionFlags,
  { env, home }: Pick<Surroundings, 'env' | 'home'>,
): Promise<Connection> {
  const file = configPath(env, home, flags.config);
  const config = await loadConfig(file);
  const name = flags.context ?? (env.JAMESD_CONTEXT || config.current) ?? null;
  const context = name === null ? null : contextOf(config, name, file);
  const sources =
    flags.context === undefined
      ? [flagged(flags), fromEnvironment(env), fromContext(context, name)]
      : [flagged(flags), fromContext(context, name), fromEnvironment(env)];
  const at = sources.find(({ server }) => server !== undefined);
  const server = normalServer(at?.server ?? DEFAULT_SERVER, at?.serverFrom ?? 'the default');
  const usable = sources.filter(
    (source) =>
      source.bound === undefined || normalServer(source.bound, source.serverFrom) === server,
  );
  const key = usable.find(({ token }) => token !== undefined);
  return {
    server,
    token: key?.token ?? null,
    serverFrom: at?.serverFrom ?? 'the default',
    tokenFrom: key?.tokenFrom ?? null,
    configFile: file,
    context: name,
  };
}

interface Source {
  server: string | undefined;
  token: string | undefined;
  serverFrom: string;
  tokenFrom: string;
  /** The only server that may see the token; undefined: any. */
  bound?: string;
}

function flagged({ server, token }: ConnectionFlags): Source {
  return { server, token, serverFrom: '--server', tokenFrom: '--token' };
}

function fromEnvironment(env: Readonly<Record<string, string | undefined>>): Source {
  return {
    server: env.JAMESD_SERVER || undefined,
    token: env.JAMESD_TOKEN || undefined,
    serverFrom: 'JAMESD_SERVER',
    tokenFrom: 'JAMESD_TOKEN',
  };
}

function fromContext(
  context: { server: string; token?: string } | null,
  name: string | null,
): Source {
  const from = `context ${name}`;
  return {
    server: context?.server,
    token: context?.token,
    serverFrom: from,
    tokenFrom: from,
    ...(context && { bound: context.server }),
  };
}

function contextOf(config: ConfigFile, name: string, file: string) {
  const found =
    config.contexts && Object.hasOwn(config.contexts, name) ? config.contexts[name] : undefined;
  if (found) return found;
  const known = Object.keys(config.contexts ?? {});
  throw new JamesError(
    'bad-config',
    `There is no context "${name}" in ${file}${known.length > 0 ? `; there are ${known.join(', ')}` : ''}. Make it with: jamesd-ctl login ${name} --server URL`,
  );
}

/** An http or https address without path, query or trailing slash. Throws `usage`. */
export function normalServer(text: string, from: string): string {
  const withScheme = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '') {
    throw new JamesError(
      'usage',
      `${from}: ${JSON.stringify(text)} is not the address of a server; write it as http://127.0.0.1:7600 or https://hub.example.org.`,
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}
