import { join } from 'node:path';
import { zoneTimeOf } from '../core/zone-time.ts';
import type { Files } from '../system/files.ts';

export interface DeviceZone {
  /** A name of the IANA database that is known here. */
  zone: string;
  /** A sentence where the zone could not be told and UTC counts instead. */
  warning: string | null;
}

export interface DeviceZoneOptions {
  files: Files;
  /** Where `/etc` is looked for. */
  root: string;
  env: Readonly<Record<string, string | undefined>>;
}

const MAX_NAME_BYTES = 1024;

/**
 * The zone of the device, looked up anew at each call since it may be set at any time: `TZ`, else what /etc/localtime is
 * a link to, else /etc/timezone. A device that says nothing of it has UTC, as the C library does it.
 */
export function createDeviceZone({
  files,
  root,
  env,
}: DeviceZoneOptions): () => Promise<DeviceZone> {
  return async () => {
    const named = nameIn(env.TZ ?? '');
    if (named !== '') return settle(named, 'TZ');
    const place = join(root, '/etc/localtime');
    const info = await files.lstat(place).catch(() => undefined);
    if (info?.type === 'symlink') {
      const target = await files.readLink(place).catch(() => '');
      if (target.includes('zoneinfo/')) return settle(nameIn(target), '/etc/localtime');
    }
    const text = await firstLine(files, join(root, '/etc/timezone'));
    if (text !== '') return settle(text, '/etc/timezone');
    if (!info) return { zone: 'UTC', warning: null };
    return inUtc("/etc/localtime does not say its zone's name, and there is no /etc/timezone");
  };
}

/** The name in `:Europe/Berlin` or in a path of zone files. */
function nameIn(text: string): string {
  return text
    .replace(/^:/, '')
    .replace(/^.*zoneinfo\//, '')
    .replace(/^(posix|right)\//, '');
}

function settle(name: string, place: string): DeviceZone {
  if (zoneTimeOf(name) !== null) return { zone: name, warning: null };
  return inUtc(
    `${place} names the time zone ${JSON.stringify(name.slice(0, 64))}, which is not known here`,
  );
}

const inUtc = (why: string): DeviceZone => ({ zone: 'UTC', warning: `${why}: UTC counts.` });

async function firstLine(files: Files, path: string): Promise<string> {
  try {
    const info = await files.lstat(path);
    if (info?.type !== 'file' || info.size > MAX_NAME_BYTES) return '';
    const [line = ''] = Buffer.from(await files.readFile(path))
      .toString()
      .split('\n');
    return line.trim();
  } catch {
    return '';
  }
}
