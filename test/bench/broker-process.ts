import { createHash, timingSafeEqual } from 'node:crypto';
import { createInterface } from 'node:readline';
import { createBroker } from '../../broker/broker.ts';
import { silentLog } from '../../proto/log.ts';
import { deviceTopic } from '../../proto/topics.ts';
import { createSystemClock } from '../../server/system/clock.ts';
import { rounded } from './figures.ts';
import { agentsOf } from './fleet-of-agents.ts';

/**
 * The broker alone in a process, with as many known agents as the argument says. Secrets are compared as SHA-256, and
 * every agent's desired topic has a body of 1 KiB in the source. Takes commands as JSON lines.
 */
export type BrokerCommand =
  | { do: 'address' }
  /** Publishes one message of `bytes` bytes to every agent; answers `{at, ms}` when all are handed over. */
  | { do: 'publish'; bytes: number }
  /** Publishes `count` messages to the first agent, then one to the second; `at`: when that one was published. */
  | { do: 'pester'; count: number; bytes: number }
  | { do: 'stats' };

const sha256 = (bytes: string | Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
const known = agentsOf(Number(process.argv[2] ?? 0));
const hashes = new Map(known.map(({ id, secret }) => [id, sha256(secret)]));
const topics = known.map(({ id }) => deviceTopic(id, 'desired'));
const bodies = new Map(topics.map((topic) => [topic, Buffer.alloc(1024, 'b')]));
const now = (): number => performance.timeOrigin + performance.now();

const broker = await createBroker({
  hooks: {
    authenticate: async (clientId, username, password) => {
      const hash = hashes.get(username);
      const right = hash !== undefined && timingSafeEqual(hash, sha256(password));
      return right ? { kind: 'device', device: clientId } : null;
    },
    received: async () => {},
    connected: () => {},
    disconnected: () => {},
  },
  retained: { owns: (topic) => topic.endsWith('/desired'), load: (topic) => bodies.get(topic) },
  tcp: { host: '127.0.0.1', port: 0 },
  log: silentLog,
  clock: createSystemClock(),
});
const { mqtt } = await broker.start();

async function run(command: BrokerCommand): Promise<object> {
  switch (command.do) {
    case 'address':
      return { port: Number(new URL(mqtt ?? '').port) };
    case 'publish': {
      const at = now();
      const payload = Buffer.alloc(command.bytes, 'd');
      for (const topic of topics) await broker.publish({ topic, payload, qos: 1, retain: true });
      return { at, ms: rounded(now() - at) };
    }
    case 'pester': {
      const payload = Buffer.alloc(command.bytes, 'p');
      const publish = (topic = '') => broker.publish({ topic, payload, qos: 1, retain: true });
      for (let sent = 0; sent < command.count; sent++) void publish(topics[0]);
      const at = now();
      await publish(topics[1]);
      return { at };
    }
    case 'stats':
      return { ...broker.stats(), ...process.memoryUsage() };
  }
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { id, ...command } = JSON.parse(line) as BrokerCommand & { id: number };
    void run(command as BrokerCommand).then((answer) =>
      process.stdout.write(`${JSON.stringify({ id, ...answer })}\n`),
    );
  })
  .on('close', () => process.exit(0));
process.stdout.write(`${JSON.stringify({ id: 0 })}\n`);
