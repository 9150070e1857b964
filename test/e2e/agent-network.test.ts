import { existsSync, readdirSync, statSync } from 'node:fs';

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from '../../proto/api.ts';
import { type AgentWorld, startWorld } from '../support/agent-world.ts';
import { type ContentProxy, startContentProxy } from '../support/content-proxy.ts';
import { type AgentProcess, until } from '../support/fleet.ts';
import { startProxy } from '../support/proxy.ts';
import { seededRandom } from '../support/seeded-random.ts';

const seed = Number(process.env.JAMESD_SEED ?? 1);
const isFull = process.env.JAMESD_FULL !== undefined;
/** Size of the file that is downloaded; it is noise, so that its packet is not much smaller. */
const SIZE = 3_000_000;
const random = seededRandom(7);
const noise = (): string =>
  Buffer.from(Array.from({ length: SIZE }, () => Math.floor(random() * 95) + 32)).toString(
    'latin1',
  );

let world: AgentWorld;
let proxy: ContentProxy;
/** Size of the packet's file. */
let packed: number;
beforeAll(async () => {
  world = await startWorld();
  proxy = await startContentProxy(world.server.http);
  await world.put({ name: 'big', labels: { version: '1' }, data: { 'opt/big': 'small' } });
  for (const version of ['2', '3', '4', '5', '6', '7'])
    await world.put({ name: 'big', labels: { version }, data: { 'opt/big': noise() } });
  const { body } = await world.server.api<Page<{ size: number }>>('GET', '/v1/packets?name=big');
  packed = Math.max(...body.items.map((packet) => packet.size));
});
afterAll(async () => {
  await world?.stop();
  await proxy?.close();
});

const want = (device: string, version: string): Promise<void> =>
  world.want(device, [{ name: 'big', labels: { version } }]);
const size = ({ root }: AgentProcess): number => statSync(join(root, 'opt/big')).size;
const through = () => ({ server: { http: proxy.http, mqtt: world.server.mqtt } });
const withSmall = async (device: string): Promise<AgentProcess> => {
  proxy.faults = {};
  const agent = await world.join(device, through());
  await want(device, '1');
  await world.converged(agent);
  return agent;
};
/** Bytes that pass, in sizes of the packet's file. */
const counted = async (act: () => Promise<unknown>): Promise<number> => {
  const before = proxy.contentBytes();
  await act();
  return (proxy.contentBytes() - before) / packed;
};

describe('a download', () => {
  it('that is cut again and again goes on where it was, and what passes is little more than its size', async () => {
    const agent = await withSmall('cut');
    const requests = proxy.requests();
    const times = await counted(async () => {
      proxy.faults = { cutAfter: 700_000 };
      await want('cut', '2');
      await world.converged(agent, 60_000);
    });
    expect(size(agent)).toBe(SIZE);
    expect(proxy.requests() - requests).toBeGreaterThan(3);
    expect(times).toBeLessThan(1.1);
  });

  it('goes on where it was after the agent was killed', async () => {
    const agent = await withSmall('killed');
    const downloads = join(agent.state, 'downloads');
    const times = await counted(async () => {
      proxy.faults = { bytesPerSecond: 1_000_000 };
      await want('killed', '3');
      await until(() => partOf(downloads) > SIZE / 3);
      await agent.stop('SIGKILL');
      expect(size(agent)).toBe('small'.length);
      proxy.faults = {};
      const again = world.start('killed', through());
      await world.converged(again);
      expect(size(again)).toBe(SIZE);
    });
    // What was on its way when the agent died is lost.
    expect(times).toBeLessThan(1.5);
  });

  it('that arrives wrong is dropped, the old version stays, and it comes when the network is right again', async () => {
    const agent = await withSmall('wrong');
    proxy.faults = { corruptAt: 1_500_000 };
    let times = await counted(async () => {
      await want('wrong', '4');
      const view = await world.reaches(agent, ({ phase }) => phase === 'failed');
      expect(view.reason).toContain('is not sha256:');
      expect(view.reported?.retryAt).not.toBe(null);
    });
    expect(times).toBeLessThan(1.1);
    expect(size(agent)).toBe('small'.length);
    expect(readdirSync(join(agent.state, 'downloads'))).toEqual([]);
    proxy.faults = {};
    times = await counted(() => world.converged(agent, 60_000));
    expect(size(agent)).toBe(SIZE);
    expect(times).toBeLessThan(1.1);
  });

  it('that is slow gives way at once to a newer desired state', async () => {
    const agent = await withSmall('slow');
    proxy.faults = { bytesPerSecond: 100_000 };
    await want('slow', '5');
    await world.reaches(agent, ({ phase }) => phase === 'downloading');
    await until(() => partOf(join(agent.state, 'downloads')) > 0);
    const times = await counted(async () => {
      await world.want('slow', []);
      await world.converged(agent);
    });
    expect(existsSync(join(agent.root, 'opt'))).toBe(false);
    expect(times).toBeLessThan(0.5);
  });

  it('waits for a server that is away in the middle of it, and goes on', async () => {
    const agent = await withSmall('away');
    proxy.faults = { bytesPerSecond: 1_000_000 };
    await want('away', '6');
    await until(() => partOf(join(agent.state, 'downloads')) > SIZE / 4);
    await world.restartServer('SIGKILL', () => {
      expect(size(agent)).toBe('small'.length);
    });
    proxy.faults = {};
    await world.converged(agent, 60_000);
    expect(size(agent)).toBe(SIZE);
  });
});

