import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';

/** How a path is answered: bytes, or whatever the function does. */
export type Answer =
  | Uint8Array
  | string
  | ((request: IncomingMessage, response: ServerResponse) => void);

/** An HTTP server whose every answer is made by hand; closed after the running test. */
export interface CraftedServer {
  url: string;
  /** By path, without its first slash. */
  answers: Map<string, Answer>;
  /** Paths that were asked for, in order. */
  asked: string[];
}

export async function craftedServer(): Promise<CraftedServer> {
  const answers = new Map<string, Answer>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '/').slice(1));
    asked.push(path);
    const answer = answers.get(path);
    if (answer === undefined) response.writeHead(404).end();
    else if (typeof answer === 'function') answer(request, response);
    else response.end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, answers, asked };
}

export const sha256 = (bytes: Uint8Array | string): string =>
  createHash('sha256').update(bytes).digest('hex');

/** A Release that lists these files as they are, with further lines of fields. */
export function release(files: Readonly<Record<string, Uint8Array | string>>, fields = ''): string {
  const lines = Object.entries(files).map(
    ([path, bytes]) => ` ${sha256(bytes)} ${Buffer.byteLength(bytes)} ${path}`,
  );
  return `Suite: stable\n${fields}SHA256:\n${lines.join('\n')}\n`;
}

export const PACKAGES_PATH = 'main/binary-amd64/Packages';
export const packages = (...names: string[]): string =>
  names.map((name) => `Package: ${name}\nVersion: 1\nArchitecture: all\n\n`).join('');

/** Makes the server an unsigned APT repository with one list of packages. */
export function publishApt(
  { answers }: CraftedServer,
  list: string,
  { fields = '', ending = '.gz', packed = gzipSync(list) as Uint8Array } = {},
): void {
  const path = PACKAGES_PATH + ending;
  answers.set('dists/stable/Release', release({ [path]: packed }, fields));
  answers.set(`dists/stable/${path}`, packed);
}
