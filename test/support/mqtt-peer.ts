import { createServer, type Socket } from 'node:net';
import mqtt, { type IConnectPacket, type IPublishPacket, type Packet } from 'mqtt-packet';
import { type SwitchableServer, switchable } from './switchable-server.ts';

/** The wire side of a broker that does as a test says; it knows one retained topic. */
export interface MqttPeer extends SwitchableServer {
  retain(topic: string, content: string): void;
  /** Messages that came, in order. */
  readonly received: IPublishPacket[];
  readonly connects: IConnectPacket[];
  /** No PUBACK from now on; false sends those that were held. */
  holdAcks(yes: boolean): void;
  /** The return code of every CONNACK; null: none is sent. */
  answerConnects(code: number | null): void;
  /** What every SUBACK grants. */
  grant(qos: number): void;
}

export async function startMqttPeer(): Promise<MqttPeer> {
  const retained = new Map<string, string>();
  const subscribers = new Map<string, Set<Socket>>();
  const received: IPublishPacket[] = [];
  const connects: IConnectPacket[] = [];
  let held: (() => void)[] | null = null;
  let code: number | null = 0;
  let granted = 1;

  const send = (socket: Socket, packet: Packet): void => {
    if (!socket.destroyed) socket.write(mqtt.generate(packet));
  };
  const deliver = (socket: Socket, topic: string): void => {
    const payload = retained.get(topic);
    if (payload === undefined) return;
    const message = { topic, payload, qos: 1, messageId: 1, retain: true, dup: false } as const;
    send(socket, { cmd: 'publish', ...message });
  };
  const handle = (socket: Socket, packet: Packet): void => {
    switch (packet.cmd) {
      case 'connect':
        connects.push(packet);
        if (code === null) return;
        send(socket, { cmd: 'connack', returnCode: code, sessionPresent: false });
        if (code !== 0) socket.end();
        return;
      case 'subscribe':
        send(socket, { cmd: 'suback', messageId: packet.messageId ?? 0, granted: [granted] });
        for (const { topic } of packet.subscriptions) {
          subscribers.set(topic, (subscribers.get(topic) ?? new Set()).add(socket));
          deliver(socket, topic);
        }
        return;
      case 'publish': {
        received.push(packet);
        const ack = (): void => send(socket, { cmd: 'puback', messageId: packet.messageId ?? 0 });
        if (packet.qos === 0) return;
        if (held === null) ack();
        else held.push(ack);
        return;
      }
      case 'pingreq':
        send(socket, { cmd: 'pingresp' });
        return;
      default:
        return;
    }
  };
  const server = await switchable(() =>
    createServer((socket) => {
      const parser = mqtt.parser({ protocolVersion: 4 });
      parser.on('packet', (packet) => handle(socket, packet));
      socket.on('data', (bytes) => parser.parse(bytes));
    }),
  );
  return {
    ...server,
    retain(topic, content) {
      retained.set(topic, content);
      for (const socket of subscribers.get(topic) ?? []) deliver(socket, topic);
    },
    received,
    connects,
    holdAcks(yes) {
      for (const ack of held ?? []) ack();
      held = yes ? [] : null;
    },
    answerConnects(next) {
      code = next;
    },
    grant(qos) {
      granted = qos;
    },
  };
}
