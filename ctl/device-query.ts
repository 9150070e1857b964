import type { DeviceView } from '../proto/api.ts';
import { JamesError } from '../proto/errors.ts';
import type { Selector } from '../proto/selector.ts';
import type { Client } from './client.ts';
import { usage } from './option.ts';

/** One device, those that a selector accepts, or all. */
export interface DeviceQuery {
  device: string | undefined;
  selector: Selector | undefined;
}

export function requireOneQuery({ device, selector }: DeviceQuery): void {
  if (device !== undefined && selector !== undefined)
    throw usage('Give a device or a selector, not both.');
}

/** The devices at this moment; a named one that is not enrolled gives none. */
export async function queryDevices(
  { device, selector }: DeviceQuery,
  client: Client,
): Promise<DeviceView[]> {
  if (device === undefined) return await client.devices({ selector });
  try {
    return [await client.device(device)];
  } catch (error) {
    if (error instanceof JamesError && error.code === 'not-found') return [];
    throw error;
  }
}
