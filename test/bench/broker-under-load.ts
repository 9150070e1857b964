import type { Agent } from './agent-connection.ts';
import type { BrokerCommand } from './broker-process.ts';
import {
  type CommandedProcess,
  cpuMs,
  residentBytes,
  startCommanded,
} from './commanded-process.ts';
import { agentsOf } from './fleet-of-agents.ts';
import { type Mosquitto, startMosquitto } from './mosquitto.ts';
import type { AgentCommand, Connected } from './mqtt-agents.ts';

/** A broker in a process of its own, with a load generator in another. */
export interface BrokerUnderLoad {
  /** The broker's process. */
  readonly pid: number;
  readonly agents: CommandedProcess<AgentCommand>;
  /** Connects all agents, `atOnce` at a time; `retained`: each waits for its retained message. */
  connect(atOnce: number, retained: boolean): Promise<Connected>;
  stop(): Promise<void>;
}

/** Our broker, alone in a process, knowing `count` agents. */
export async function startOurs(
  count: number,
): Promise<BrokerUnderLoad & { broker: CommandedProcess<BrokerCommand> }> {
  const broker = await startCommanded<BrokerCommand>('broker-process.ts', [String(count)]);
  const { port } = await broker.ask<{ port: number }>({ do: 'address' });
  return { ...(await underLoad(broker.pid, port, agentsOf(count), () => broker.stop())), broker };
}

/** Mosquitto with the same agents and one more client that publishes; null if it cannot be had. */
export async function startPeer(
  count: number,
): Promise<
  (BrokerUnderLoad & { publisher: CommandedProcess<AgentCommand>; mosquitto: Mosquitto }) | null
> {
  const everybody = agentsOf(count + 1);
  const mosquitto = await startMosquitto(everybody);
  if (!mosquitto) return null;
  const publisher = await startCommanded<AgentCommand>('mqtt-agents.ts');
  const stop = async (): Promise<void> => {
    await publisher.stop();
    await mosquitto.stop();
  };
  const { pid, port } = mosquitto;
  const loaded = await underLoad(pid, port, everybody.slice(0, count), stop);
  const agents = everybody.slice(count);
  await publisher.ask({ do: 'connect', host, port, agents, atOnce: 1, retained: false });
  return { ...loaded, publisher, mosquitto };
}

const host = '127.0.0.1';

async function underLoad(
  pid: number,
  port: number,
  known: Agent[],
  stopBroker: () => Promise<void>,
): Promise<BrokerUnderLoad> {
  const agents = await startCommanded<AgentCommand>('mqtt-agents.ts');
  return {
    pid,
    agents,
    connect: (atOnce, retained) =>
      agents.ask({ do: 'connect', host, port, agents: known, atOnce, retained }),
    async stop() {
      await agents.stop();
      await stopBroker();
    },
  };
}

/** Time for what is under way to settle before a figure is read. */
export const settle = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

/** The CPU time in ms that the process used while `work` ran, and shortly after. */
export async function cpuOf(pid: number, work: () => Promise<unknown>): Promise<number> {
  const before = cpuMs(pid);
  await work();
  await settle(300);
  return cpuMs(pid) - before;
}

/** The bytes by which the process grew while `work` ran and it came to rest. */
export async function growthOf(pid: number, work: () => Promise<unknown>): Promise<number> {
  const before = residentBytes(pid);
  await work();
  await settle(5000);
  return residentBytes(pid) - before;
}
