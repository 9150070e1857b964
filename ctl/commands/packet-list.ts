import { defineCommand } from '../command.ts';
import { selector, text } from '../option.ts';
import { byNameAndVersion, packetTable } from '../print/packet-view.ts';

export const packetList = defineCommand({
  name: 'packet list',
  summary: 'list the packets of the server',
  arguments: {},
  options: {
    name: text('-n, --name <name>', 'only packets of this name'),
    selector: selector('-l, --selector <selector>', 'only packets whose labels it accepts'),
  },
  examples: [
    'jamesd-ctl packet list',
    "jamesd-ctl packet list -n logger -l 'arch=armv6l|armv7l,version!=0.9'",
  ],
  async run({ name, selector }, context) {
    const client = await context.client();
    const packets = (await client.packets({ name, selector })).sort(byNameAndVersion);
    return {
      data: packets,
      view: packetTable(packets, context.clock.now()),
      names: packets.map(({ id }) => id),
    };
  },
});
