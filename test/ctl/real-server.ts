import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type Desired, desiredDigest } from '../../proto/desired.ts';
import { silentLog } from '../../proto/log.ts';
import type { Reported } from '../../proto/reported.ts';
import { loadConfig } from '../../server/config.ts';
import { startServer } from '../../server/server.ts';
import { createSystemClock } from '../../server/system/clock.ts';
import { random } from '../../server/system/random.ts';
import { writePacketSource } from '../support/example.ts';
import { type CtlOptions, type CtlResult, ctl } from './run-ctl.ts';

export interface RealServer {
  url: string;
  mqtt: string;
  token: string;
  ctl(argv: readonly string[], options?: CtlOptions): Promise<CtlResult>;
  /** `ctl … -o json`, which must end with 0. */
  json<Value>(argv: readonly string[], options?: CtlOptions): Promise<Value>;
  stop(): Promise<void>;
}

/** A whole server in this process, with its data below `directory`, on free ports of loopback. */
export async function startRealServer(
  directory: string,
  settings: Record<string, string> = {},
): Promise<RealServer> {
  const tokenFile = join(directory, 'token');
  const flags = {
    data: join(directory, 'server'),
    tokenFile,
    http: '127.0.0.1:0',
    mqtt: '127.0.0.1:0',
    logLevel: 'silent',
    ...settings,
  };
  const server = await startServer({
    config: loadConfig({ flags, env: {} }),
    log: silentLog,
    clock: createSystemClock(),
    random,
    version: '0.0.0-source',
    page: directory,
    show: () => {},
  });
  const token = readFileSync(tokenFile, 'utf8').trim();
  const run: RealServer['ctl'] = (argv, options = {}) =>
    ctl(argv, {
      cwd: directory,
      ...options,
      env: { JAMESD_SERVER: server.address.http, JAMESD_TOKEN: token, ...options.env },
    });
  return {
    url: server.address.http,
    mqtt: server.address.mqtt,
    token,
    stop: () => server.stop(),
    ctl: run,
    async json<Value>(argv: readonly string[], options?: CtlOptions) {
      const { status, stdout, stderr } = await run([...argv, '-o', 'json'], options);
      if (status !== 0)
        throw new Error(`${argv.join(' ')} ended with ${status}: ${stderr}${stdout}`);
      return JSON.parse(stdout) as Value;
    },
  };
}

/** A device that speaks HTTP with the server's own words. */
export interface HttpDevice {
  id: string;
  desired(): Promise<Desired>;
  report(change: Partial<Reported>): Promise<void>;
  /** Reports that it has what it should have. */
  converge(): Promise<void>;
}

/** Enrols a device with the labels as its configured ones. */
export async function enrolDevice(
  server: RealServer,
  id: string,
  labels: Record<string, string>,
): Promise<HttpDevice> {
  const { token } = await server.json<{ token: string }>(['token', 'create', '--join']);
  const answer = await call(server, 'POST', '/v1/enrol', `Bearer ${token}`, { id, labels });
  const { secret } = (await answer.json()) as { secret: string };
  const basic = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
  let seq = 0;
  const device: HttpDevice = {
    id,
    async desired() {
      return (await (
        await call(server, 'GET', `/v1/devices/${id}/desired`, basic)
      ).json()) as Desired;
    },
    async report(change) {
      seq += 1;
      await call(server, 'PUT', `/v1/devices/${id}/reported`, basic, reportOf(labels, seq, change));
    },
    async converge() {
      const { signed } = await device.desired();
      const { epoch, revision } = signed;
      const point = { revision, digest: desiredDigest(signed) };
      const packets = signed.packets.flatMap((line) =>
        'keep' in line
          ? []
          : [{ name: line.name, id: line.id, status: 'installed' as const, error: null }],
      );
      await device.report({ epoch, seen: point, installed: point, packets });
    },
  };
  await device.report({});
  return device;
}

/** Writes, builds and uploads a packet of this name and these labels; gives its id. */
export async function uploadNew(
  server: RealServer,
  directory: string,
  name: string,
  labels: Record<string, string>,
): Promise<string> {
  const source = join(directory, `source-${name}-${Object.values(labels).join('-')}`);
  writePacketSource(source, {
    name,
    labels,
    files: { [`usr/bin/${name}`]: `#!/bin/sh\necho ${name} ${stringify(labels)}` },
  });
  const built = await server.json<{ path: string }>([
    'packet',
    'build',
    source,
    '-f',
    `${source}.jpk`,
  ]);
  const { stdout } = await server.ctl(['packet', 'upload', built.path]);
  return stdout.trim();
}

async function call(
  { url }: RealServer,
  method: string,
  path: string,
  authorization: string,
  body?: object,
): Promise<Response> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok)
    throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response;
}

function reportOf(
  config: Record<string, string>,
  seq: number,
  change: Partial<Reported>,
): Reported {
  return {
    schema: 'jamesd.reported/1',
    epoch: null,
    seen: null,
    installed: null,
    phase: 'idle',
    reason: null,
    retryAt: null,
    packets: [],
    packages: { installed: 0, wrong: [] },
    labels: { facts: { os: 'debian' }, config },
    agent: '1.0.0',
    bootId: 'boot-1',
    seq,
    ...change,
  };
}
