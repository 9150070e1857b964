import { type Broker, type BrokerOptions, createBroker } from '../../broker/broker.ts';
import type { BusHooks, BusMessage, Identity, RetainedSource } from '../../broker/bus.ts';
import { silentLog } from '../../proto/log.ts';
import { parseTopic } from '../../proto/topics.ts';
import { createSystemClock } from '../../server/system/clock.ts';

/** A broker on a free port with a small server behind it: secrets are `secret of ID`, tokens `token NAME`. */
export interface RunningBroker {
  broker: Broker;
  url: string;
  received: { identity: Identity; message: BusMessage }[];
  /** `+ID` for connected, `-ID` for disconnected, `~ID` for replaced. */
  presence: string[];
  /** Bodies of desired topics; the source owns all of them. */
  bodies: Map<string, Uint8Array>;
}

export interface RunOptions extends Partial<Omit<BrokerOptions, 'hooks' | 'retained'>> {
  hooks?: Partial<BusHooks>;
  retained?: RetainedSource;
}

export async function runBroker({ hooks, ...options }: RunOptions = {}): Promise<RunningBroker> {
  const received: RunningBroker['received'] = [];
  const presence: string[] = [];
  const bodies = new Map<string, Uint8Array>();
  const broker = await createBroker({
    hooks: {
      authenticate: async (clientId, username, password) =>
        whoIs(clientId, username, Buffer.from(password).toString()),
      received: async (identity, message) => void received.push({ identity, message }),
      connected: (_identity, clientId) => void presence.push(`+${clientId}`),
      disconnected: (_identity, clientId, replaced) =>
        void presence.push(`${replaced ? '~' : '-'}${clientId}`),
      ...hooks,
    },
    retained: {
      owns: (topic) => {
        const parsed = parseTopic(topic);
        return parsed?.kind === 'device' && parsed.channel === 'desired';
      },
      load: (topic) => bodies.get(topic),
    },
    tcp: { host: '127.0.0.1', port: 0 },
    log: silentLog,
    clock: createSystemClock(),
    ...options,
  });
  const { mqtt } = await broker.start();
  return { broker, url: mqtt ?? '', received, presence, bodies };
}

function whoIs(clientId: string, username: string, password: string): Identity | null {
  if (username === 'token') {
    const [, token] = /^token (\w+)$/.exec(password) ?? [];
    return token ? { kind: 'operator', token } : null;
  }
  return password === `secret of ${clientId}` ? { kind: 'device', device: clientId } : null;
}

/** What a device connects with. */
export const asDevice = (id: string) => ({
  clientId: id,
  username: id,
  password: `secret of ${id}`,
});
/** What an operator connects with. */
export const asOperator = (clientId: string, token = 'alice') => ({
  clientId,
  username: 'token',
  password: `token ${token}`,
});