describe(`a network that does anything (seed ${seed})`, () => {
  it('only delays: what is right comes, for at most three times its size', async () => {
    const chance = seededRandom(seed);
    const mqtt = await startProxy(Number(new URL(world.server.mqtt).port));
    proxy.faults = {};
    const options = { ...through(), mqtt: `mqtt://127.0.0.1:${mqtt.port}` };
    const agent = await world.join('any', options);
    await want('any', '1');
    await world.converged(agent);
    // Whatever comes is corrupt once, somewhere; each connection is cut somewhere, and slow; MQTT is cut as often.
    const cutAfter = 400_000 + Math.floor(chance() * 800_000);
    proxy.faults = {
      cutAfter,
      corruptAt: Math.floor(chance() * cutAfter),
      bytesPerSecond: 4_000_000 + Math.floor(chance() * 8_000_000),
    };
    const cuts = setInterval(() => mqtt.cut(), 500 + Math.floor(chance() * 1000));
    try {
      const times = await counted(async () => {
        await want('any', '7');
        await until(
          () => agent.running.stderr().includes('is not sha256:'),
          () => agent.running.stderr(),
          60_000,
        );
        expect(size(agent)).toBe('small'.length);
        delete proxy.faults.corruptAt;
        await until(
          () => size(agent) === SIZE,
          () => agent.running.stderr(),
          60_000,
        );
      });
      expect(times).toBeLessThan(3);
    } finally {
      clearInterval(cuts);
    }
    await world.converged(agent);
    await agent.stop();
    await mqtt.close();
  });
});

describe('an MQTT port that swallows everything', () => {
  it('is left for HTTP, and taken again when it works', async () => {
    const mqtt = await startProxy(Number(new URL(world.server.mqtt).port));
    mqtt.swallow(true);
    const agent = world.start('mute', {
      mqtt: `mqtt://127.0.0.1:${mqtt.port}`,
      args: ['--poll', '1s'],
    });
    await until(async () => (await world.server.api('GET', '/v1/devices/mute')).status === 200);
    await want('mute', '1');
    const view = await world.converged(agent);
    expect(view.transport).toBe('http');
    await want('mute', '2');
    await world.converged(agent);
    mqtt.swallow(false);
    mqtt.cut();
    await world.reaches(agent, ({ transport }) => transport === 'mqtt', 90_000);
    await want('mute', '1');
    await world.converged(agent);
    if (isFull) {
      mqtt.swallow(true);
      await want('mute', '2');
      await world.reaches(agent, ({ converged }) => converged, 120_000);
    }
    await agent.stop();
    await mqtt.close();
  }, 300_000);
});

/** Bytes of the download that is under way. */
function partOf(downloads: string): number {
  if (!existsSync(downloads)) return 0;
  const part = readdirSync(downloads).find((name) => name.endsWith('.part'));
  try {
    return part === undefined ? 0 : statSync(join(downloads, part)).size;
  } catch {
    return 0;
  }
}
