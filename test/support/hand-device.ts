import type { Desired } from '../../proto/desired.ts';
import type { Progress } from '../../proto/messages.ts';
import type { Reported } from '../../proto/reported.ts';
import { deviceTopic } from '../../proto/topics.ts';
import type { ServerProcess } from './fleet.ts';
import { connectMqtt, type MqttClient } from './mqtt-client.ts';

/** A device whose every word the test says: enrolled and connected as a real one, without an agent. */
export interface HandDevice {
  id: string;
  /** The newest desired document that came. */
  desired(): Promise<Desired>;
  /** Reports; what is not given is as in a device that has converged on nothing. */
  report(change: Partial<Reported>): Promise<void>;
  progress(progress: Omit<Progress, 'schema'>): Promise<void>;
  log(...lines: string[]): Promise<void>;
  leave(): Promise<void>;
}

/** Enrols with a join token and connects. */
export async function joinByHand(
  server: Pick<ServerProcess, 'http' | 'mqtt'>,
  joinToken: string,
  id: string,
  labels: Record<string, string>,
): Promise<HandDevice> {
  const answer = await fetch(`${server.http}/v1/enrol`, {
    method: 'POST',
    headers: { authorization: `Bearer ${joinToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ id, labels }),
  });
  if (answer.status !== 201) throw new Error(`enrol: ${await answer.text()}`);
  const { secret } = (await answer.json()) as { secret: string };
  const client = await connectMqtt(server.mqtt, { clientId: id, username: id, password: secret });
  await client.subscribe(deviceTopic(id, 'desired'));
  return deviceOver(client, id, labels);
}

function deviceOver(client: MqttClient, id: string, config: Record<string, string>): HandDevice {
  let seq = 0;
  const say = async (channel: 'reported' | 'progress' | 'log', message: object): Promise<void> => {
    const reported = channel === 'reported';
    await client.publish(deviceTopic(id, channel), JSON.stringify(message), {
      qos: reported ? 1 : 0,
      retain: reported,
    });
  };
  return {
    id,
    async desired() {
      await client.message(deviceTopic(id, 'desired'));
      const newest = client.messages(deviceTopic(id, 'desired')).at(-1);
      return JSON.parse(String(newest?.payload)) as Desired;
    },
    report: (change) => say('reported', { ...blankReport(config), ...change, seq: ++seq }),
    progress: (progress) => say('progress', { schema: 'jamesd.progress/1', ...progress }),
    log: (...lines) => say('log', { schema: 'jamesd.log/1', source: 'postinst', lines }),
    leave: () => client.end(),
  };
}

function blankReport(config: Record<string, string>): Reported {
  return {
    schema: 'jamesd.reported/1',
    epoch: null,
    seen: null,
    installed: null,
    phase: 'idle',
    reason: null,
    retryAt: null,
    packets: [],
    packages: { installed: 0, wrong: [] },
    labels: { facts: { os: 'debian' }, config },
    agent: '0.0.0-test',
    bootId: 'boot',
    seq: 0,
  };
}
