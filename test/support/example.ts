import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { ServerProcess } from './fleet.ts';

/** A directory that `packet build` takes: control, scripts and files of the packet. */
export interface PacketSource {
  name: string;
  labels?: Record<string, string>;
  depends?: object[];
  config?: string[];
  /** Path below the root → content; an executable file begins with `#!`. */
  files?: Record<string, string>;
  scripts?: Record<string, string>;
}

/** Writes a packet's directory and returns its path. */
export function writePacketSource(directory: string, source: PacketSource): string {
  const { files = {}, scripts = {}, ...control } = source;
  mkdirSync(join(directory, 'data'), { recursive: true });
  writeFileSync(join(directory, 'control.yaml'), stringify(control));
  for (const [path, text] of Object.entries(files))
    writeExecutable(join(directory, 'data', path), text);
  for (const [name, text] of Object.entries(scripts))
    writeExecutable(join(directory, 'scripts', name), text);
  return directory;
}

function writeExecutable(path: string, text: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, text.startsWith('#!') ? 0o755 : 0o644);
}

/** Builds a packet with the real tool and uploads it; returns its id. */
export async function uploadPacket(
  server: ServerProcess,
  directory: string,
  source: PacketSource,
): Promise<string> {
  writePacketSource(directory, source);
  const file = `${directory}.jpk`;
  const built = await server.ctl(['packet', 'build', directory, '-f', file]);
  if (built.status !== 0) throw new Error(built.stderr);
  const uploaded = await server.ctl(['packet', 'upload', file]);
  if (uploaded.status !== 0) throw new Error(uploaded.stderr);
  return uploaded.stdout.trim();
}

/** A logger of the classic example: a program that says what it is. */
export function logger(version: string, arch: string): PacketSource {
  return {
    name: 'logger',
    labels: { version, arch },
    files: { 'usr/bin/logger': `#!/bin/sh\necho "logger ${version} for ${arch}"\n` },
  };
}

/** The spec of the classic example. */
export const loggerSpec = (version: string): object => ({
  id: 'logger-spec',
  target: { fleet: 'alpha' },
  apps: [{ name: 'logger', labels: { version } }],
});

/** A token that devices join with. */
export async function joinToken(
  server: ServerProcess,
  args: readonly string[] = [],
): Promise<string> {
  return (await server.ctlJson<{ token: string }>(['token', 'create', '--join', ...args])).token;
}
