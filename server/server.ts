import type { Clock, Random } from '../proto/clock.ts';
import { JamesError } from '../proto/errors.ts';
import type { Log } from '../proto/log.ts';
import { formatAddress } from './address.ts';
import type { Config } from './config.ts';
import { ensureFirstToken } from './credentials/first-token.ts';
import type { HttpServer } from './http/http-server.ts';
import { createHttpInterface } from './http-interface.ts';
import { createParts, type Parts } from './parts.ts';
import { openLevelStore } from './store/level-store.ts';

export interface ServerOptions {
  config: Config;
  clock: Clock;
  random: Random;
  log: Log;
  version: string;
  /** The folder of the page that `/` shows. */
  page: string;
  /** Shows the first operator's token to whoever starts the server. */
  show: (text: string) => void;
}

/** Where the server can be reached, as URLs. */
export interface ServerAddress {
  http: string;
  mqtt: string;
}

export interface Server {
  address: ServerAddress;
  /** Ends everything in order; what was acknowledged is on disk. */
  stop(): Promise<void>;
}

/**
 * Opens the data, loads it, plans all devices, then listens. Throws JamesError `data-locked`, `address-in-use`,
 * `bad-config`, having freed the data.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { config, log, version, page } = options;
  const store = await openLevelStore({ directory: config.data, log });
  let ready = false;
  const parts = await createParts({ ...options, store });
  const http = createHttpInterface({ parts, ready: () => ready, page, version });
  const stop = async (): Promise<void> => {
    ready = false;
    await stopParts(parts, http);
  };
  try {
    await loadParts(parts, options);
    const address = { http: await http.start(), mqtt: await startBus(parts) };
    ready = true;
    parts.events.add({ kind: 'server-started', actor: 'server', subject: version });
    log.info({ ...address, version, devices: parts.registry.size() }, 'jamesd is ready.');
    return { address, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** In the order in which they need each other. */
async function loadParts(parts: Parts, { config, log, show }: ServerOptions): Promise<void> {
  await parts.events.start();
  await parts.tokens.start();
  await ensureFirstToken({ tokens: parts.tokens, log, show, tokenFile: config.tokenFile });
  await parts.registry.start();
  await parts.packets.start();
  await parts.secrets.start();
  await parts.documents.start();
  await parts.catalogue.start();
  await parts.planner.start();
  await parts.feed.start();
  await parts.sourceFiles.start();
  parts.statusFeed.start();
  parts.operatorConnections.start();
}

async function startBus({ bus, config }: Parts): Promise<string> {
  const { mqtt } = await bus.start().catch((error) => {
    if (!(error instanceof JamesError) || error.code !== 'address-in-use') throw error;
    const shown = formatAddress(config.mqtt);
    throw new JamesError(
      'address-in-use',
      `${shown} is taken by another program. Choose another with --mqtt.`,
    );
  });
  return mqtt ?? '';
}

/** In the order in which nothing is lost: first nobody can ask any more, last the store. */
async function stopParts(parts: Parts, http: HttpServer): Promise<void> {
  const steps: (() => Promise<void>)[] = [
    // Together: HTTP ends only when the WebSockets on its port have ended, and these are the bus's.
    async () => void (await Promise.all([http.stop(), parts.bus.stop()])),
    async () => parts.operatorConnections.stop(),
    () => parts.sourceFiles.stop(),
    () => parts.feed.stop(),
    async () => parts.statusFeed.stop(),
    () => parts.planner.stop(),
    async () => parts.solvers?.stop(),
    () => parts.catalogue.stop(),
    () => parts.packets.stop(),
    () => parts.registry.stop(),
    () => parts.events.stop(),
    () => parts.store.close(),
  ];
  for (const step of steps) {
    await step().catch((error) => parts.log.error({ err: error }, 'A part did not stop cleanly.'));
  }
}
