import mqtt, { type ErrorWithReasonCode, type MqttClient } from 'mqtt';

/** How the page stands to the broker. `retryAt` is a time in milliseconds. */
export type ConnectionState =
  | { kind: 'connecting' }
  | { kind: 'online' }
  | { kind: 'offline'; retryAt: number }
  | { kind: 'denied' };

export interface Connection {
  start(): void;
  stop(): void;
  /** Tries at once if the connection is down. */
  retryNow(): void;
  /** Subscribes now and after every reconnect, until the returned function is called. */
  watch(topics: readonly string[]): () => void;
}

interface Options {
  token: string;
  onState(state: ConnectionState): void;
  onMessage(topic: string, payload: Uint8Array): void;
}

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30_000;
/** CONNACK return codes 4 (bad user name or password) and 5 (not authorised), MQTT 3.1.1 section 3.2.2.3. */
const DENIED = [4, 5];

/** A connection to the broker over WebSocket, with jittered exponential back-off; a denied one is not tried again. */
export function createConnection({ token, onState, onMessage }: Options): Connection {
  const watched = new Map<string, number>();
  let client: MqttClient | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;

  function open(): void {
    clearTimeout(timer);
    onState({ kind: 'connecting' });
    let denied = false;
    const mine = connect(token);
    client = mine;
    mine.on('connect', () => {
      failures = 0;
      if (watched.size > 0) mine.subscribe([...watched.keys()], { qos: 1 });
      onState({ kind: 'online' });
    });
    mine.on('message', (topic, payload) => onMessage(topic, payload));
    mine.on('error', (error) => {
      denied ||= DENIED.includes(codeOf(error));
      mine.end(true);
    });
    mine.on('close', () => {
      if (client === mine) lost(mine, denied);
    });
  }

  function lost(mine: MqttClient, denied: boolean): void {
    client = null;
    mine.end(true);
    if (denied) {
      onState({ kind: 'denied' });
      return;
    }
    const longest = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures++);
    const wait = longest * (0.5 + Math.random() / 2);
    timer = setTimeout(open, wait);
    onState({ kind: 'offline', retryAt: Date.now() + wait });
  }

  function forget(topics: readonly string[]): void {
    const unused = topics.filter((topic) => {
      const left = (watched.get(topic) ?? 1) - 1;
      if (left > 0) watched.set(topic, left);
      else watched.delete(topic);
      return left <= 0;
    });
    if (unused.length > 0 && client?.connected) client.unsubscribe(unused);
  }

  return {
    start: open,
    stop() {
      clearTimeout(timer);
      const mine = client;
      client = null;
      mine?.end(true);
    },
    retryNow() {
      if (!client) open();
    },
    watch(topics) {
      for (const topic of topics) watched.set(topic, (watched.get(topic) ?? 0) + 1);
      if (client?.connected) client.subscribe([...topics], { qos: 1 });
      return () => forget(topics);
    },
  };
}

function connect(token: string): MqttClient {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return mqtt.connect(`${scheme}://${location.host}/mqtt`, {
    clientId: `ui-${crypto.getRandomValues(new Uint32Array(3)).join('-')}`,
    username: 'token',
    password: token,
    clean: true,
    keepalive: 30,
    connectTimeout: 10_000,
    reconnectPeriod: 0,
    resubscribe: false,
    timerVariant: 'native',
  });
}

function codeOf(error: Error | ErrorWithReasonCode): number {
  return 'code' in error && typeof error.code === 'number' ? error.code : -1;
}
