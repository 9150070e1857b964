/** Type 3 in the upper half of the first byte (MQTT 3.1.1, section 3.3.1). */
const PUBLISH = 0x30;
const RETAIN = 0x01;

export interface Publish {
  topic: string;
  payload: Uint8Array;
  qos: 0 | 1;
  retain: boolean;
  /** Needed for QoS 1 only. */
  packetId: number;
}

/** The bytes of a PUBLISH (MQTT 3.1.1, section 3.3) in one buffer: one write, and one frame of a WebSocket. */
export function encodePublish(publish: Publish): Buffer {
  const { topic, payload, qos } = publish;
  const topicBytes = Buffer.byteLength(topic);
  const remaining = 2 + topicBytes + (qos === 1 ? 2 : 0) + payload.length;
  const frame = Buffer.allocUnsafe(1 + lengthBytes(remaining) + remaining);
  frame[0] = PUBLISH | (qos << 1) | (publish.retain ? RETAIN : 0);
  let at = writeLength(frame, remaining);
  at = frame.writeUInt16BE(topicBytes, at);
  at += frame.write(topic, at);
  if (qos === 1) at = frame.writeUInt16BE(publish.packetId, at);
  frame.set(payload, at);
  return frame;
}

/** Bytes that a remaining length takes (section 2.2.3). */
const lengthBytes = (length: number): number =>
  length < 128 ? 1 : length < 16_384 ? 2 : length < 2_097_152 ? 3 : 4;

function writeLength(frame: Buffer, length: number): number {
  let at = 1;
  let rest = length;
  while (rest >= 128) {
    frame[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  frame[at++] = rest;
  return at;
}
