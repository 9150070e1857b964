import { isIP } from 'node:net';
import { isId } from '../../proto/ids.ts';
import { createClient } from '../client.ts';
import { type Connection, type Context, defineCommand } from '../command.ts';
import { loadConfig, saveConfig } from '../config-file.ts';
import { createHttp } from '../http.ts';
import { may, usage } from '../option.ts';
import { lines } from '../print/view.ts';
import { readSecret } from '../secret-input.ts';

export const login = defineCommand({
  name: 'login',
  summary: 'remember a server and its token as a context',
  details:
    'The token comes from --token, JAMESD_TOKEN, a question on the terminal, or a line of stdin. It is tried first and kept in the config file, which only you can read. The context becomes the current one.',
  arguments: { context: may('context', 'a name for it; default if left out') },
  options: {},
  examples: [
    'jamesd-ctl login --server http://127.0.0.1:7600',
    'jamesd-ctl login berlin --server https://hub.example.org < token-file',
  ],
  async run({ context: name = 'default' }, context) {
    if (!isId(name))
      throw usage(
        `${JSON.stringify(name)} is no name for a context: use letters, digits, ".", "_" or "-".`,
      );
    const connection = await context.connection();
    const { server, configFile } = connection;
    const token = await tokenFor(connection, context);
    await createClient(createHttp({ ...context, server, token })).tokens();
    const config = await loadConfig(configFile);
    await saveConfig(configFile, {
      ...config,
      current: name,
      contexts: { ...config.contexts, [name]: { server, token } },
    });
    if (isExposed(server))
      context.warn(
        `The token travels to ${server} unencrypted; whoever can listen on the way can use it.`,
      );
    return {
      data: { context: name, server, file: configFile },
      view: lines(name),
      names: [name],
      notes: [`Context ${name} (${server}) is stored in ${configFile} and is the current one.`],
    };
  },
});

async function tokenFor(
  { token, tokenFrom, server }: Connection,
  context: Context,
): Promise<string> {
  if (token !== null && (tokenFrom === '--token' || tokenFrom === 'JAMESD_TOKEN')) return token;
  const typed = await readSecret(`Token for ${server}: `, context);
  if (typed === '') throw usage('Give the token with --token, JAMESD_TOKEN or as a line of stdin.');
  return typed;
}

/** Plain HTTP to another machine. */
export function isExposed(server: string): boolean {
  const { protocol, hostname } = new URL(server);
  const host = hostname.replace(/^\[|\]$/g, '');
  const isLoopback =
    host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
  return protocol === 'http:' && !isLoopback;
}
