import { changeOf, changeOptions } from '../change-options.ts';
import { defineCommand } from '../command.ts';
import { needs } from '../option.ts';
import { exactLabels, packetOf } from '../packet-reference.ts';
import { packetTitle } from '../print/packet-view.ts';
import { lines } from '../print/view.ts';

export const packetDelete = defineCommand({
  name: 'packet delete',
  summary: 'delete a packet; refused while a spec chooses it',
  arguments: { packet: needs('packet', 'an id, or a name with -l', 'packet') },
  options: { ...exactLabels, ...changeOptions },
  examples: ['jamesd-ctl packet delete logger -l version=0.9.0,arch=armv7l'],
  async run({ packet: reference, labels, ...change }, context) {
    const client = await context.client();
    const packet = await packetOf(reference, labels, client);
    await client.deletePacket(packet.id, changeOf(change));
    return {
      data: { id: packet.id, deleted: true },
      view: lines(packet.id),
      names: [packet.id],
      notes: [`${packetTitle(packet)} is deleted.`],
    };
  },
});
