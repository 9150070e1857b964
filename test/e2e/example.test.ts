import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeviceView } from '../../proto/api.ts';
import { joinToken, logger, loggerSpec, uploadPacket } from '../support/example.ts';
import {
  type AgentProcess,
  type ServerProcess,
  startAgent,
  startServer,
  temporaryDirectory,
  until,
} from '../support/fleet.ts';

const archs = ['amd64', 'armv6l', 'armv7l'];

/** The example that everything starts from, over each transport. */
describe.each([
  { transport: 'mqtt', mqtt: undefined },
  // Nothing listens on port 1 of loopback: every connection is refused, as a firewall does.
  { transport: 'http', mqtt: 'mqtt://127.0.0.1:1' },
])('the example over $transport', ({ transport, mqtt }) => {
  const directory = temporaryDirectory();
  let server: ServerProcess;
  let token: string;
  let agents: AgentProcess[] = [];

  const start = (arch: string): AgentProcess =>
    startAgent(server, directory.path, {
      id: `device-${arch}`,
      labels: `fleet=alpha,arch=${arch}`,
      joinToken: token,
      ...(mqtt && { mqtt }),
      args: ['--poll', '1s'],
    });
  const program = (agent: AgentProcess): string => join(agent.root, 'usr/bin/logger');
  const hasVersion = (agent: AgentProcess, version: string): boolean =>
    existsSync(program(agent)) &&
    readFileSync(program(agent), 'utf8').includes(`logger ${version} for ${agent.id.slice(7)}`);
  const says = () => agents.map(({ running }) => running.stderr()).join('\n');
  const all = (version: string) =>
    until(
      () => agents.every((agent) => hasVersion(agent, version)),
      () => `not all have ${version}:\n${says()}`,
    );
  const converged = () =>
    until(
      async () => {
        const devices = await server.ctlJson<DeviceView[]>(['device', 'list']);
        return (
          devices.length === 3 &&
          devices.every((device) => device.converged && device.online) &&
          devices
        );
      },
      () => `not converged:\n${says()}`,
    );
  const setSpec = async (version: string, args: string[] = []) => {
    const file = join(directory.path, 'spec.yaml');
    writeFileSync(file, JSON.stringify(loggerSpec(version)));
    const result = await server.ctl(['spec', 'upload', file, ...args]);
    expect(result.stderr + result.status).toBe('0');
  };

  beforeAll(async () => {
    server = await startServer(directory.path);
    token = await joinToken(server);
    for (const arch of archs) {
      await uploadPacket(server, join(directory.path, `logger-1-${arch}`), logger('1.0.0', arch));
    }
    await setSpec('1.0.0');
    agents = archs.map(start);
  });

  afterAll(async () => {
    await Promise.all([...agents.map((agent) => agent.stop()), server?.stop()]);
    directory.remove();
  });

  it('each device gets exactly the logger built for its architecture', async () => {
    await all('1.0.0');
    const devices = await converged();
    expect(devices.map((device) => device.transport)).toEqual([transport, transport, transport]);
    for (const device of devices) {
      const packets = device.reported?.packets ?? [];
      expect(packets.map(({ name, status }) => [name, status])).toEqual([['logger', 'installed']]);
    }
  });

  it('explains the choice', async () => {
    const { stdout } = await server.ctl(['explain', 'device-armv7l', 'logger']);
    expect(stdout).toContain('logger-spec');
    expect(stdout).toContain('arch=amd64');
  });

  it('every device follows a change of the spec', async () => {
    for (const arch of archs) {
      await uploadPacket(server, join(directory.path, `logger-2-${arch}`), logger('1.1.0', arch));
    }
    await setSpec('1.1.0');
    await all('1.1.0');
    await converged();
  });

  it('the server stops, the devices stay as they are; killed and restarted in any order they converge', async () => {
    await server.stop('SIGKILL');
    expect(agents.every((agent) => hasVersion(agent, '1.1.0'))).toBe(true);
    await agents[0]?.stop('SIGKILL');
    const ports = ['--http', new URL(server.http).host, '--mqtt', new URL(server.mqtt).host];
    server = await startServer(directory.path, ports);
    agents[0] = start(archs[0] as string);
    await agents[1]?.stop('SIGKILL');
    await setSpec('1.0.0');
    agents[1] = start(archs[1] as string);
    await all('1.0.0');
    await converged();
  });

  it('goes back to an earlier revision of the spec', async () => {
    const result = await server.ctl(['spec', 'rollback', 'logger-spec', '--to', '2']);
    expect(result.stderr + result.status).toBe('0');
    await all('1.1.0');
  });

  it('deleting the spec needs the number of removals, and then the devices are empty', async () => {
    const refused = await server.ctl(['spec', 'delete', 'logger-spec']);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('--confirm-removals 3');
    const confirmed = await server.ctl([
      'spec',
      'delete',
      'logger-spec',
      '--confirm-removals',
      '3',
    ]);
    expect(confirmed.stderr + confirmed.status).toBe('0');
    await until(() => agents.every((agent) => !existsSync(join(agent.root, 'usr'))), says);
  });
});
