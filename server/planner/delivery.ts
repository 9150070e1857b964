import { MAX_DESIRED_MESSAGE_BYTES } from '../../proto/desired.ts';
import type { Log } from '../../proto/log.ts';
import type { Bodies } from './bodies.ts';
import { renderDocument, renderReference, type Sign } from './core/document.ts';
import { type Deciding, requireBody } from './deciding.ts';
import type { Fleet, Member } from './fleet.ts';
import type { PointChange, Points } from './points.ts';

/** Documents as bytes. */
export interface Delivery {
  /** The document as it stands. */
  document(device: string): Uint8Array | undefined;
  /** What is sent over MQTT: the document as it stands, or a reference to it. */
  message(device: string): Uint8Array | undefined;
  /** Issues the device's document again if it is past half its life. Resolves when that is durable. */
  refresh(device: string): Promise<void>;
}

export function createDelivery({
  fleet,
  bodies,
  points,
  deciding,
  applied,
  sign,
  log,
}: {
  fleet: Fleet;
  bodies: Bodies;
  points: Points;
  deciding: Deciding;
  applied: (changes: readonly PointChange[]) => void;
  sign: Sign;
  log: Log;
}): Delivery {
  const refresh = createRefresh();

  const render = (device: string): Uint8Array | undefined => {
    const point = fleet.member(device)?.point;
    if (!point) return undefined;
    const body = requireBody(bodies.get(point.body), device);
    return Buffer.from(renderDocument(device, point, body, sign));
  };

  return {
    document: render,
    message(device) {
      const document = render(device);
      const point = fleet.member(device)?.point;
      if (!document || !point || document.length <= MAX_DESIRED_MESSAGE_BYTES) return document;
      return Buffer.from(renderReference(device, point));
    },
    async refresh(device) {
      const member = fleet.member(device);
      if (member && deciding.reissue(member).length > 0) await refresh(member);
    },
  };

  /** Devices that ask while a batch is being written share the next one. */
  function createRefresh(): (member: Member) => Promise<void> {
    let waiting = new Set<Member>();
    let next: Promise<void> | null = null;
    const write = async (): Promise<void> => {
      try {
        await points.write(() => {
          const members = waiting;
          waiting = new Set();
          next = null;
          return [...members].flatMap((member) => deciding.reissue(member));
        }, applied);
      } catch (error) {
        log.error(
          { err: error },
          'Documents were not issued again; the former ones are delivered.',
        );
      }
    };
    return (member) => {
      waiting.add(member);
      next ??= write();
      return next;
    };
  }
}
