import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { progressText } from '../../ctl/upload.ts';
import type { PacketView } from '../../proto/api.ts';
import { sha256Of } from '../../proto/digest.ts';
import { startProxy } from '../support/proxy.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { until } from '../support/until.ts';
import { type RealServer, startRealServer } from './real-server.ts';
import { ctl } from './run-ctl.ts';

const MEGABYTES = 24;

describe('uploads', () => {
  const directory = mkdtempSync(join(tmpdir(), 'jamesd-ctl-'));
  let server: RealServer;
  beforeAll(async () => {
    server = await startRealServer(directory);
    mkdirSync(join(directory, 'big', 'data'), { recursive: true });
    writeFileSync(join(directory, 'big', 'data', 'noise'), randomBytes(MEGABYTES * 1024 * 1024));
    writeFileSync(join(directory, 'big', 'control.yaml'), 'name: big\n');
    expect((await server.ctl(['packet', 'build', 'big'])).stdout).toBe('big.jpk\n');
  });
  afterAll(async () => {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it('survive a connection that breaks, and make one packet', async () => {
    const proxy = await startProxy(Number(new URL(server.url).port));
    onTestFinished(() => proxy.close());
    proxy.cutAfter(15);
    const uploading = server.ctl(
      ['packet', 'upload', 'big.jpk', '--server', `http://127.0.0.1:${proxy.port}`],
      { columns: 80 },
    );
    await until('two connections were cut', () => proxy.accepted() >= 3);
    proxy.cutAfter(null);
    const { status, stdout, stderr } = await uploading;
    expect([status, stdout]).toEqual([
      0,
      `${sha256Of(readFileSync(join(directory, 'big.jpk')))}\n`,
    ]);
    expect(stderr).toContain('trying again');
    expect(stderr).toContain('100 %');
    expect(await server.json<PacketView[]>(['packet', 'list'])).toHaveLength(1);
  });

  it('show no progress where nobody watches', async () => {
    const { stderr } = await server.ctl(['packet', 'upload', 'big.jpk']);
    expect(stderr).toBe('');
  });

  it('refuse what is no packet with the server’s reason, and what is no file', async () => {
    writeFileSync(join(directory, 'bad.jpk'), 'not a packet');
    const bad = await server.ctl(['packet', 'upload', 'bad.jpk']);
    expect([bad.status, bad.stderr]).toEqual([1, expect.stringContaining('(bad-packet)')]);
    const none = await server.ctl(['packet', 'upload', 'none.jpk']);
    expect(none).toEqual({
      status: 1,
      stdout: '',
      stderr: 'jamesd-ctl: There is no file none.jpk. (not-found)\n',
    });
  });
});

describe('downloads', () => {
  const content = randomBytes(200_000);
  const id = sha256Of(content);

  /** Serves one packet; the first `breaks` answers end in the middle. */
  async function serve(breaks: number, sent: Buffer = content) {
    const ranges: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      if (!request.url?.endsWith('/content')) {
        response.end(
          JSON.stringify({
            id,
            name: 'noise',
            labels: {},
            size: content.length,
            seq: 1,
            uploadedAt: '',
            url: '',
          }),
        );
        return;
      }
      ranges.push(request.headers.range);
      const from = Number(/\d+/.exec(request.headers.range ?? '0')?.[0]);
      response.writeHead(from > 0 ? 206 : 200, { 'content-length': sent.length - from });
      if (ranges.length > breaks) response.end(sent.subarray(from));
      else response.write(sent.subarray(from, from + 50_000), () => request.socket.end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, ranges };
  }
  const download = (url: string, cwd: string) =>
    ctl(['packet', 'download', id, '-f', 'noise.jpk', '--server', url], { cwd });

  it('are tried again when the connection breaks', async () => {
    const { url, ranges } = await serve(2);
    const cwd = temporaryDirectory();
    expect(await download(url, cwd)).toEqual({ status: 0, stdout: 'noise.jpk\n', stderr: '' });
    expect(readFileSync(join(cwd, 'noise.jpk')).equals(content)).toBe(true);
    expect(ranges).toHaveLength(3);
  });

  it('go on where an earlier command was ended', async () => {
    const cwd = temporaryDirectory();
    writeFileSync(join(cwd, `noise.jpk.${id.slice(7, 19)}.part`), content.subarray(0, 150_000));
    const { url, ranges } = await serve(0);
    expect((await download(url, cwd)).status).toBe(0);
    expect(ranges).toEqual(['bytes=150000-']);
    expect(readdirSync(cwd)).toEqual(['noise.jpk']);
  });

  it('begin anew where what was there is not the beginning', async () => {
    const cwd = temporaryDirectory();
    writeFileSync(join(cwd, `noise.jpk.${id.slice(7, 19)}.part`), randomBytes(1000));
    const { url } = await serve(0);
    expect((await download(url, cwd)).status).toBe(0);
    expect(readFileSync(join(cwd, 'noise.jpk')).equals(content)).toBe(true);
  });

  it('of other content are refused, and nothing is left', async () => {
    const cwd = temporaryDirectory();
    const { url } = await serve(0, randomBytes(content.length));
    const { status, stderr } = await download(url, cwd);
    expect([status, stderr]).toEqual([1, expect.stringContaining('(digest-mismatch)')]);
    expect(existsSync(join(cwd, 'noise.jpk'))).toBe(false);
    expect(readdirSync(cwd)).toEqual([]);
  });
});

describe('progress', () => {
  it('is a bar with bytes', () => {
    expect(progressText('x', 0, 2048)).toBe(`x [>${' '.repeat(29)}] 0 %  0 B of 2.0 KiB`);
    expect(progressText('x', 1024, 2048)).toBe(
      `x [${'='.repeat(15)}>${' '.repeat(14)}] 50 %  1.0 KiB of 2.0 KiB`,
    );
    expect(progressText('x', 0, 0)).toBe(`x [${'='.repeat(30)}] 100 %  0 B of 0 B`);
  });
});
