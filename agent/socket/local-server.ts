import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { plainCheck } from '../../proto/check.ts';
import { JamesError } from '../../proto/errors.ts';
import type { Log } from '../../proto/log.ts';
import type { LocalPackets } from '../drivers/local-packets.ts';
import type { Files } from '../system/files.ts';
import { readLines, writeLine } from './json-lines.ts';
import { type LocalReply, LocalRequest, SOCKET_NAME } from './local-protocol.ts';
import { withSocketPath } from './socket-path.ts';

export interface LocalServerOptions {
  state: string;
  files: Files;
  local: LocalPackets;
  log: Log;
  /** Called after something was changed by hand. */
  onChanged(): void;
}

/** Serves the hand tool on a socket in the state directory, which only the agent's user may open. */
export interface LocalServer {
  start(): Promise<void>;
  stop(): Promise<void>;
}

const isRequest = plainCheck(LocalRequest);

/** The lock on the state directory must be held: a socket that is there is of a dead process. */
export function createLocalServer(options: LocalServerOptions): LocalServer {
  const { state, files, log } = options;
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    void serve(options, socket).catch((error: unknown) => {
      log.warn({ err: error }, 'A request by hand broke off.');
      socket.destroy();
    });
  });
  const path = join(state, SOCKET_NAME);

  return {
    async start() {
      if (await files.lstat(path)) await files.unlink(path);
      await withSocketPath(
        state,
        (short) =>
          new Promise<void>((resolve, reject) => {
            server.once('error', reject);
            server.listen(short, resolve);
          }),
      );
      server.unref();
      await files.chmod(path, 0o600);
    },
    async stop() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      for (const socket of sockets) socket.end();
      await closed;
      if (await files.lstat(path)) await files.unlink(path);
    },
  };
}

async function serve(options: LocalServerOptions, socket: Socket): Promise<void> {
  for await (const value of readLines(socket)) {
    const say = (reply: LocalReply): void => writeLine(socket, reply);
    await answer(options, value, say).catch((error: unknown) => say(problemOf(error)));
    socket.end();
    return;
  }
}

async function answer(
  { local, onChanged }: LocalServerOptions,
  value: unknown,
  say: (reply: LocalReply) => void,
): Promise<void> {
  if (!isRequest(value))
    throw new JamesError('bad-request', 'The agent does not know this request.');
  if (value.root !== undefined && value.root !== local.root)
    throw new JamesError(
      'conflict',
      `The agent on this state directory installs below ${local.root} and not below ${value.root}; leave the root out, or give another state directory.`,
    );
  if (value.request === 'list') {
    say({ reply: 'packets', packets: await local.list() });
    return;
  }
  const onLog = (lines: { source: string; lines: string[] }): void =>
    say({ reply: 'log', ...lines });
  const change =
    value.request === 'install'
      ? await local.install(value.file, onLog)
      : await local.uninstall(value.packet, onLog);
  if (change.change !== 'unchanged') onChanged();
  say({ reply: 'changed', ...change });
}

function problemOf(error: unknown): LocalReply {
  if (error instanceof JamesError)
    return { reply: 'problem', code: error.code, detail: error.message };
  const detail = error instanceof Error ? error.message : String(error);
  return { reply: 'problem', code: 'internal', detail };
}
