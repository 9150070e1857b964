import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatAddress, isLoopback, parseAddress } from '../../server/address.ts';
import { describeSetting, loadConfig } from '../../server/config.ts';
import { failure } from '../support/failure.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

function file(text: string): string {
  const path = join(temporaryDirectory(), 'jamesd.yaml');
  writeFileSync(path, text);
  return path;
}

describe('the configuration', () => {
  it('has defaults that only this machine can reach', () => {
    expect(loadConfig({ flags: {}, env: {} })).toMatchObject({
      http: { host: '127.0.0.1', port: 7600 },
      mqtt: { host: '127.0.0.1', port: 1883 },
      data: join(process.cwd(), 'data'),
      removalPercent: 20,
      insecure: false,
    });
  });

  it('takes a flag before a variable before the file before the default', () => {
    const config = file('http: 1001\nmqtt: 1002\nlogLevel: warn\nremovalPercent: 5\n');
    const env = { JAMESD_HTTP: '2001', JAMESD_MQTT: '2002', JAMESD_TOKEN_FILE: '/t' };
    const loaded = loadConfig({ flags: { config, http: '3001' }, env });
    expect(loaded).toMatchObject({
      http: { port: 3001 },
      mqtt: { port: 2002 },
      logLevel: 'warn',
      removalPercent: 5,
      tokenFile: '/t',
      eventDays: 30,
    });
    const fromEnv = loadConfig({
      flags: {},
      env: { JAMESD_CONFIG: config, JAMESD_INSECURE: 'true' },
    });
    expect(fromEnv).toMatchObject({ http: { port: 1001 }, insecure: true });
  });

  it('names files of sources', () => {
    const config = file('sources:\n  files: [/etc/jamesd/sources.yaml, config.xml]\n');
    expect(loadConfig({ flags: { config }, env: {} }).sources.files).toEqual([
      '/etc/jamesd/sources.yaml',
      'config.xml',
    ]);
    expect(loadConfig({ flags: {}, env: {} }).sources.files).toEqual([]);
    const wrong = file('sources:\n  files: config.xml\n  file: x\n');
    const error = failure(() => loadConfig({ flags: { config: wrong }, env: {} }));
    expect(error.message).toMatch(/jamesd\.yaml:1:1, sources, files?: /);
  });

  it.each([
    [{ http: 'x:y' }, {}, /^--http: "x:y" is no address/],
    [{}, { JAMESD_MQTT: '99999' }, /^JAMESD_MQTT: "99999" is no address/],
    [{ http: '0.0.0.0:80' }, {}, /^--http: others could reach 0\.0\.0\.0.*--insecure/],
    [{}, { JAMESD_MAX_PACKET_BYTES: 'many' }, /^JAMESD_MAX_PACKET_BYTES: must be integer/],
    [{ logLevel: 'loud' }, {}, /^--log-level: must be one of debug, info/],
    [
      { config: '/nowhere/x.yaml' },
      {},
      /^The configuration \/nowhere\/x.yaml cannot be read \(ENOENT\)/,
    ],
  ])('says where the fault of %j %j is', (flags, env, message) => {
    expect(failure(() => loadConfig({ flags, env })).message).toMatch(message);
  });

  it.each([
    ['http: 80\nhtpp: 81\n', /jamesd\.yaml:2:\d+, htpp: is not a known key/],
    ['eventDays: soon\n', /jamesd\.yaml:1:\d+, eventDays: must be integer/],
    ['http: 80\nhttp: 81\n', /jamesd\.yaml.*2.*a key stands twice/],
    ['- a\n', /must be one mapping/],
  ])('says where in the file %j the fault is', (text, message) => {
    const config = file(text);
    expect(failure(() => loadConfig({ flags: { config }, env: {} })).message).toMatch(message);
  });

  it('describes its settings', () => {
    expect(describeSetting('http')).toBe('address of HTTP (default 127.0.0.1:7600)');
    expect(describeSetting('tokenFile')).toBe("holds the operator's token; made if absent");
  });
});

describe('addresses', () => {
  it.each([
    ['0', '127.0.0.1', 0],
    ['localhost:80', 'localhost', 80],
    ['[::1]:80', '::1', 80],
    ['0.0.0.0:65535', '0.0.0.0', 65_535],
  ])('%s is %s %i', (text, host, port) => {
    const address = parseAddress(text);
    expect(address).toEqual({ host, port });
    expect(parseAddress(formatAddress(address))).toEqual(address);
  });

  it.each(['', ':80', 'a b:80', '::1:80', '[127.0.0.1]:80', '65536', '-1', '80x', 'http://x:80'])(
    '%j is none',
    (text) => {
      expect(failure(() => parseAddress(text)).code).toBe('bad-config');
    },
  );

  it('on this machine alone are told from others', () => {
    const loopback = (text: string) => isLoopback(parseAddress(text));
    expect(['80', 'localhost:80', '[::1]:80', '127.3.2.1:80'].every(loopback)).toBe(true);
    expect(['0.0.0.0:80', '[::]:80', '10.0.0.1:80', '127.evil.example.org:80'].some(loopback)).toBe(
      false,
    );
  });
});
