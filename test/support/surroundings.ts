import type { Surroundings } from '../../agent/drivers/device.ts';
import { noDrivers } from '../../agent/drivers/external-drivers.ts';
import { createExamine } from '../../agent/health/examine-device.ts';
import { createClock } from '../../agent/system/clock.ts';
import { createCommands } from '../../agent/system/commands.ts';
import { randomId } from '../../agent/system/random-id.ts';
import { silentLog } from '../../proto/log.ts';

const clock = createClock();

/** A machine that does not restart, and an agent whose program nobody replaces. */
export const surroundings = (over: Partial<Surroundings> = {}): Surroundings => ({
  external: noDrivers,
  moment: { boot: 'boot-1', run: randomId() },
  restart: () => Promise.resolve(),
  program: null,
  examine: createExamine({
    ...{ clock, log: silentLog, root: '/', commands: createCommands({ clock }) },
    reachable: () => Promise.resolve(true),
  }),
  ...over,
});
