import type { Clock, Random } from '../../proto/clock.ts';
import { JamesError } from '../../proto/errors.ts';
import { deviceTopic } from '../../proto/topics.ts';
import { type BackoffPolicy, backoffDelay } from '../core/backoff.ts';
import { STABLE_MS } from '../core/transport-choice.ts';
import { connectMqtt, type MqttConnection } from './mqtt-connection.ts';
import type { DisconnectCause, Transport, TransportHandlers } from './transport.ts';

export interface MqttTransportDeps {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`; nothing else is tried. */
  url: string;
  device: string;
  secret: () => string;
  clock: Clock;
  random: Random;
  /** Seconds; a connection that is dropped silently is noticed within 1.5 of them. */
  keepaliveS?: number;
  /** Time in ms until the CONNACK. */
  timeoutMs?: number;
  backoff?: BackoffPolicy;
}

/** Between connects with credentials that were refused. */
const REFUSED_BACKOFF: BackoffPolicy = { baseMs: 60_000, capMs: 600_000 };

/** MQTT 3.1.1 with clean sessions: desired is retained, so each new connection gets what was missed. */
export function createMqttTransport(deps: MqttTransportDeps): Transport {
  const { device, clock, random } = deps;
  const backoff = deps.backoff ?? { baseMs: 1000, capMs: 60_000 };
  let connection: MqttConnection | null = null;
  let up = false;
  let cancelRetry = (): void => {};
  let failures = 0;

  const attempt = (handlers: TransportHandlers): void => {
    let upSince: number | null = null;
    const current: MqttConnection = connectMqtt({
      url: deps.url,
      device,
      secret: deps.secret(),
      keepaliveS: deps.keepaliveS ?? 60,
      timeoutMs: deps.timeoutMs ?? 10_000,
      clock,
      onDesired: (content) => handlers.desired(content),
      onUp() {
        upSince = clock.monotonic();
        up = true;
        handlers.state({ kind: 'connected', transport: 'mqtt' });
      },
      onEnd(cause, detail) {
        up = false;
        const upMs = upSince === null ? 0 : clock.monotonic() - upSince;
        retry(handlers, cause, upMs);
        const seen = upSince === null ? cause : 'lost';
        handlers.state({ kind: 'disconnected', cause: seen, detail, upMs });
      },
    });
    connection = current;
  };

  const retry = (handlers: TransportHandlers, cause: DisconnectCause, upMs: number): void => {
    failures = upMs >= STABLE_MS ? 1 : failures + 1;
    const policy = cause === 'credentials' ? REFUSED_BACKOFF : backoff;
    cancelRetry = clock.after(backoffDelay(policy, failures, random), () => attempt(handlers));
  };

  return {
    start(handlers) {
      if (connection === null) attempt(handlers);
    },
    async report(content) {
      if (!connection || !up)
        throw new JamesError('server-unreachable', 'There is no connection to the broker.');
      await connection.publish(deviceTopic(device, 'reported'), content);
    },
    progress(content) {
      if (up) connection?.send(deviceTopic(device, 'progress'), content);
    },
    log(content) {
      if (up) connection?.send(deviceTopic(device, 'log'), content);
    },
    async stop() {
      cancelRetry();
      up = false;
      failures = 0;
      const ending = connection;
      connection = null;
      await ending?.end();
    },
  };
}
