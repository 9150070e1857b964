import { defineCommand } from '../command.ts';
import { labels, needs, text } from '../option.ts';
import { offerTable } from '../print/package-view.ts';

export const packageVersions = defineCommand({
  name: 'package versions',
  summary: 'list the versions that sources offer, with pins and why one is not taken',
  arguments: { name: needs('name', 'of the package') },
  options: {
    device: text('-d, --device <device>', 'as this device sees them', 'device'),
    labels: labels('-l, --labels <k=v,…>', 'as a device with these labels sees them'),
  },
  examples: ['jamesd-ctl package versions nginx', 'jamesd-ctl package versions nginx -d buoy-17'],
  async run({ name, device, labels }, context) {
    const offers = await (await context.client()).offers({ name, device, labels });
    return {
      data: offers,
      view: offerTable(offers, false),
      names: offers.map(({ version }) => version),
    };
  },
});
