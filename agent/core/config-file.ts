/** What happens to a configuration file when a packet brings a version of it. */
export type ConfigDecision =
  /** The packet's version takes the place. */
  | 'place'
  /** The device's version stays, and the packet's goes beside it. */
  | 'beside'
  /** The device's version stays, and the packet has nothing new. */
  | 'leave';

/**
 * Digests: `current` of what is on the device (null: nothing there; `changed` if it is no plain file any more), `shipped`
 * of what the installed packet had brought (null: none was installed), `coming` of what the new packet brings.
 */
export function decideConfig(
  current: string | null,
  shipped: string | null,
  coming: string | null,
): ConfigDecision {
  if (current === null || current === coming || current === shipped) return 'place';
  return coming === shipped ? 'leave' : 'beside';
}
