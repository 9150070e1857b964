import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createDeviceZone } from '../../../agent/gates/device-zone.ts';
import { createNodeFiles } from '../../../agent/system/node-files.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

/** The zone of a device with these things in /etc. */
async function zoneOf({ link, copy, name, tz }: Record<string, string | undefined>) {
  const root = temporaryDirectory();
  mkdirSync(join(root, 'etc'));
  if (link !== undefined) symlinkSync(link, join(root, 'etc/localtime'));
  if (copy !== undefined) writeFileSync(join(root, 'etc/localtime'), copy);
  if (name !== undefined) writeFileSync(join(root, 'etc/timezone'), name);
  return await createDeviceZone({ files: createNodeFiles(), root, env: { TZ: tz } })();
}

it.each([
  [{}, 'UTC'],
  [{ link: '/usr/share/zoneinfo/Europe/Berlin' }, 'Europe/Berlin'],
  [{ link: '../usr/share/zoneinfo/posix/America/New_York' }, 'America/New_York'],
  [{ link: '/etc/alternatives/time', name: 'Asia/Kolkata\n' }, 'Asia/Kolkata'],
  [{ copy: 'TZif2', name: 'Asia/Kolkata' }, 'Asia/Kolkata'],
  [{ tz: ':Europe/Paris', link: '/usr/share/zoneinfo/Europe/Berlin' }, 'Europe/Paris'],
  [{ tz: '/usr/share/zoneinfo/Europe/Paris' }, 'Europe/Paris'],
  [{ tz: '', link: '/usr/share/zoneinfo/Etc/UTC' }, 'Etc/UTC'],
])('%j is in %s', async (device, zone) => {
  expect(await zoneOf(device)).toEqual({ zone, warning: null });
});

it.each([
  [
    { tz: 'CET-1CEST,M3.5.0,M10.5.0/3' },
    'TZ names the time zone "CET-1CEST,M3.5.0,M10.5.0/3", which is not known here: UTC counts.',
  ],
  [
    { link: '/usr/share/zoneinfo/Mars/Olympus' },
    '/etc/localtime names the time zone "Mars/Olympus", which is not known here: UTC counts.',
  ],
  [
    { copy: 'TZif2' },
    "/etc/localtime does not say its zone's name, and there is no /etc/timezone: UTC counts.",
  ],
])('%j is taken for UTC, and that is said', async (device, warning) => {
  expect(await zoneOf(device)).toEqual({ zone: 'UTC', warning });
});
