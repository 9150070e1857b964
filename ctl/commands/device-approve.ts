import { defineCommand } from '../command.ts';
import { needs } from '../option.ts';
import { lines } from '../print/view.ts';

export const deviceApprove = defineCommand({
  name: 'device approve',
  summary: 'let a device that asked for an id in use have it',
  details: 'The old secret ends; whoever has it is disconnected.',
  arguments: { device: needs('device', 'its id', 'device') },
  options: {},
  examples: ['jamesd-ctl device approve buoy-17'],
  async run({ device }, context) {
    await (await context.client()).approveDevice(device);
    return {
      data: { id: device, approved: true },
      view: lines(device),
      names: [device],
      notes: [`The next request of ${device} to enrol gets the id.`],
    };
  },
});
