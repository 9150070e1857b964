import type { DeviceView } from '../../proto/api.ts';
import { type Phase, phases } from '../../proto/reported.ts';
import { type Context, defineCommand } from '../command.ts';
import { formatAge } from '../core/duration.ts';
import { type DeviceQuery, queryDevices, requireOneQuery } from '../device-query.ts';
import { EXIT_DIFFERS, EXIT_DONE } from '../exit-status.ts';
import { isUnreachable } from '../http.ts';
import { duration, may, oneOf, selector, text, usage } from '../option.ts';
import { reasonOf, standing } from '../print/device-view.ts';
import { counted } from '../print/impact-view.ts';
import { bad, strong } from '../print/text.ts';
import { lines, table, type View } from '../print/view.ts';
import type { Result } from '../result.ts';

const INTERVAL_MS = 500;
const TIMEOUT_MS = 60_000;

export const wait = defineCommand({
  name: 'wait',
  summary: 'wait until devices are where they should be',
  details:
    'Without a device or selector: all. When the time is over it prints which devices are not there, and why.',
  arguments: { device: may('device', 'its id; it may enrol meanwhile', 'device') },
  options: {
    selector: selector('-l, --selector <selector>', 'devices whose labels it accepts'),
    for: text('--for <condition>', 'converged (if left out) or phase=PHASE', [
      'converged',
      ...phases.map((phase) => `phase=${phase}`),
    ]),
    timeout: duration('--timeout <time>', 'at most this long; 60s if left out'),
  },
  examples: [
    'jamesd-ctl wait -l fleet=alpha --for converged --timeout 60s',
    'jamesd-ctl wait buoy-17 --for phase=idle',
  ],
  statuses: { 3: 'not yet when the time was over' },
  async run({ device, selector, for: condition = 'converged', timeout = TIMEOUT_MS }, context) {
    requireOneQuery({ device, selector });
    const query = { device, selector };
    return await waitFor(query, conditionOf(condition), timeout, context);
  },
});

interface Condition {
  text: string;
  holds(device: DeviceView): boolean;
}

/** `converged` or `phase=P`. */
function conditionOf(text: string): Condition {
  if (text === 'converged') return { text: 'converged', holds: ({ converged }) => converged };
  if (!text.startsWith('phase='))
    throw usage(`--for: ${JSON.stringify(text)} is neither converged nor phase=PHASE.`);
  const phase: Phase = oneOf(text.slice('phase='.length), phases);
  return { text: `in phase ${phase}`, holds: (device) => device.phase === phase };
}

async function waitFor(
  query: DeviceQuery,
  condition: Condition,
  timeout: number,
  context: Context,
): Promise<Result> {
  const client = await context.client();
  const start = context.clock.monotonic();
  for (;;) {
    const devices = await queryDevices(query, client).catch((error: unknown) => {
      const isOver = context.clock.monotonic() - start >= timeout;
      if (isOver || !isUnreachable(error)) throw error;
      return null;
    });
    const missing = (devices ?? []).filter((device) => !condition.holds(device));
    const spent = context.clock.monotonic() - start;
    if (devices && devices.length > 0 && missing.length === 0)
      return done(devices, condition, spent);
    if (spent >= timeout) return notYet(query, devices ?? [], missing, condition);
    if (devices)
      context.progress(
        `${devices.length - missing.length} of ${counted(devices.length, 'device')} ${condition.text}, ${formatAge(spent)}`,
      );
    await context.clock.sleep(Math.min(INTERVAL_MS, Math.max(timeout - spent, 1)), context.signal);
  }
}

function done(devices: readonly DeviceView[], condition: Condition, spent: number): Result {
  const [only] = devices;
  const who = only && devices.length === 1 ? `${only.id} is` : `${devices.length} devices are`;
  return {
    data: { done: true, devices: devices.map(({ id }) => id), missing: [] },
    view: lines(`${who} ${condition.text} after ${(spent / 1000).toFixed(1)} s.`),
    names: devices.map(({ id }) => id),
    status: EXIT_DONE,
  };
}

function notYet(
  query: DeviceQuery,
  devices: readonly DeviceView[],
  missing: readonly DeviceView[],
  condition: Condition,
): Result {
  const rows = missing.map((device) => ({
    id: device.id,
    phase: device.phase,
    online: device.online,
    why: whyNot(device, condition),
  }));
  return {
    data: {
      done: false,
      devices: devices.filter((device) => condition.holds(device)).map(({ id }) => id),
      missing: rows,
    },
    view: notYetView(query, devices, missing, condition),
    names: missing.map(({ id }) => id),
    status: EXIT_DIFFERS,
  };
}

function notYetView(
  { device, selector }: DeviceQuery,
  devices: readonly DeviceView[],
  missing: readonly DeviceView[],
  condition: Condition,
): View {
  if (devices.length === 0) {
    const who =
      device !== undefined
        ? `Device ${device} is not enrolled.`
        : selector
          ? 'No device has such labels.'
          : 'There are no devices.';
    return lines(bad(who));
  }
  const sentence = `${missing.length} of ${counted(devices.length, 'device')} ${missing.length === 1 ? 'is' : 'are'} not ${condition.text}.`;
  const rows = missing.map((one) => [strong(one.id), standing(one), whyNot(one, condition)]);
  return [
    lines(bad(sentence)),
    table([{ title: 'ID', keep: true }, { title: 'STATE' }, { title: 'WHY' }], rows, ''),
  ];
}

function whyNot(device: DeviceView, condition: Condition): string {
  const reason = reasonOf(device);
  if (!device.online) return `offline${reason ? `; ${reason}` : ''}`;
  if (reason) return reason;
  if (device.desired === null) return 'it is not planned yet';
  const installed = device.reported?.installed?.revision ?? 'nothing';
  return condition.text === 'converged'
    ? `wants revision ${device.desired.revision}, has ${installed}`
    : `it is in phase ${device.phase}`;
}
