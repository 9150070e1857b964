import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import mqtt, { type IConnectPacket, type IPublishPacket, type Packet } from 'mqtt-packet';
import { until } from './until.ts';

export interface ConnectOptions {
  clientId: string;
  username?: string;
  password?: string;
  clean?: boolean;
  keepalive?: number;
  will?: NonNullable<IConnectPacket['will']>;
}

/** An MQTT 3.1.1 client that does nothing by itself but acknowledge messages of QoS 1: what tests need to misbehave. */
export interface MqttClient {
  readonly stream: Duplex;
  /** Everything that came, in order. */
  readonly packets: Packet[];
  closed(): boolean;
  /** Sends CONNECT; the return code of CONNACK, or 'closed'. */
  connect(options: ConnectOptions): Promise<number | 'closed'>;
  /** Subscribes with QoS 1; what SUBACK granted. */
  subscribe(...topics: string[]): Promise<number[]>;
  unsubscribe(...topics: string[]): Promise<void>;
  /** Publishes; for QoS 1 true if it was acknowledged, false if the connection ended instead. */
  publish(
    topic: string,
    payload: string,
    options?: { qos?: 0 | 1; retain?: boolean },
  ): Promise<boolean>;
  messages(topic?: string): IPublishPacket[];
  /** The n-th message of the topic, once it is there. */
  message(topic: string, n?: number): Promise<IPublishPacket>;
  send(packet: Packet): void;
  raw(bytes: Uint8Array): void;
  untilClosed(): Promise<void>;
  end(): Promise<void>;
}

/** Opens a connection to `mqtt://HOST:PORT`. */
export async function openMqtt(url: string): Promise<MqttClient> {
  const { hostname, port } = new URL(url);
  const socket: Socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return mqttOver(socket);
}

/** Connects and insists on success. */
export async function connectMqtt(url: string, options: ConnectOptions): Promise<MqttClient> {
  const client = await openMqtt(url);
  const code = await client.connect(options);
  if (code !== 0) throw new Error(`CONNACK ${code}`);
  return client;
}

/** Speaks MQTT over a stream of bytes. */
export function mqttOver(stream: Duplex): MqttClient {
  const packets: Packet[] = [];
  const parser = mqtt.parser({ protocolVersion: 4 });
  let closed = false;
  let lastId = 0;
  stream.on('data', (bytes: Buffer) => parser.parse(bytes));
  stream.on('error', () => {});
  stream.on('close', () => {
    closed = true;
  });
  parser.on('packet', (packet: Packet) => {
    packets.push(packet);
    if (packet.cmd === 'publish' && packet.qos === 1) acknowledge(packet);
  });

  const send = (packet: Packet): void => void stream.write(mqtt.generate(packet));
  const acknowledge = ({ messageId }: IPublishPacket): void => {
    if (!closed && messageId !== undefined) send({ cmd: 'puback', messageId });
  };
  const messages = (topic?: string): IPublishPacket[] =>
    packets.filter(
      (packet): packet is IPublishPacket =>
        packet.cmd === 'publish' && (topic === undefined || packet.topic === topic),
    );
  /** The first answer of that kind and id, or undefined if the connection ends before. */
  async function answer(cmd: Packet['cmd'], messageId?: number): Promise<Packet | undefined> {
    const find = () =>
      packets.find((packet) => packet.cmd === cmd && packet.messageId === messageId);
    await until(`${cmd} ${messageId ?? ''}`, () => closed || find() !== undefined);
    return find();
  }

  return {
    stream,
    packets,
    closed: () => closed,
    async connect({ password, clean = true, keepalive = 60, ...options }) {
      send({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean,
        keepalive,
        ...options,
        ...(password !== undefined && { password: Buffer.from(password) }),
      });
      const connack = await answer('connack');
      return connack?.cmd === 'connack' ? (connack.returnCode ?? 0) : 'closed';
    },
    async subscribe(...topics) {
      const messageId = ++lastId;
      send({
        cmd: 'subscribe',
        messageId,
        subscriptions: topics.map((topic) => ({ topic, qos: 1 })),
      });
      const suback = await answer('suback', messageId);
      return suback?.cmd === 'suback' ? (suback.granted as number[]) : [];
    },
    async unsubscribe(...topics) {
      const messageId = ++lastId;
      send({ cmd: 'unsubscribe', messageId, unsubscriptions: topics });
      await answer('unsuback', messageId);
    },
    async publish(topic, payload, { qos = 1, retain = false } = {}) {
      const messageId = ++lastId;
      send({ cmd: 'publish', topic, payload, qos, retain, dup: false, ...(qos && { messageId }) });
      return qos === 0 || (await answer('puback', messageId)) !== undefined;
    },
    messages,
    async message(topic, n = 0) {
      await until(`message ${n} on ${topic}`, () => messages(topic).length > n);
      return messages(topic)[n] as IPublishPacket;
    },
    send,
    raw: (bytes) => void stream.write(bytes),
    untilClosed: () => until('the connection ends', () => closed),
    async end() {
      stream.destroy();
      await until('the connection ends', () => closed);
    },
  };
}
