import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig, SETTINGS, variableOf } from '../../agent/config.ts';
import { readConfigFile } from '../../agent/config-file.ts';
import { failure } from '../support/failure.ts';

const server = 'http://hub:7600';
const file = (text: string) => readConfigFile('/etc/jamesc.yaml', text);

describe('the configuration of the agent', () => {
  it('needs a server only', () => {
    expect(readConfig({ server }, {}, {})).toEqual({
      server: new URL(server),
      mqtt: 'mqtt://hub:1883',
      pollMs: 30_000,
      joinToken: null,
      id: null,
      labels: {},
      root: '/',
      state: '/var/lib/jamesc',
      once: false,
      packages: 'auto',
      drivers: '/usr/lib/jamesc/drivers',
      reboot: 'systemctl reboot',
      bootId: '/proc/sys/kernel/random/boot_id',
      logLevel: 'info',
    });
    expect(failure(() => readConfig({}, {}, {})).message).toContain('--server');
  });

  it('a flag wins over the environment, that over the file', () => {
    const text = 'server: http://file\nid: file\nroot: /file\n';
    const env = { JAMESC_ID: 'env', JAMESC_ROOT: '/env' };
    const config = readConfig({ root: '/flag' }, env, file(text));
    expect([config.server.host, config.id, config.root]).toEqual(['file', 'env', '/flag']);
  });

  it('every setting has a flag, a variable and a key that mean the same', () => {
    const values: Record<string, string> = {
      server,
      mqtt: 'wss://hub:443/mqtt',
      poll: '5m',
      joinToken: 'abc',
      id: 'buoy-17',
      labels: 'fleet=alpha,version=1.10',
      root: '/srv/root',
      state: '/srv/state',
      drivers: '/srv/drivers',
      once: 'true',
      logLevel: 'debug',
    };
    const yaml = Object.entries({ ...values, labels: '{fleet: alpha, version: 1.10}' })
      .map(([key, value]) => `${key}: ${value}`)
      .join('\n');
    const env = Object.fromEntries(
      SETTINGS.map(({ key, flag }) => [variableOf(flag), values[key] ?? '']),
    );
    const fromFlags = readConfig(values, {}, {});
    expect(readConfig({}, env, {})).toEqual(fromFlags);
    expect(readConfig({}, {}, file(yaml))).toEqual(fromFlags);
    expect(fromFlags.labels).toEqual({ fleet: 'alpha', version: '1.10' });
    expect(variableOf('join-token')).toBe('JAMESC_JOIN_TOKEN');
  });

  it.each([
    ['http://hub:7600', undefined, 'mqtt://hub:1883'],
    ['https://hub', undefined, 'mqtts://hub:8883'],
    ['http://[::1]:7600', undefined, 'mqtt://[::1]:1883'],
    ['http://hub', 'off', null],
    ['http://hub', 'ws://hub:7600/mqtt', 'ws://hub:7600/mqtt'],
  ])('%s with --mqtt %s uses %s', (url, mqtt, expected) => {
    expect(readConfig({ server: url, ...(mqtt && { mqtt }) }, {}, {}).mqtt).toBe(expected);
  });

  it('takes directories from where it was started', () => {
    const { root, state } = readConfig({ server: 'http://hub', root: 'r', state: '../s' }, {}, {});
    expect([root, state]).toEqual([resolve('r'), resolve('../s')]);
  });

  it.each([
    [{ server: 'hub:7600' }, '--server'],
    [{ server, mqtt: 'http://hub' }, '--mqtt'],
    [{ server, poll: '30' }, '--poll'],
    [{ server, labels: 'a=b,a=c' }, '--labels'],
    [{ server, labels: 'a' }, '--labels'],
    [{ server, root: '' }, '--root'],
    [{ server, logLevel: 'loud' }, '--log-level'],
    [{ server, id: 'token' }, 'token'],
    [{ server, id: '../x' }, '../x'],
  ])('%j is refused, naming the place', (flags, place) => {
    const error = failure(() => readConfig(flags, {}, {}));
    expect([error.code, error.message]).toEqual(['usage', expect.stringContaining(place)]);
  });

  it('an error in a variable names the variable', () => {
    const env = { JAMESC_POLL: 'soon' };
    expect(failure(() => readConfig({ server }, env, {})).message).toContain('JAMESC_POLL');
  });

  it.each([
    ['server: http://hub\nserver: http://hub2\n', 'duplicate-key', 'line 2'],
    ['server: http://hub\nserverr: x\n', 'unknown-key', 'line 2'],
    ['server: http://hub\npoll: 30\n', 'bad-config', 'line 2'],
    ['server: [\n', 'bad-yaml', 'line'],
    ['server: http://hub\n---\nid: x\n', 'bad-config', 'one YAML document'],
  ])('an error in the file names file and line: %j', (text, code, place) => {
    const error = failure(() => readConfig({}, {}, file(text)));
    expect(error.code).toBe(code);
    expect(error.message).toContain(place);
    expect(error.message).toContain('/etc/jamesc.yaml');
  });
});
