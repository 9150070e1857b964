import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { configPath, loadConfig, saveConfig } from '../../ctl/config-file.ts';
import { type ConnectionFlags, findConnection, normalServer } from '../../ctl/connection.ts';
import { failure } from '../support/failure.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const config = `current: berlin
contexts:
  berlin: {server: "https://berlin.example.org", token: token-of-berlin}
  local: {server: "http://127.0.0.1:7600", token: token-of-local}
`;

describe('which server and which token', () => {
  let file = '';
  const find = (flags: ConnectionFlags, env: Record<string, string> = {}) =>
    findConnection({ config: file, ...flags }, { env, home: '/nonexistent' });
  beforeEach(() => {
    file = join(temporaryDirectory(), 'ctl.yaml');
    writeFileSync(file, config);
  });

  it('without anything is loopback, and no token', async () => {
    const found = await find({ config: '/nonexistent/ctl.yaml' });
    expect(found).toMatchObject({ server: 'http://127.0.0.1:7600', token: null, context: null });
  });

  it('is the current context', async () => {
    expect(await find({})).toMatchObject({
      server: 'https://berlin.example.org',
      token: 'token-of-berlin',
      serverFrom: 'context berlin',
    });
  });

  it('is the environment before the current context', async () => {
    const env = { JAMESD_SERVER: 'http://other.example.org:1', JAMESD_TOKEN: 't' };
    expect(await find({}, env)).toMatchObject({ server: 'http://other.example.org:1', token: 't' });
  });

  it('is a context named by flag before the environment, and flags before all', async () => {
    const env = { JAMESD_SERVER: 'http://other.example.org', JAMESD_TOKEN: 't' };
    expect(await find({ context: 'local' }, env)).toMatchObject({
      server: 'http://127.0.0.1:7600',
      token: 'token-of-local',
    });
    const flags = { context: 'local', server: 'here.example.org', token: 'u' };
    expect(await find(flags, env)).toMatchObject({
      server: 'http://here.example.org',
      token: 'u',
      tokenFrom: '--token',
    });
  });

  it('never sends the token of a context to another server', async () => {
    expect(await find({ server: 'http://other.example.org' })).toMatchObject({ token: null });
    expect(await find({ server: 'https://berlin.example.org/' })).toMatchObject({
      token: 'token-of-berlin',
    });
    expect(await find({}, { JAMESD_SERVER: 'http://other.example.org' })).toMatchObject({
      token: null,
    });
  });

  it('refuses a context that there is not, saying which there are', async () => {
    await expect(find({ context: 'none' })).rejects.toThrow('there are berlin, local');
  });

  it.each([
    ['hub.example.org', 'http://hub.example.org'],
    ['https://hub.example.org/jamesd/', 'https://hub.example.org/jamesd'],
    ['http://[::1]:7600', 'http://[::1]:7600'],
  ])('takes %s as %s', (text, server) => expect(normalServer(text, '--server')).toBe(server));

  it.each(['ftp://x', 'http://', 'http://a b', 'http://user@x', 'http://x?y'])(
    'refuses %s',
    (text) => {
      expect(failure(() => normalServer(text, '--server'))).toMatchObject({ code: 'usage' });
    },
  );
});

describe('the config file', () => {
  it('is where XDG says', () => {
    expect(configPath({}, '/home/ada')).toBe('/home/ada/.config/jamesd/ctl.yaml');
    expect(configPath({ XDG_CONFIG_HOME: '/x' }, '/home/ada')).toBe('/x/jamesd/ctl.yaml');
    expect(configPath({ XDG_CONFIG_HOME: '/x' }, '/home/ada', 'mine.yaml')).toBe('mine.yaml');
  });

  it('is for its owner only, and reads as it was written', async () => {
    const file = join(temporaryDirectory(), 'deep', 'ctl.yaml');
    const content = {
      current: 'a',
      contexts: { a: { server: 'http://x', token: '1.10' }, b: { server: 'http://y' } },
    };
    await saveConfig(file, content);
    expect(await loadConfig(file)).toEqual(content);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await saveConfig(file, { current: 'b' });
    expect(readFileSync(file, 'utf8')).toBe('current: b\n');
  });

  it.each([
    ['x: 1\n', 'unknown-key'],
    ['contexts: {a: {server: 5}}\n', 'bad-config'],
    ['contexts: {a: {server: x}, a: {server: y}}\n', 'duplicate-key'],
    ['a: [\n', 'bad-yaml'],
  ])('%j is refused with %s, naming the file', async (text, code) => {
    const file = join(temporaryDirectory(), 'ctl.yaml');
    writeFileSync(file, text);
    const error = await loadConfig(file).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code, message: expect.stringContaining(file) });
  });

  it('that cannot be read is an error', async () => {
    const directory = join(temporaryDirectory(), 'ctl.yaml');
    mkdirSync(directory);
    await expect(loadConfig(directory)).rejects.toMatchObject({ code: 'bad-config' });
  });
});
