import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import mqttJs from 'mqtt';
import mqtt from 'mqtt-packet';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { deviceTopic } from '../../proto/topics.ts';
import { until } from '../support/until.ts';
import { asDevice, asOperator, type RunningBroker, runBroker } from './running-broker.ts';

let running: RunningBroker;
let server: Server;
let url: string;
beforeEach(async () => {
  running = await runBroker({ tcp: null });
  server = createServer().on('upgrade', running.broker.handleUpgrade);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  await running.broker.stop();
  server.close();
});

const topic = deviceTopic('a', 'desired');
const { password, ...device } = asDevice('a');
const connect = mqtt.generate({
  cmd: 'connect',
  protocolVersion: 4,
  clean: true,
  keepalive: 60,
  ...device,
  password: Buffer.from(password),
});
const subscribe = mqtt.generate({
  cmd: 'subscribe',
  messageId: 1,
  subscriptions: [{ topic, qos: 1 }],
});

async function open(): Promise<{ socket: WebSocket; frames: Buffer[] }> {
  const socket = new WebSocket(`${url}/mqtt`, 'mqtt');
  const frames: Buffer[] = [];
  socket.on('message', (data) => frames.push(data as Buffer));
  socket.on('error', () => {});
  await once(socket, 'open');
  return { socket, frames };
}

it('each answer and each message is one binary frame', async () => {
  running.bodies.set(topic, Buffer.from('kept'));
  const { socket, frames } = await open();
  expect([socket.protocol, socket.extensions]).toEqual(['mqtt', '']);
  socket.send(connect);
  await until('CONNACK', () => frames.length === 1);
  socket.send(subscribe);
  await until('SUBACK and the retained message', () => frames.length === 2);
  await running.broker.publish({ topic, payload: Buffer.alloc(1000, 'x'), qos: 1, retain: true });
  await until('the message', () => frames.length === 3);
  expect(frames.map((frame) => (frame[0] ?? 0) >> 4)).toEqual([2, 9, 3]);
  socket.terminate();
});

it('packets may be spread over frames, and a frame may hold several', async () => {
  const { socket, frames } = await open();
  const both = Buffer.concat([connect, subscribe]);
  for (let at = 0; at < both.length; at += 7) socket.send(both.subarray(at, at + 7));
  await until('both answers', () => Buffer.concat(frames).length === 4 + 5);
  socket.terminate();
});

it('a text frame ends the connection [MQTT-6.0.0-1]', async () => {
  const { socket } = await open();
  socket.send('CONNECT');
  await once(socket, 'close');
  await until('it is gone', () => running.broker.stats().connections === 0);
});

it('a frame far above the largest packet ends the connection', async () => {
  const { socket } = await open();
  socket.send(Buffer.alloc(400_000));
  await once(socket, 'close');
});

it.each([
  ['/other', 'mqtt', 404],
  ['/mqtt/x', 'mqtt', 404],
  ['/mqtt', 'chat', 400],
  ['/mqtt', [], 400],
])('%s with %s is refused', async (path, protocols, status) => {
  const socket = new WebSocket(url + path, protocols);
  const [, response] = await once(socket, 'unexpected-response');
  expect(response.statusCode).toBe(status);
  response.destroy();
});

it('a reader that takes nothing is cut here as well', async () => {
  const { socket, frames } = await open();
  socket.send(connect);
  socket.send(subscribe);
  await until('it is subscribed', () => frames.length === 2);
  socket.pause();
  for (let sent = 0; sent < 400; sent++) {
    await running.broker.publish({ topic, payload: Buffer.alloc(60_000), qos: 1, retain: false });
  }
  await until('it is cut', () => running.broker.stats().slowConsumersCut === 1);
  socket.terminate();
});

it('mqtt.js connects, subscribes and receives', async () => {
  const client = await mqttJs.connectAsync(`${url}/mqtt`, {
    ...asOperator('page'),
    protocolVersion: 4,
    reconnectPeriod: 0,
  });
  const heard: string[] = [];
  client.on('message', (_topic, payload) => heard.push(payload.toString()));
  await client.subscribeAsync(deviceTopic('a', 'reported'), { qos: 1 });
  await running.broker.publish({
    topic: deviceTopic('a', 'reported'),
    payload: Buffer.from('hello'),
    qos: 1,
    retain: false,
  });
  await until('the message', () => heard.length === 1);
  expect(heard).toEqual(['hello']);
  await client.endAsync();
});
