import { defineCommand } from '../command.ts';
import { needs } from '../option.ts';
import { lines } from '../print/view.ts';

export const deviceApproveRemoval = defineCommand({
  name: 'device approve-removal',
  summary: 'let a device lose all it has, as its own labels changed',
  arguments: { device: needs('device', 'its id', 'device') },
  options: {},
  examples: ['jamesd-ctl device approve-removal buoy-17'],
  async run({ device }, context) {
    await (await context.client()).approveRemoval(device);
    return {
      data: { id: device, approved: true },
      view: lines(device),
      names: [device],
      notes: [`The packets of ${device} are removed.`],
    };
  },
});
