import { describe, expect, it } from 'vitest';
import { type Actions, runProgram } from '../../../agent/commands/program.ts';
import { showFacts, showStatus } from '../../../agent/commands/show.ts';
import { showPackages } from '../../../agent/commands/show-packages.ts';
import { readConfig } from '../../../agent/config.ts';
import { JamesError } from '../../../proto/errors.ts';

/** Runs a command line with actions that only note what they were given. */
async function type(line: string, env: Record<string, string> = {}, act?: Actions['run']) {
  const given: unknown[][] = [];
  const written = { out: '', error: '' };
  const note =
    (name: string) =>
    async (...args: unknown[]): Promise<number> => {
      given.push([name, ...args]);
      return 7;
    };
  const actions: Actions = {
    run: act ?? note('run'),
    facts: note('facts'),
    status: note('status'),
    packages: note('packages'),
    check: note('check'),
    faults: note('faults'),
    driverTest: note('driver test'),
    hold: note('hold'),
    release: note('release'),
    holds: note('holds'),
  };
  const status = await runProgram(line.split(' ').filter(Boolean), {
    actions,
    env,
    writeOut: (text) => {
      written.out += text;
    },
    writeError: (text) => {
      written.error += text;
    },
  });
  return { status, given, ...written };
}

describe('the command line of jamesc', () => {
  it('run takes every setting as a flag', async () => {
    const line =
      'run --server http://h --mqtt off --poll 5s --join-token T --id i --labels a=b --root /r --state /s --once --log-level warn';
    const { status, given } = await type(line);
    expect(status).toBe(7);
    const flags = {
      server: 'http://h',
      mqtt: 'off',
      poll: '5s',
      joinToken: 'T',
      id: 'i',
      labels: 'a=b',
      root: '/r',
      state: '/s',
      once: 'true',
      logLevel: 'warn',
    };
    expect(given).toEqual([['run', flags, null]]);
    expect(readConfig(flags, {}, {})).toMatchObject({ once: true, mqtt: null });
  });

  it('the configuration file is a flag or a variable', async () => {
    expect((await type('run --config /c.yaml')).given).toEqual([['run', {}, '/c.yaml']]);
    expect((await type('run', { JAMESC_CONFIG: '/e.yaml' })).given[0]?.[2]).toBe('/e.yaml');
  });

  it('driver test', async () => {
    const request = {
      ...{ file: '/d', packets: ['/1', '/2'], root: '/r' },
      ...{ timeoutMs: 5000, only: 'remove', verbose: false, format: 'json' },
    };
    const line =
      'driver test /d --packet /1 --packet /2 --root /r --timeout 5s --only remove -o json';
    expect((await type(line)).given).toEqual([['driver test', request]]);
    expect((await type('driver test /d')).status).toBe(2);
  });

  it('facts and status', async () => {
    expect((await type('facts -o json')).given).toEqual([['facts', 'json']]);
    expect((await type('status --state /s')).given).toEqual([['status', '/s', 'text']]);
    expect((await type('status', { JAMESC_STATE: '/e' })).given).toEqual([
      ['status', '/e', 'text'],
    ]);
  });

  it('packages', async () => {
    expect((await type('packages --root /r --state /s -o json')).given).toEqual([
      ['packages', { root: '/r', state: '/s' }, 'json'],
    ]);
    const view = {
      manager: 'apt',
      lock: null,
      installed: 3,
      packages: [
        { name: 'libx', version: '1', arch: 'all', auto: true, locked: true, managed: true },
      ],
      wrong: [{ name: 'app', status: 'missing' as const, error: null }],
    };
    expect(showPackages(view, 'text')).toBe(
      'manager    apt\nlock       none\ninstalled  3, of which 1 concern jamesd\npackages\n  libx 1 all, a prerequisite, by jamesd\nwrong\n  app missing\n',
    );
    expect(JSON.parse(showPackages(view, 'json'))).toEqual(view);
  });

  it('hold, release and holds', async () => {
    const state = '/var/lib/jamesc';
    const asked = async (line: string, env = {}) => (await type(line, env)).given;
    expect(await asked('hold load')).toEqual([
      ['hold', { state, name: 'load', forMs: null, command: [] }],
    ]);
    expect(await asked('hold load --for 2h --state /s')).toEqual([
      ['hold', { state: '/s', name: 'load', forMs: 7_200_000, command: [] }],
    ]);
    expect(await asked('hold load -- run --fast -x', { JAMESC_STATE: '/e' })).toEqual([
      ['hold', { state: '/e', name: 'load', forMs: null, command: ['run', '--fast', '-x'] }],
    ]);
    expect(await asked('release load')).toEqual([['release', state, 'load']]);
    expect(await asked('holds -o json')).toEqual([['holds', state, 'json']]);
  });

  it('prints its version on stdout', async () => {
    const { status, out, error } = await type('--version');
    expect([status, out.trim(), error]).toEqual([0, '0.0.0-source', '']);
  });

  it.each([
    '',
    'nonsense',
    'run --nonsense',
    'run --poll',
    'facts -o yaml',
    'hold',
    'hold a/b',
    'hold x --for 5',
    'hold x --for 1h -- y',
    'release ../x',
  ])('%j is a mistake of the person: 2, on stderr', async (line) => {
    const { status, out, error } = await type(line);
    expect([status, out]).toEqual([2, '']);
    expect(error).not.toBe('');
  });

  it('a command that fails ends with 1, one with wrong settings with 2', async () => {
    const failing = (code: 'state-locked' | 'usage') => async () => {
      throw new JamesError(code, 'Say something.');
    };
    const locked = await type('run', {}, failing('state-locked'));
    expect([locked.status, locked.error]).toEqual([1, 'jamesc: Say something. (state-locked)\n']);
    expect((await type('run', {}, failing('usage'))).status).toBe(2);
  });
});

describe('what is shown', () => {
  it('facts as lines or JSON', () => {
    expect(showFacts({ os: 'debian', arch: 'amd64' }, 'text')).toBe('os=debian\narch=amd64\n');
    expect(JSON.parse(showFacts({ os: 'debian' }, 'json'))).toEqual({ os: 'debian' });
  });

  it('the status for people and for programs', () => {
    const status = {
      schema: 'jamesc.status/1' as const,
      device: 'buoy-17',
      pid: 5,
      at: '2026-01-01T00:00:00.000Z',
      phase: 'failed' as const,
      reason: 'postinst ended with 1',
      retryAt: '2026-01-01T00:01:00.000Z',
      transport: 'mqtt',
      seen: { epoch: 'e', revision: 2, digest: 'd' },
      installed: { epoch: 'e', revision: 1, digest: 'd' },
      packets: [{ name: 'logger', id: null, status: 'installed', error: 'exit 1' }],
    };
    const text = showStatus(status, true, 'text');
    for (const part of ['buoy-17', 'process 5', 'postinst', '1 of 2', 'logger installed: exit 1'])
      expect(text).toContain(part);
    expect(showStatus(status, false, 'text')).toContain('ended');
    expect(JSON.parse(showStatus(status, true, 'json'))).toMatchObject({
      running: true,
      device: 'buoy-17',
      installed: { revision: 1 },
    });
  });
});
