import { listLocal, uninstallLocal } from '../../agent/local.ts';
import { JamesError } from '../../proto/errors.ts';
import { isPacketId } from '../../proto/ids.ts';
import { type Context, defineCommand } from '../command.ts';
import { localChangeResult, localOptions, type Place, placeOf } from '../local-place.ts';
import { needs, usage } from '../option.ts';
import { filePath, isFileReference } from '../packet-reference.ts';
import { digestOfFile } from '../upload.ts';

export const packetUninstall = defineCommand({
  name: 'packet uninstall',
  summary: 'remove a packet from this machine, by hand',
  details: 'What a spec wants comes back with the agent’s next look at its desired state.',
  arguments: { packet: needs('packet', 'a name, an id, or the file that it came from', 'packet') },
  options: localOptions,
  examples: ['jamesd-ctl packet uninstall logger'],
  async run({ packet, root, state }, context) {
    const place = placeOf({ root, state }, context);
    return localChangeResult(await uninstallLocal(await nameOrId(packet, place, context), place));
  },
});

async function nameOrId(text: string, place: Place, context: Context): Promise<string> {
  if (isFileReference(text)) return await digestOfFile(await filePath(text, context));
  if (!text.startsWith('sha256:') || isPacketId(text)) return text;
  const found = (await listLocal(place)).filter(({ id }) => id.startsWith(text));
  const [only] = found;
  if (only && found.length === 1) return only.id;
  if (only) throw usage(`${found.length} installed packets have ids that begin with ${text}.`);
  throw new JamesError('not-found', `No installed packet has an id that begins with ${text}.`);
}
