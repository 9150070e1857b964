import type { WantedPacket } from '../../proto/desired.ts';
import type { JamesError } from '../../proto/errors.ts';
import { hexOf } from './partial-file.ts';

/** An address that a packet's content may be had from, for the time of one download. */
export interface Source {
  url: string;
  /** Whoever says what the content is: the server. Others are mirrors. */
  isServer: boolean;
  /** The entity tag of what it sent, as far as it was asked. */
  etag: string | null;
  /** Something of what is on disk may be of it. */
  used: boolean;
  /** Why it is not asked any more. */
  dead: JamesError | null;
}

/** The server first, then the mirrors in their order; `{hex}` in a mirror's address stands for the digits of the id. */
export function sourcesOf({ url, id }: WantedPacket, mirrors: readonly string[]): Source[] {
  const fresh = { etag: null, used: false, dead: null };
  const others = mirrors.map((mirror) => mirror.replaceAll('{hex}', hexOf(id)));
  return [
    { url, isServer: true, ...fresh },
    ...others.map((other) => ({ url: other, isServer: false, ...fresh })),
  ];
}

/** The first one after `last` in a circle that is worth asking, or null. `round`: it begins the circle anew. */
export function nextSource(
  sources: readonly Source[],
  last: Source | null,
): { source: Source; round: boolean } | null {
  const from = last === null ? 0 : sources.indexOf(last) + 1;
  for (let step = 0; step < sources.length; step += 1) {
    const at = (from + step) % sources.length;
    const source = sources[at];
    if (source && source.dead === null) return { source, round: at < from };
  }
  return null;
}
