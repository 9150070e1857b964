import type { WantedPacket } from '../../proto/desired.ts';
import type { DownloadPolicy } from '../../proto/device-policy.ts';
import { JamesError } from '../../proto/errors.ts';
import type { Files } from '../system/files.ts';
import type { Downloads, Reporter } from '../transaction.ts';
import { blaming } from './blame.ts';
import { type ReadPacketFile, readPacketFile } from './read-manifest.ts';

export interface Fetching {
  reporter: Reporter;
  signal: AbortSignal;
  policy: DownloadPolicy;
}

/**
 * Downloads all packets and reads each to its end. The first failure ends the other downloads; its packet is in the
 * error's members. Throws the signal's reason if that is aborted.
 */
export async function fetchPackets(
  { files, downloads }: { files: Files; downloads: Downloads },
  wanted: readonly WantedPacket[],
  how: Fetching,
): Promise<ReadPacketFile[]> {
  const paths = await fetchAll(downloads, wanted, how);
  const { signal } = how;
  const packets: ReadPacketFile[] = [];
  for (const [index, packet] of wanted.entries()) {
    signal.throwIfAborted();
    packets.push(await verify(files, paths[index] as string, packet));
  }
  return packets;
}

async function fetchAll(
  downloads: Downloads,
  wanted: readonly WantedPacket[],
  { reporter, signal, policy }: Fetching,
): Promise<string[]> {
  const others = new AbortController();
  const both = AbortSignal.any([signal, others.signal]);
  const running = wanted.map((packet) =>
    blaming(packet.name, () =>
      downloads.fetch(packet, (done, total) => show(reporter, packet, done, total), both, policy),
    ).catch((error: unknown) => {
      others.abort(error);
      throw error;
    }),
  );
  await Promise.allSettled(running);
  signal.throwIfAborted();
  if (others.signal.aborted) throw others.signal.reason;
  return await Promise.all(running);
}

function show(reporter: Reporter, { name }: WantedPacket, bytes: number, total: number): void {
  const percent = total > 0 ? Math.min(100, (bytes / total) * 100) : 100;
  reporter.progress({ step: 'download', packet: name, bytes, total, percent });
}

async function verify(
  files: Files,
  path: string,
  { name, id }: WantedPacket,
): Promise<ReadPacketFile> {
  return await blaming(name, async () => {
    const packet = await readPacketFile(files, path, id);
    if (packet.manifest.name !== name)
      throw new JamesError(
        'bad-packet',
        `The packet ${id} calls itself ${packet.manifest.name}, but ${name} was announced.`,
      );
    return packet;
  });
}
