import { connect, type Socket } from 'node:net';

/** How one light agent connects. */
export interface Agent {
  id: string;
  secret: string;
}

export interface AgentEvents {
  /** CONNACK; 0 is success. */
  connack(code: number): void;
  suback(): void;
  /** A PUBLISH; it is acknowledged already. */
  message(retained: boolean, bytes: number): void;
  puback(): void;
  closed(): void;
}

/** A connection made of prepared bytes: as little work as can be, so that the load generator does not measure itself. */
export interface AgentConnection {
  subscribe(topic: string): void;
  /** Sends a PUBLISH of QoS 1 as it was prepared by `publishFrame`; sets its packet identifier. */
  publish(frame: Buffer, packetId: number): void;
  /** Reads nothing any more. */
  freeze(): void;
  destroy(): void;
}

/** One buffer for all sockets: what is read is handled before the next read. */
const readBuffer = Buffer.allocUnsafe(256 * 1024);

export function openAgent(
  address: { host: string; port: number },
  agent: Agent,
  events: AgentEvents,
): AgentConnection {
  let rest: Buffer | null = null;
  const socket: Socket = connect({
    ...address,
    noDelay: true,
    onread: {
      buffer: readBuffer,
      callback: (length, buffer) => {
        const chunk = Buffer.from(buffer.buffer, buffer.byteOffset, length);
        take(rest ? Buffer.concat([rest, chunk]) : chunk);
        return true;
      },
    },
  });
  socket.on('error', () => {});
  socket.on('close', () => events.closed());
  socket.write(connectFrame(agent));

  function take(bytes: Buffer): void {
    let at = 0;
    for (;;) {
      const end = packetEnd(bytes, at);
      if (end === -1) break;
      handle(bytes, at, end);
      at = end;
    }
    rest = at === bytes.length ? null : Buffer.from(bytes.subarray(at));
  }

  function handle(bytes: Buffer, at: number, end: number): void {
    const first = bytes[at] ?? 0;
    const type = first >> 4;
    if (type === 3) handlePublish(bytes, at, end, first);
    else if (type === 4) events.puback();
    else if (type === 2) events.connack(bytes[at + 3] ?? -1);
    else if (type === 9) events.suback();
  }

  function handlePublish(bytes: Buffer, at: number, end: number, first: number): void {
    let body = at + 1;
    while (((bytes[body++] ?? 0) & 0x80) !== 0);
    const afterTopic = body + 2 + bytes.readUInt16BE(body);
    if ((first & 0x06) !== 0) {
      socket.write(Buffer.from([0x40, 2, bytes[afterTopic] ?? 0, bytes[afterTopic + 1] ?? 0]));
    }
    events.message((first & 1) === 1, end - afterTopic);
  }

  return {
    subscribe: (topic) => void socket.write(subscribeFrame(topic)),
    publish(frame, packetId) {
      const copy = Buffer.from(frame);
      copy.writeUInt16BE(packetId, packetIdAt(copy));
      socket.write(copy);
    },
    freeze: () => void socket.pause(),
    destroy: () => void socket.destroy(),
  };
}

/** Where the packet that begins at `at` ends, or -1 if it is not whole. */
function packetEnd(bytes: Buffer, at: number): number {
  let length = 0;
  for (let digit = 0; digit < 4; digit++) {
    const byte = bytes[at + 1 + digit];
    if (byte === undefined) return -1;
    length += (byte & 0x7f) << (7 * digit);
    if (byte < 0x80) {
      const end = at + 2 + digit + length;
      return end <= bytes.length ? end : -1;
    }
  }
  return -1;
}

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
};

function frame(first: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length: number[] = [];
  let rest = body.length;
  do {
    length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>= 7;
  } while (rest > 0);
  return Buffer.concat([Buffer.from([first, ...length]), body]);
}

/** Clean session, user name and password, keep-alive 600 s (MQTT 3.1.1, section 3.1). */
const connectFrame = ({ id, secret }: Agent): Buffer =>
  frame(
    0x10,
    text('MQTT'),
    Buffer.from([4, 0xc2, 600 >> 8, 600 & 0xff]),
    text(id),
    text(id),
    text(secret),
  );

const subscribeFrame = (topic: string): Buffer =>
  frame(0x82, Buffer.from([0, 1]), text(topic), Buffer.from([1]));

/** A PUBLISH of QoS 1 without its packet identifier. */
export const publishFrame = (topic: string, payload: Buffer, retain: boolean): Buffer =>
  frame(0x32 | (retain ? 1 : 0), text(topic), Buffer.from([0, 0]), payload);

function packetIdAt(publish: Buffer): number {
  let at = 1;
  while (((publish[at++] ?? 0) & 0x80) !== 0);
  return at + 2 + publish.readUInt16BE(at);
}
