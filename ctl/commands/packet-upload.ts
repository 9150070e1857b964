import type { PacketView } from '../../proto/api.ts';
import { defineCommand } from '../command.ts';
import { several } from '../option.ts';
import { filePath } from '../packet-reference.ts';
import { packetTitle } from '../print/packet-view.ts';
import { lines } from '../print/view.ts';
import { uploadPacketFile } from '../upload.ts';

export const packetUpload = defineCommand({
  name: 'packet upload',
  summary: 'upload packet files; prints their ids',
  details:
    'What the server has already is not sent again. A connection that breaks is tried again.',
  arguments: { files: several('file', 'packet files (.jpk)', 'file') },
  options: {},
  examples: [
    'jamesd-ctl packet upload logger_1.0.0_armv7l.jpk',
    'id=$(jamesd-ctl packet upload logger.jpk)',
  ],
  async run({ files }, context) {
    const client = await context.client();
    const packets: PacketView[] = [];
    const notes: string[] = [];
    for (const file of files) {
      const { packet, fresh } = await uploadPacketFile(
        await filePath(file, context),
        file,
        client,
        context,
      );
      packets.push(packet);
      notes.push(`${packetTitle(packet)} ${fresh ? 'is uploaded' : 'was there already'}.`);
    }
    const ids = packets.map(({ id }) => id);
    return { data: packets, view: lines(...ids), names: ids, notes };
  },
});
