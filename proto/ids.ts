import Type from 'typebox';
import { JamesError } from './errors.ts';

/** Ids of devices, specs, sources and rollouts. */
export const ID_PATTERN = '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$';
/** Packet names also allow `+`. */
export const PACKET_NAME_PATTERN = '^[A-Za-z0-9][A-Za-z0-9.+_-]{0,127}$';
/** A packet's id: the SHA-256 of its bytes. */
export const PACKET_ID_PATTERN = '^sha256:[0-9a-f]{64}$';
/** An operator's MQTT user name; no device may be called so. */
export const RESERVED_DEVICE_ID = 'token';

export const Id = Type.String({ pattern: ID_PATTERN, maxLength: 128 });
export const PacketName = Type.String({ pattern: PACKET_NAME_PATTERN, maxLength: 128 });
export const PacketId = Type.String({ pattern: PACKET_ID_PATTERN, maxLength: 71 });
export const Digest = PacketId;
/** A program of devices that installs packets of another kind. */
export const DriverName = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$', maxLength: 64 });
/** RFC 3339 in UTC with milliseconds, as `Date.toISOString` writes it. */
export const Timestamp = Type.String({ maxLength: 40 });

const id = new RegExp(ID_PATTERN);
const packetName = new RegExp(PACKET_NAME_PATTERN);
const packetId = new RegExp(PACKET_ID_PATTERN);

export const isId = (text: string): boolean => id.test(text);
export const isDeviceId = (text: string): boolean => id.test(text) && text !== RESERVED_DEVICE_ID;
export const isPacketName = (text: string): boolean => packetName.test(text);
export const isPacketId = (text: string): boolean => packetId.test(text);

/** Returns `text` or throws `bad-id`, naming what (`device`, `spec`, …) it should have been. */
export function requireId(what: string, text: string): string {
  if (what === 'device' ? isDeviceId(text) : isId(text)) return text;
  const shown = JSON.stringify(text.slice(0, 40));
  throw new JamesError(
    'bad-id',
    `${shown} is no ${what} id: use 1 to 128 letters, digits, ".", "_" or "-", starting with a letter or digit${what === 'device' ? `, and not "${RESERVED_DEVICE_ID}"` : ''}.`,
  );
}
