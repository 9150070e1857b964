import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { place } from './workplace.mjs';

/** The devices of the example: one id per architecture. */
export const devices = [
  { id: 'hub-amd64', arch: 'amd64' },
  { id: 'buoy-armv6l', arch: 'armv6l' },
  { id: 'buoy-armv7l', arch: 'armv7l' },
];

export const FIRST = '1.0.0';
export const NEXT = '1.1.0';

/** Where the logger lies on a device. */
export const PROGRAM = 'usr/bin/logger';

/** Writes the directory of a packet: `logger` of one version for one architecture. @returns {string} its path */
export function writePacketDirectory(version, arch) {
  const directory = join(place.packets, `logger-${version}-${arch}`);
  const program = join(directory, 'data', PROGRAM);
  mkdirSync(join(program, '..'), { recursive: true });
  writeFileSync(
    join(directory, 'control.yaml'),
    [
      'name: logger',
      `labels: {version: ${version}, arch: ${arch}}`,
      'description: ships logs to the hub',
      '',
    ].join('\n'),
  );
  writeFileSync(program, programText(version, arch));
  chmodSync(program, 0o755);
  return directory;
}

/** A program that runs wherever there is a shell. */
function programText(version, arch) {
  const greeting =
    version === FIRST ? 'shipping logs to the hub' : 'shipping logs to the hub, now twice as fast';
  return [
    '#!/bin/sh',
    `echo "logger ${version} (${arch}), process $$: ${greeting}"`,
    'for line in 1 2 3; do echo "$(date -u +%H:%M:%S) line $line shipped"; done',
    '',
  ].join('\n');
}

/** Writes the spec that asks for a version of the logger. @returns {string} the file's path */
export function writeSpec(version) {
  const file = join(place.specs, `logger-${version}.yaml`);
  writeFileSync(
    file,
    [
      'id: logger-spec',
      'target: {fleet: alpha}',
      'apps:',
      '  - name: logger',
      `    labels: {version: ${version}}`,
      '',
    ].join('\n'),
  );
  return file;
}
