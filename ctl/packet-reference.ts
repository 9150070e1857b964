import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { PacketView } from '../proto/api.ts';
import { JamesError } from '../proto/errors.ts';
import { isPacketId, isPacketName } from '../proto/ids.ts';
import { formatLabels, type Labels, labelsKey } from '../proto/labels.ts';
import type { Client } from './client.ts';
import type { Context } from './command.ts';
import { labels, usage } from './option.ts';

/** The option that goes with a packet's name. */
export const exactLabels = {
  labels: labels('-l, --labels <k=v,…>', 'with a name: exactly these labels'),
};

/** True if the text names a file rather than a packet of the server. */
export function isFileReference(text: string): boolean {
  return text.endsWith('.jpk') || /^\.{0,2}\//.test(text) || text.includes('/');
}

/** The path of a file that a person names. Throws `not-found`. */
export async function filePath(text: string, { cwd }: Pick<Context, 'cwd'>): Promise<string> {
  const path = resolve(cwd, text);
  await access(path).catch((cause: unknown) => {
    throw new JamesError('not-found', `There is no file ${text}.`, { cause });
  });
  return path;
}

/**
 * The packet of the server that a person means: an id, the beginning of one (`sha256:` and at least 8 digits), or a name
 * with exactly the given labels. Throws `not-found`, saying what there is instead.
 */
export async function packetOf(
  text: string,
  given: Labels | undefined,
  client: Client,
): Promise<PacketView> {
  if (isPacketId(text)) return await client.packet(text);
  if (/^[0-9a-f]{64}$/.test(text)) return await client.packet(`sha256:${text}`);
  if (text.startsWith('sha256:')) return await packetByPrefix(text, client);
  if (!isPacketName(text))
    throw usage(`${JSON.stringify(text)} is neither the id nor the name of a packet.`);
  return await packetByName(text, given ?? {}, client);
}

async function packetByPrefix(prefix: string, client: Client): Promise<PacketView> {
  if (!/^sha256:[0-9a-f]{8,63}$/.test(prefix))
    throw usage(
      `${JSON.stringify(prefix)} is not an id: give "sha256:" and at least 8 of its hexadecimal digits.`,
    );
  const found = (await client.packets()).filter(({ id }) => id.startsWith(prefix));
  const [only] = found;
  if (only && found.length === 1) return only;
  if (only)
    throw usage(
      `${found.length} packets have ids that begin with ${prefix}: ${found.map(({ id }) => id).join(', ')}.`,
    );
  throw new JamesError('not-found', `There is no packet whose id begins with ${prefix}.`);
}

async function packetByName(name: string, wanted: Labels, client: Client): Promise<PacketView> {
  const all = await client.packets({ name });
  const found = all.find((packet) => labelsKey(packet.labels) === labelsKey(wanted));
  if (found) return found;
  if (all.length === 0)
    throw new JamesError('not-found', `There is no packet of the name ${name}.`);
  const others = all.slice(0, 10).map((packet) => formatLabels(packet.labels) || 'no labels');
  const asked = formatLabels(wanted);
  throw new JamesError(
    'not-found',
    `There is no packet ${name} with exactly ${asked === '' ? 'no labels' : `the labels ${asked}`}. There is ${name} with ${others.join('; ')}${all.length > 10 ? '; …' : ''}. Name one with -l.`,
  );
}
