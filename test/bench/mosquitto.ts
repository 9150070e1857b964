import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDebianPackages } from '../support/debian.ts';
import { until } from '../support/until.ts';
import type { Agent } from './agent-connection.ts';

/** Debian's Mosquitto as a peer, on a free port of loopback, with a password for each agent. */
export interface Mosquitto {
  readonly pid: number;
  readonly port: number;
  readonly version: string;
  stop(): Promise<void>;
}

/** Starts it, or answers null if it cannot be installed here. */
export async function startMosquitto(agents: readonly Agent[]): Promise<Mosquitto | null> {
  const { leftOut } = await ensureDebianPackages(['mosquitto']);
  if (leftOut) return null;
  const folder = mkdtempSync(join(tmpdir(), 'jamesd-mosquitto-'));
  const port = await freePort();
  writeFileSync(join(folder, 'passwords'), agents.map(passwordLine).join(''));
  writeFileSync(join(folder, 'mosquitto.conf'), configuration(folder, port));
  const child = spawn('mosquitto', ['-c', join(folder, 'mosquitto.conf')], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await until('mosquitto listens', () => listens(port, child));
  return {
    pid: child.pid ?? 0,
    port,
    version: versionOf(),
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

const configuration = (folder: string, port: number): string => `
listener ${port} 127.0.0.1
allow_anonymous false
password_file ${join(folder, 'passwords')}
set_tcp_nodelay true
persistence false
log_dest none
user root
`;

/**
 * A line of a password file, `USER:$7$ITERATIONS$SALT$HASH` with PBKDF2-HMAC-SHA512: what mosquitto_passwd writes, but
 * with a single iteration. A machine's secret has 256 random bits and needs no slow hash, in jamesd neither; more
 * iterations would only make the peer slower.
 */
function passwordLine({ id, secret }: Agent): string {
  const salt = randomBytes(12);
  const hash = pbkdf2Sync(secret, salt, 1, 64, 'sha512');
  return `${id}:$7$1$${salt.toString('base64')}$${hash.toString('base64')}\n`;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function listens(port: number, child: ChildProcess): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`mosquitto ended with ${child.exitCode}`);
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

function versionOf(): string {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder is dpkg-query's
  const args = ['-W', '-f', '${Version}', 'mosquitto'];
  return execFileSync('dpkg-query', args, { encoding: 'utf8' }).trim();
}
