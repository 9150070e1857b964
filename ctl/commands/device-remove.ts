import { defineCommand } from '../command.ts';
import { needs } from '../option.ts';
import { lines } from '../print/view.ts';

export const deviceRemove = defineCommand({
  name: 'device remove',
  summary: 'forget a device: its secret ends, it is disconnected',
  details: 'What is installed on it stays as it is.',
  arguments: { device: needs('device', 'its id', 'device') },
  options: {},
  examples: ['jamesd-ctl device remove buoy-17'],
  async run({ device }, context) {
    await (await context.client()).removeDevice(device);
    return {
      data: { id: device, removed: true },
      view: lines(device),
      names: [device],
      notes: [`Device ${device} is removed.`],
    };
  },
});
