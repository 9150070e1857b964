import { randomBytes } from 'node:crypto';
import { connect, createServer, type Server } from 'node:net';
import type { Clock } from '../../proto/clock.ts';
import { JamesError } from '../../proto/errors.ts';
import { joinPath } from '../core/device-path.ts';
import type { Files } from '../system/files.ts';

/** The state directory belongs to this process until it is released or the process ends, however it ends. */
export interface StateLock {
  release(): Promise<void>;
}

export interface StateLockOptions {
  /** The state directory; made (0700) if it is missing. */
  state: string;
  files: Files;
  clock: Clock;
  pid: number;
}

/** How long the holder may take to say who it is. */
const ANSWER_MS = 1000;

/**
 * Takes the state directory for this process alone. Throws `state-locked` naming the process that has it.
 *
 * The lock is a listening socket in Linux's abstract namespace, which the system closes with the process: a killed holder
 * leaves nothing behind. Its name is a secret kept in the directory (0600). Whoever connects is told the holder's pid.
 */
export async function acquireLock(options: StateLockOptions): Promise<StateLock> {
  const name = await lockName(options);
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(`${options.pid}\n`);
  });
  if (!(await listens(server, name))) {
    const pid = await holderOf(name, options.clock);
    throw new JamesError(
      'state-locked',
      `${pid === null ? 'Another process' : `The process ${pid}`} uses the state directory ${options.state}; stop it, or use another directory.`,
      { members: { pid } },
    );
  }
  server.unref();
  return {
    release: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}

/** The abstract socket's name. The first process that asks makes it up; a link is made once, whoever tries. */
async function lockName({ state, files, pid }: StateLockOptions): Promise<string> {
  await makeState(files, state);
  const path = joinPath(state, 'lock');
  if (!(await files.lstat(path))) {
    const draft = `${path}.${pid}-${randomBytes(4).toString('hex')}`;
    await files.writeNew(draft, Buffer.from(randomBytes(16).toString('hex')), {
      mode: 0o600,
      sync: true,
    });
    await files.link(draft, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await files.unlink(draft);
  }
  const name = Buffer.from(await files.readFile(path)).toString('latin1');
  return `\0jamesc-${name.slice(0, 64)}`;
}

async function makeState(files: Files, path: string): Promise<void> {
  if (path === '/' || (await files.lstat(path))) return;
  await makeState(files, path.slice(0, path.lastIndexOf('/')) || '/');
  await files.makeDirectory(path, 0o700).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

function listens(server: Server, name: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    server.listen(name, () => resolve(true));
  });
}

/** The pid of the process that holds a lock, or null if it does not answer in time. */
function holderOf(name: string, clock: Clock): Promise<number | null> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(name);
    const end = (pid: number | null): void => {
      cancel();
      socket.destroy();
      resolve(pid);
    };
    const cancel = clock.after(ANSWER_MS, () => end(null));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.once('error', () => end(null));
    socket.once('end', () => end(/^\d+\n$/.test(text) ? Number(text) : null));
  });
}
