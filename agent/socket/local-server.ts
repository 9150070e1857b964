import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { plainCheck } from '../../proto/check.ts';
import { JamesError } from '../../proto/errors.ts';
import type { Log } from '../../proto/log.ts';
import type { LocalChange, LocalPackets } from '../drivers/local-packets.ts';
import type { Holds } from '../gates/holds.ts';
import type { Files } from '../system/files.ts';
import { readLines, writeLine } from './json-lines.ts';
import { type LocalReply, LocalRequest, SOCKET_NAME } from './local-protocol.ts';
import { withSocketPath } from './socket-path.ts';

export interface LocalServerOptions {
  state: string;
  files: Files;
  local: LocalPackets;
  holds: Holds;
  log: Log;
  /** Called after something was changed by hand, or looked at. */
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
  const staying = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    void serve(options, socket, staying).catch((error: unknown) => {
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
      // Holds of those who are there stay in force over the agent's restart.
      const there = [...staying];
      staying.clear();
      for (const socket of there) socket.destroy();
      for (const socket of sockets) socket.end();
      await closed;
      if (await files.lstat(path)) await files.unlink(path);
    },
  };
}

/** Serves one request. Who holds by being there is in `staying` as long as he is. */
async function serve(
  options: LocalServerOptions,
  socket: Socket,
  staying: Set<Socket>,
): Promise<void> {
  const lines = readLines(socket);
  const { value, done } = await lines.next();
  if (done) return void socket.destroy();
  const say = (reply: LocalReply): void => writeLine(socket, reply);
  const leave = await answer(options, value, say).catch((error: unknown) => {
    say(problemOf(error));
    return null;
  });
  if (leave !== null) {
    staying.add(socket);
    await lines.next().catch(() => undefined);
    if (staying.delete(socket)) await leave();
  }
  socket.end(() => socket.destroy());
}

/** Gives what to do when he who asked has left, if that matters. */
async function answer(
  { local, holds, onChanged }: LocalServerOptions,
  value: unknown,
  say: (reply: LocalReply) => void,
): Promise<(() => Promise<void>) | null> {
  if (!isRequest(value))
    throw new JamesError('bad-request', 'The agent does not know this request.');
  requireRoot(local, value.root);
  switch (value.request) {
    case 'list':
      say({ reply: 'packets', packets: await local.list() });
      return null;
    case 'check': {
      const found = await local.check();
      onChanged();
      say({ reply: 'found', ...found });
      return null;
    }
    case 'holds':
      say({ reply: 'holds', holds: holds.list() });
      return null;
    case 'release':
      say({ reply: 'released', released: await holds.release(value.name) });
      return null;
    case 'hold':
      return await hold(holds, value, say);
    case 'install':
    case 'uninstall': {
      const change = await changeByHand(local, value, say);
      if (change.change !== 'unchanged') onChanged();
      say({ reply: 'changed', ...change });
      return null;
    }
  }
}

function requireRoot({ root }: LocalPackets, asked: string | undefined): void {
  if (asked === undefined || asked === root) return;
  throw new JamesError(
    'conflict',
    `The agent on this state directory installs below ${root} and not below ${asked}; leave the root out, or give another state directory.`,
  );
}

async function hold(
  holds: Holds,
  { name, forMs, whileConnected }: Extract<LocalRequest, { request: 'hold' }>,
  say: (reply: LocalReply) => void,
): Promise<(() => Promise<void>) | null> {
  if (whileConnected !== true) {
    say({ reply: 'hold', hold: await holds.hold(name, forMs ?? null) });
    return null;
  }
  const there = await holds.holdWhileThere(name);
  say({ reply: 'hold', hold: there.hold });
  return there.end;
}

async function changeByHand(
  local: LocalPackets,
  value: Extract<LocalRequest, { request: 'install' | 'uninstall' }>,
  say: (reply: LocalReply) => void,
): Promise<LocalChange> {
  const onLog = (lines: { source: string; lines: string[] }): void =>
    say({ reply: 'log', ...lines });
  return value.request === 'install'
    ? await local.install(value.file, onLog)
    : await local.uninstall(value.packet, onLog);
}

function problemOf(error: unknown): LocalReply {
  if (error instanceof JamesError)
    return { reply: 'problem', code: error.code, detail: error.message };
  const detail = error instanceof Error ? error.message : String(error);
  return { reply: 'problem', code: 'internal', detail };
}
