import type { DeviceView } from '../../proto/api.ts';
import { type Context, defineCommand } from '../command.ts';
import { type DeviceQuery, queryDevices, requireOneQuery } from '../device-query.ts';
import { isUnreachable } from '../http.ts';
import { duration, may, selector } from '../option.ts';
import { deviceLine, deviceState } from '../print/device-line.ts';
import { bad, dim, strong } from '../print/text.ts';

const INTERVAL_MS = 1000;

export const deviceWatch = defineCommand({
  name: 'device watch',
  summary: 'follow changes of devices until you end it',
  details:
    'First a line for each device as it is, then a line for each change. -o json prints a line of JSON each.',
  arguments: { device: may('device', 'its id; all if left out', 'device') },
  options: {
    selector: selector('-l, --selector <selector>', 'only devices whose labels it accepts'),
    interval: duration('--interval <time>', 'how often to look; 1s if left out'),
    timeout: duration('--timeout <time>', 'end after this time'),
  },
  examples: ['jamesd-ctl device watch -l fleet=alpha', 'jamesd-ctl device watch buoy-17 -o json'],
  async run({ device, selector, interval = INTERVAL_MS, timeout }, context) {
    requireOneQuery({ device, selector });
    await watch({ device, selector }, Math.max(interval, 100), timeout, context);
    return { data: undefined, view: [] };
  },
});

/** Looks again and again; a server that is away for a while is told once. Ends without error when the person ends it. */
async function watch(
  query: DeviceQuery,
  interval: number,
  timeout: number | undefined,
  context: Context,
): Promise<void> {
  const client = await context.client();
  const end =
    timeout === undefined ? Number.POSITIVE_INFINITY : context.clock.monotonic() + timeout;
  const known = new Map<string, string>();
  let away = false;
  while (!context.signal.aborted && context.clock.monotonic() < end) {
    try {
      tellChanges(known, await queryDevices(query, client), context);
      away = false;
    } catch (error) {
      if (context.signal.aborted) return;
      if (!isUnreachable(error)) throw error;
      if (!away) context.warn(`${(error as Error).message} Still trying.`);
      away = true;
    }
    await context.clock.sleep(interval, context.signal).catch(() => undefined);
  }
}

function tellChanges(
  known: Map<string, string>,
  devices: readonly DeviceView[],
  context: Context,
): void {
  const present = new Set(devices.map(({ id }) => id));
  const now = context.clock.now();
  for (const device of devices) {
    const state = deviceState(device);
    if (known.get(device.id) === state) continue;
    known.set(device.id, state);
    context.emit(device, deviceLine(device, now));
  }
  for (const id of [...known.keys()].filter((one) => !present.has(one))) {
    known.delete(id);
    context.emit({ id, removed: true }, [
      dim(timeOfDay(now)),
      '  ',
      strong(id.padEnd(20)),
      '  ',
      bad('gone'),
    ]);
  }
}

const timeOfDay = (now: number): string => new Date(now).toISOString().slice(11, 19);
