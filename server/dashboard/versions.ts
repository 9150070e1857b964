import type { Api } from './api.ts';

/** What is known of the versions of packets, by id. */
export interface Versions {
  of(packet: string): string | null;
  /** Asks the server for packets that are not known yet, a few at a time; failures leave them unknown. */
  learn(packets: readonly { id: string | null }[]): Promise<void>;
}

const MAX_QUESTIONS = 40;

/** A memory of packet versions: reports name packets by id only. */
export function createVersions(api: Pick<Api, 'packet'>): Versions {
  const known = new Map<string, string | null>();

  async function ask(id: string): Promise<void> {
    try {
      known.set(id, (await api.packet(id)).labels.version ?? null);
    } catch {
      known.set(id, null);
    }
  }

  return {
    of: (packet) => known.get(packet) ?? null,
    async learn(packets) {
      const ids = new Set(packets.map((packet) => packet.id).filter((id) => id !== null));
      const unknown = [...ids].filter((id) => !known.has(id)).slice(0, MAX_QUESTIONS);
      await Promise.all(unknown.map(ask));
    },
  };
}
