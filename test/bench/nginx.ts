import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { ensureDebianPackages } from '../support/debian.ts';

export interface Nginx {
  url: string;
  version: string;
  stop(): Promise<void>;
}

/** Debian's nginx as it comes (sendfile, a worker per processor), serving a folder on a free loopback port; null if it cannot be had. */
export async function startNginx(folder: string, directory: string): Promise<Nginx | null> {
  const { leftOut } = await ensureDebianPackages(['nginx-light']);
  if (leftOut) return null;
  const port = await freePort();
  for (const name of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']) {
    mkdirSync(join(directory, name), { recursive: true });
  }
  const file = join(directory, 'nginx.conf');
  writeFileSync(file, configuration(folder, directory, port));
  const child = spawn('/usr/sbin/nginx', ['-c', file, '-e', join(directory, 'error.log')], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  await answers(url);
  return {
    url,
    version: versionOf(),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function configuration(folder: string, directory: string, port: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `  ${name}_temp_path ${join(directory, name.replace('client_', ''))};`,
  );
  return `daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes auto;
pid ${join(directory, 'nginx.pid')};
events { worker_connections 1024; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
${temporary.join('\n')}
  server { listen 127.0.0.1:${port}; root ${folder}; }
}
`;
}

function versionOf(): string {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder is dpkg-query's
  const text = execFileSync('dpkg-query', ['-W', '-f', '${Version}', 'nginx-light'], {
    encoding: 'utf8',
  });
  return text.trim();
}

async function answers(url: string): Promise<void> {
  for (let turn = 0; turn < 200; turn++) {
    if (await fetch(url).catch(() => null)) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('nginx does not answer');
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
