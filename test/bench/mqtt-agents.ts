import { createInterface } from 'node:readline';
import { deviceTopic } from '../../proto/topics.ts';
import { type Agent, type AgentConnection, openAgent, publishFrame } from './agent-connection.ts';
import { percentile, rounded } from './figures.ts';

/**
 * A load generator: many light agents in a process of their own. It takes commands as JSON lines on stdin and answers
 * each with a JSON line that carries the command's `id`. See `AgentCommand` for what it can do.
 */
export type AgentCommand =
  /** Connects all, each subscribed to its own desired topic; answers `Connected` when all are. */
  | {
      do: 'connect';
      host: string;
      port: number;
      agents: Agent[];
      atOnce: number;
      retained: boolean;
    }
  /** Drops all connections and connects all anew. */
  | { do: 'reconnect'; atOnce: number; retained: boolean }
  /** Answers `Received` when `messages` messages have come since the command `count`. */
  | { do: 'count'; messages: number }
  /** Each agent publishes `each` reports of `bytes` bytes, `window` of all unacknowledged; answers `Published`. */
  | { do: 'publish'; each: number; bytes: number; window: number }
  /** Each agent publishes `each` reports: `template`, a report's JSON, with its `seq` counted up from 1. */
  | { do: 'report'; each: number; template: string; window: number }
  /** The first agent publishes one message to each `topic` (for a peer broker); answers `Published`. */
  | { do: 'fan-out'; topics: string[]; bytes: number; window: number; retain: boolean }
  /** The first agent reads nothing any more. */
  | { do: 'freeze' }
  | { do: 'disconnect' };

export interface Connected {
  ms: number;
  /** Connections that were refused or ended, and were tried again. */
  retries: number;
  p50: number;
  p99: number;
}
/** Times are ms since 1970, with fractions. */
export interface Received {
  count: number;
  first: number;
  last: number;
  p50: number;
  p99: number;
}
export interface Published {
  count: number;
  ms: number;
}

const now = (): number => performance.timeOrigin + performance.now();

interface State {
  agent: Agent;
  connection: AgentConnection | null;
  /** Publishes to send, and the answer to each. */
  acknowledged: (() => void) | null;
}

let address = { host: '', port: 0 };
let states: State[] = [];
let receipts: number[] = [];
let onReceipt: () => void = () => {};

/** Opens one connection and repeats until it is served; `done` gets the number of retries. */
function bring(state: State, retained: boolean, done: (retries: number) => void): void {
  let retries = 0;
  const open = (): void => {
    let served = false;
    let subscribed = false;
    const serve = (): void => {
      if (served) return;
      served = true;
      done(retries);
    };
    const connection = openAgent(address, state.agent, {
      connack: (code) => {
        if (code === 0) connection.subscribe(deviceTopic(state.agent.id, 'desired'));
      },
      suback: () => {
        subscribed = true;
        if (!retained) serve();
      },
      message: (isRetained) => {
        if (isRetained && subscribed && !served) serve();
        else {
          receipts.push(now());
          onReceipt();
        }
      },
      puback: () => state.acknowledged?.(),
      closed: () => {
        if (served || state.connection !== connection) return;
        retries++;
        setTimeout(open, 100 + Math.random() * Math.min(5000, 200 * 2 ** retries));
      },
    });
    state.connection = connection;
  };
  open();
}

function bringAll(atOnce: number, retained: boolean): Promise<Connected> {
  const begin = now();
  const times: number[] = [];
  let retries = 0;
  let next = 0;
  return new Promise((resolve) => {
    const start = (): void => {
      const state = states[next++];
      if (state)
        bring(state, retained, (count) => {
          retries += count;
          times.push(now() - begin);
          if (times.length < states.length) return start();
          times.sort((a, b) => a - b);
          resolve({
            ms: rounded(times.at(-1) ?? 0),
            retries,
            p50: rounded(percentile(times, 0.5)),
            p99: rounded(percentile(times, 0.99)),
          });
        });
    };
    for (let at = 0; at < Math.min(atOnce, states.length); at++) start();
  });
}

function count(messages: number): Promise<Received> {
  receipts = [];
  return new Promise((resolve) => {
    onReceipt = () => {
      if (receipts.length < messages) return;
      onReceipt = () => {};
      const sorted = receipts.toSorted((a, b) => a - b);
      resolve({
        count: sorted.length,
        first: sorted[0] ?? 0,
        last: sorted.at(-1) ?? 0,
        p50: percentile(sorted, 0.5),
        p99: percentile(sorted, 0.99),
      });
    };
  });
}

/** Sends `total` publishes over these agents in turn, `window` of them unacknowledged. */
function publishAll(
  from: State[],
  total: number,
  window: number,
  frameOf: (at: number) => Buffer,
): Promise<Published> {
  const begin = now();
  let sent = 0;
  let acknowledged = 0;
  return new Promise((resolve) => {
    const send = (): void => {
      const state = from[sent % from.length];
      if (sent >= total || !state) return;
      const packetId = (Math.floor(sent / from.length) % 65_535) + 1;
      state.connection?.publish(frameOf(sent), packetId);
      sent++;
    };
    for (const state of from) {
      state.acknowledged = () => {
        if (++acknowledged === total) resolve({ count: total, ms: rounded(now() - begin) });
        send();
      };
    }
    for (let at = 0; at < Math.min(window, total); at++) send();
  });
}

function dropAll(): void {
  for (const state of states) {
    const { connection } = state;
    state.connection = null;
    connection?.destroy();
  }
}

async function run(command: AgentCommand): Promise<object> {
  switch (command.do) {
    case 'connect':
      address = { host: command.host, port: command.port };
      states = command.agents.map((agent) => ({ agent, connection: null, acknowledged: null }));
      return bringAll(command.atOnce, command.retained);
    case 'reconnect':
      dropAll();
      return bringAll(command.atOnce, command.retained);
    case 'count':
      return count(command.messages);
    case 'publish': {
      const payload = Buffer.alloc(command.bytes, 'r');
      const frames = states.map(({ agent }) =>
        publishFrame(deviceTopic(agent.id, 'reported'), payload, false),
      );
      const frameOf = (at: number): Buffer => frames[at % frames.length] ?? Buffer.alloc(0);
      return publishAll(states, states.length * command.each, command.window, frameOf);
    }
    case 'report': {
      const [head = '', tail = ''] = command.template.split(/(?<="seq":)\d+/);
      const frameOf = (at: number): Buffer => {
        const payload = Buffer.from(`${head}${Math.floor(at / states.length) + 1}${tail}`);
        const id = states[at % states.length]?.agent.id ?? '';
        return publishFrame(deviceTopic(id, 'reported'), payload, true);
      };
      return publishAll(states, states.length * command.each, command.window, frameOf);
    }
    case 'fan-out': {
      const payload = Buffer.alloc(command.bytes, 'd');
      const frames = command.topics.map((topic) => publishFrame(topic, payload, command.retain));
      return publishAll(
        states.slice(0, 1),
        frames.length,
        command.window,
        (at) => frames[at] ?? Buffer.alloc(0),
      );
    }
    case 'freeze':
      states[0]?.connection?.freeze();
      return {};
    case 'disconnect':
      dropAll();
      return {};
  }
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { id, ...command } = JSON.parse(line) as AgentCommand & { id: number };
    void run(command as AgentCommand).then((answer) =>
      process.stdout.write(`${JSON.stringify({ id, ...answer })}\n`),
    );
  })
  .on('close', () => process.exit(0));
process.stdout.write(`${JSON.stringify({ id: 0 })}\n`);
