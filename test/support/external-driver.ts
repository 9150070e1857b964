import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { JournalStep } from '../../agent/core/journal-entry.ts';
import type { DriverJob, ExternalDrivers } from '../../agent/drivers/external-drivers.ts';
import {
  createExternalDrivers,
  type ExternalDriversOptions,
} from '../../agent/external/create-external-drivers.ts';
import { createClock } from '../../agent/system/clock.ts';
import { createCommands } from '../../agent/system/commands.ts';
import { createNodeFiles } from '../../agent/system/node-files.ts';
import { currentUser } from '../../agent/system/user.ts';
import { silentLog } from '../../proto/log.ts';

export const AB_IMAGE = resolve(import.meta.dirname, '../../docs/examples/ab-image');

/** Drivers in `base/drivers`, with a root and a state directory beside it. */
export function externalDrivers(
  base: string,
  over: Partial<ExternalDriversOptions> = {},
): ExternalDrivers {
  const clock = createClock();
  return createExternalDrivers({
    ...{ clock, files: createNodeFiles(), commands: createCommands({ clock }), log: silentLog },
    ...{ root: join(base, 'root'), state: join(base, 'state'), directory: join(base, 'drivers') },
    user: currentUser(),
    ...over,
  });
}

/** Puts a program into a directory of drivers. */
export function putDriver(directory: string, name: string, text: string, mode = 0o755): string {
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o755);
  const file = join(directory, name);
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

/** Puts the worked example there, with its configuration below a root; `changes` are further lines of that. */
export function putAbImage(directory: string, root: string, changes = ''): void {
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o755);
  copyFileSync(join(AB_IMAGE, 'ab-image'), join(directory, 'ab-image'));
  chmodSync(join(directory, 'ab-image'), 0o755);
  const config = join(root, 'etc/ab-image.conf');
  mkdirSync(dirname(config), { recursive: true });
  copyFileSync(join(AB_IMAGE, 'ab-image.conf'), config);
  if (changes !== '') writeFileSync(config, `${changes}\n`, { flag: 'a' });
}

const idOf = (digit: string): string => `sha256:${digit.repeat(64)}`;

/** A job of a driver for a step that installs; `lines` gets what is logged. */
export function jobOf(
  driver: string,
  step: Partial<JournalStep> = {},
  lines: string[] = [],
): DriverJob {
  return {
    driver,
    transaction: 't1',
    step: {
      ...{ kind: 'install', name: 'image', from: null, to: idOf('1') },
      ...{ oldVersion: '', newVersion: '1', driver, timeoutMs: null },
      ...step,
    },
    timeoutMs: 5000,
    onLog: ({ source, lines: written }) =>
      void lines.push(...written.map((line) => `${source}: ${line}`)),
  };
}
