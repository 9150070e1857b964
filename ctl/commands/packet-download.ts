import { resolve } from 'node:path';
import { defineCommand } from '../command.ts';
import { packetFileName } from '../core/packet-file-name.ts';
import { downloadPacket } from '../download.ts';
import { needs, text } from '../option.ts';
import { exactLabels, packetOf } from '../packet-reference.ts';
import { lines } from '../print/view.ts';

export const packetDownload = defineCommand({
  name: 'packet download',
  summary: 'download a packet and verify it; prints the path',
  details: 'A download that broke off goes on where it stopped when the command is repeated.',
  arguments: { packet: needs('packet', 'an id, or a name with -l', 'packet') },
  options: {
    ...exactLabels,
    file: text('-f, --file <file>', 'where to; NAME_VERSION_ARCH.jpk if left out', 'file'),
  },
  examples: ['jamesd-ctl packet download logger -l version=1.0.0,arch=armv7l -f logger.jpk'],
  async run({ packet: reference, labels, file }, context) {
    const client = await context.client();
    const packet = await packetOf(reference, labels, client);
    const path = file ?? packetFileName(packet.name, packet.labels);
    await downloadPacket(packet, resolve(context.cwd, path), client, context);
    return { data: { path, id: packet.id, size: packet.size }, view: lines(path), names: [path] };
  },
});
