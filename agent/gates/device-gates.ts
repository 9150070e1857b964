import type { DevicePolicy } from '../../proto/device-policy.ts';
import { createDeviceZone, type DeviceZoneOptions } from './device-zone.ts';
import type { GateVerdict } from './gate.ts';
import type { Gates, GatesOptions } from './gates.ts';

export type DeviceGatesOptions = Omit<GatesOptions, 'zone' | 'holds'> &
  DeviceZoneOptions & { holds: Pick<GatesOptions['holds'], 'list'> };

const open: GateVerdict = { download: { open: true }, apply: { open: true } };

/** The gates of a device; what asks windows and inhibitors is loaded when there is anything to ask. */
export function createDeviceGates(options: DeviceGatesOptions): Gates {
  let gates: Promise<Gates> | null = null;
  const load = (): Promise<Gates> => {
    gates ??= import('./gates.ts').then(({ createGates }) =>
      createGates({ ...options, zone: createDeviceZone(options) }),
    );
    return gates;
  };
  const isFree = ({ windows, inhibit }: DevicePolicy): boolean =>
    windows === undefined && inhibit === undefined && options.holds.list().length === 0;
  return {
    ask: async (policy, ...rest) => (isFree(policy) ? open : (await load()).ask(policy, ...rest)),
    forget: async () => (await load()).forget(),
  };
}
