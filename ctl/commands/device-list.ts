import type { DeviceView } from '../../proto/api.ts';
import { phases } from '../../proto/reported.ts';
import type { Client } from '../client.ts';
import { defineCommand } from '../command.ts';
import { choice, selector } from '../option.ts';
import { deviceTable, stoppedLines } from '../print/device-view.ts';

export const deviceList = defineCommand({
  name: 'device list',
  summary: 'list the devices',
  arguments: {},
  options: {
    selector: selector('-l, --selector <selector>', 'only devices whose labels it accepts'),
    phase: choice('--phase <phase>', `only devices in this phase: ${phases.join(', ')}`, phases),
  },
  examples: [
    'jamesd-ctl device list',
    "jamesd-ctl device list -l 'fleet=alpha,!retired' -o wide",
    'jamesd-ctl device list --phase failed -o name',
  ],
  async run({ selector, phase }, context) {
    const client = await context.client();
    const devices = await client.devices({ selector, phase });
    const isForPeople = context.format === 'table' || context.format === 'wide';
    const versions = isForPeople ? await packetVersions(devices, client) : new Map();
    return {
      data: devices,
      view: [deviceTable(devices, versions, context.clock.now()), ...stoppedLines(devices)],
      names: devices.map(({ id }) => id),
    };
  },
});

/** The version labels of the server's packets by id; nothing is asked if no device has a packet. */
async function packetVersions(
  devices: readonly DeviceView[],
  client: Client,
): Promise<Map<string, string>> {
  if (!devices.some(({ reported }) => reported?.packets.length)) return new Map();
  const packets = await client.packets();
  return new Map(packets.map(({ id, labels }) => [id, labels.version ?? '']));
}
