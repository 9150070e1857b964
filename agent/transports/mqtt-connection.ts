import mqtt from 'mqtt';
import type { Clock } from '../../proto/clock.ts';
import { JamesError } from '../../proto/errors.ts';
import { deviceTopic } from '../../proto/topics.ts';
import type { DisconnectCause } from './transport.ts';

export interface MqttConnectionDeps {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`. */
  url: string;
  device: string;
  secret: string;
  keepaliveS: number;
  /** Time in ms for the CONNACK, and again for the SUBACK. */
  timeoutMs: number;
  clock: Clock;
  onDesired(content: Uint8Array): void;
  /** The subscription stands. */
  onUp(): void;
  /** Called once, whatever ended it; a refused subscription (0x80, MQTT 3.1.1 section 3.9.3) is `credentials`. */
  onEnd(cause: DisconnectCause, detail: string): void;
}

/** One connection, from its attempt to its end. It is never used again. */
export interface MqttConnection {
  /** Resolves at the PUBACK; rejects with `server-unreachable` if the connection ends before. */
  publish(topic: string, content: Uint8Array): Promise<void>;
  /** QoS 0; dropped if the connection is slow. */
  send(topic: string, content: Uint8Array): void;
  /** Says DISCONNECT and resolves when it is closed. */
  end(): Promise<void>;
}

/** CONNACK return codes of MQTT 3.1.1 section 3.2.2.3: bad user name or password, not authorized. */
const CREDENTIAL_CODES: readonly number[] = [4, 5];
const MAX_BUFFERED_BYTES = 64 * 1024;
/** For the server to close the connection after DISCONNECT. */
const FAREWELL_MS = 1000;

/** Opens a connection with a clean session and subscribes to the device's desired state. */
export function connectMqtt(deps: MqttConnectionDeps): MqttConnection {
  const client = mqtt.connect(deps.url, {
    protocolVersion: 4,
    clean: true,
    clientId: deps.device,
    username: deps.device,
    password: deps.secret,
    keepalive: deps.keepaliveS,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    // The cache holds a buffer for every number of 16 bits: 7 MiB that a device has better use for.
    writeCache: false,
    connectTimeout: deps.timeoutMs + 1000,
  });
  const pending = new Set<(error: Error) => void>();
  let ended = false;
  let closed: () => void = () => {};
  const closing = new Promise<void>((resolve) => {
    closed = resolve;
  });

  const finish = (cause: DisconnectCause, detail: string): void => {
    if (ended) return;
    ended = true;
    cancel();
    for (const reject of pending) reject(gone(detail));
    pending.clear();
    client.end(true, {}, () => closed());
    deps.onEnd(cause, detail);
  };
  let cancel = deps.clock.after(deps.timeoutMs, () => finish('timeout', 'no CONNACK in time'));
  let failure = 'the connection ended';
  client.on('error', (error) => {
    failure = error.message;
    if (CREDENTIAL_CODES.includes(codeOf(error))) finish('credentials', error.message);
  });
  client.on('close', () => finish('refused', failure));
  client.on('message', (topic, content) => {
    if (topic === deviceTopic(deps.device, 'desired')) deps.onDesired(content);
  });
  client.on('connect', () => {
    cancel();
    cancel = deps.clock.after(deps.timeoutMs, () => finish('timeout', 'no SUBACK in time'));
    client.subscribe(deviceTopic(deps.device, 'desired'), { qos: 1 }, (error) => {
      if (ended) return;
      cancel();
      if (!error) deps.onUp();
      else finish(client.connected ? 'credentials' : 'refused', error.message);
    });
  });

  return {
    publish: (topic, content) =>
      new Promise((resolve, reject) => {
        if (ended) return reject(gone(failure));
        pending.add(reject);
        client.publish(topic, Buffer.from(content), { qos: 1, retain: true }, (error) => {
          pending.delete(reject);
          if (error) reject(gone(error.message));
          else resolve();
        });
      }),
    send(topic, content) {
      if (!client.connected || client.stream.writableLength > MAX_BUFFERED_BYTES) return;
      client.publish(topic, Buffer.from(content), { qos: 0 }, () => {});
    },
    async end() {
      if (ended) return closing;
      ended = true;
      cancel();
      // A connection that swallows everything would never let go.
      cancel = deps.clock.after(FAREWELL_MS, () => client.end(true, {}, () => closed()));
      const inHaste = !client.connected || pending.size > 0;
      for (const reject of pending) reject(gone('stopped'));
      client.end(inHaste, {}, () => closed());
      await closing;
      cancel();
    },
  };
}

function codeOf(error: Error): number {
  return 'code' in error && typeof error.code === 'number' ? error.code : -1;
}

function gone(detail: string): JamesError {
  return new JamesError('server-unreachable', `The connection to the broker ended: ${detail}.`);
}
