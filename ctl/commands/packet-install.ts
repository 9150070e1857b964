import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installLocal } from '../../agent/local.ts';
import type { Labels } from '../../proto/labels.ts';
import { type Context, defineCommand } from '../command.ts';
import { downloadPacket } from '../download.ts';
import { localChangeResult, localOptions, placeOf } from '../local-place.ts';
import { needs } from '../option.ts';
import { exactLabels, filePath, isFileReference, packetOf } from '../packet-reference.ts';

export const packetInstall = defineCommand({
  name: 'packet install',
  summary: 'install a packet on this machine, by hand',
  details:
    'It goes through a running agent, else it takes the agent’s lock. The packet is recorded as manual, reported, and left alone unless a spec wants its name.',
  arguments: {
    packet: needs('packet', 'a file, or of the server: an id, or a name with -l', 'packet'),
  },
  options: { ...exactLabels, ...localOptions },
  examples: [
    'jamesd-ctl packet install logger_1.0.0_amd64.jpk',
    'jamesd-ctl packet install logger -l version=1.0.0,arch=amd64 --root /mnt --state /mnt/var/lib/jamesc',
  ],
  async run({ packet, labels, root, state }, context) {
    const install = async (file: string) =>
      localChangeResult(await installLocal(file, placeOf({ root, state }, context)));
    if (isFileReference(packet)) return await install(await filePath(packet, context));
    return await withDownloaded(packet, labels, context, install);
  },
});

/** Calls `use` with a file of the server's packet, which is gone afterwards. */
async function withDownloaded<Value>(
  reference: string,
  labels: Labels | undefined,
  context: Context,
  use: (file: string) => Promise<Value>,
): Promise<Value> {
  const client = await context.client();
  const packet = await packetOf(reference, labels, client);
  const directory = await mkdtemp(join(tmpdir(), 'jamesd-ctl-'));
  try {
    const file = join(directory, 'packet.jpk');
    await downloadPacket(packet, file, client, context);
    return await use(file);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
