import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { readPacket } from '../../proto/archive/read-packet.ts';
import { defineCommand } from '../command.ts';
import { packetContent } from '../download.ts';
import { flag, needs } from '../option.ts';
import { exactLabels, filePath, isFileReference, packetOf } from '../packet-reference.ts';
import {
  controlOf,
  type PacketDetails,
  type PacketFile,
  packetDetailsView,
} from '../print/packet-view.ts';
import { digestOfFile } from '../upload.ts';

export const packetInfo = defineCommand({
  name: 'packet info',
  summary: 'show what a packet is and holds: control, scripts, files',
  arguments: { packet: needs('packet', 'an id, a file, or a name with -l', 'packet') },
  options: {
    ...exactLabels,
    brief: flag('--brief', 'without scripts and files, so that nothing need be read'),
  },
  examples: [
    'jamesd-ctl packet info logger_1.0.0_armv7l.jpk',
    'jamesd-ctl packet info logger -l version=1.0.0,arch=armv7l',
  ],
  async run({ packet, labels, brief }, context) {
    const details = isFileReference(packet)
      ? await detailsOfFile(await filePath(packet, context))
      : await detailsOnServer(packet);
    return { data: details, view: packetDetailsView(details), names: [details.id] };

    async function detailsOnServer(reference: string): Promise<PacketDetails> {
      const client = await context.client();
      const known = await packetOf(reference, labels, client);
      const { id, size, uploadedAt } = known;
      const head = { id, size, uploadedAt, control: controlOf(known) };
      return brief ? head : { ...head, ...(await readContents(packetContent(id, client))) };
    }

    async function detailsOfFile(path: string): Promise<PacketDetails> {
      const { size } = await stat(path);
      const contents = await readContents(createReadStream(path));
      const { control } = contents;
      return { id: await digestOfFile(path), size, ...(brief ? { control } : contents) };
    }
  },
});

/** Reads a packet to its end, so all of it is checked. */
async function readContents(
  content: AsyncIterable<Uint8Array>,
): Promise<
  Pick<PacketDetails, 'control'> &
    Required<Pick<PacketDetails, 'scripts' | 'files' | 'installedBytes'>>
> {
  const scripts: { name: string; text: string }[] = [];
  const files: PacketFile[] = [];
  let control: PacketDetails['control'] = { name: '' };
  let installedBytes = 0;
  for await (const entry of readPacket(content)) {
    if (entry.part === 'control') control = entry.control;
    else if (entry.part === 'script')
      scripts.push({ name: entry.name, text: Buffer.from(entry.content).toString('utf8') });
    else {
      const { path, type, mode, uid, gid, size, linkTarget } = entry;
      files.push({ path, type, mode, uid, gid, size, linkTarget });
      installedBytes += size;
    }
  }
  return { control, scripts, files, installedBytes };
}
