import type { DeviceView } from '../../proto/api.ts';
import { JamesError } from '../../proto/errors.ts';
import type { Client } from '../client.ts';
import { defineCommand } from '../command.ts';
import { needs } from '../option.ts';
import { deviceDetails } from '../print/device-details.ts';
import { packetTitle } from '../print/packet-view.ts';

export const deviceGet = defineCommand({
  name: 'device get',
  summary: 'show a device: state, labels with their origin, packets, problems',
  arguments: { device: needs('device', 'its id', 'device') },
  options: {},
  examples: ['jamesd-ctl device get buoy-17', 'jamesd-ctl device get buoy-17 -o json'],
  async run({ device: id }, context) {
    const client = await context.client();
    const device = await client.device(id);
    const isForPeople = context.format === 'table' || context.format === 'wide';
    const titles = isForPeople ? await packetTitles(device, client) : new Map<string, string>();
    return {
      data: device,
      view: deviceDetails(device, titles, context.clock.now()),
      names: [device.id],
    };
  },
});

/** Names with versions of what the device reports; a packet that the server no longer has stays without. */
async function packetTitles(
  { reported }: DeviceView,
  client: Client,
): Promise<Map<string, string>> {
  const titles = new Map<string, string>();
  for (const { id } of reported?.packets ?? []) {
    if (id === null) continue;
    try {
      titles.set(id, packetTitle(await client.packet(id)));
    } catch (error) {
      if (!(error instanceof JamesError) || error.code !== 'not-found') throw error;
    }
  }
  return titles;
}
