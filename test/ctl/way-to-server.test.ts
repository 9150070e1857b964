import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenView } from '../../proto/api.ts';
import { type RealServer, startRealServer } from './real-server.ts';

const directory = mkdtempSync(join(tmpdir(), 'jamesd-ctl-'));
const path = (...parts: string[]): string => join(directory, ...parts);
let server: RealServer;

beforeAll(async () => {
  server = await startRealServer(directory);
}, 60_000);

afterAll(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

describe('tokens', () => {
  it('a join token carries labels, uses and an end', async () => {
    const created = await server.json<TokenView & { token: string }>([
      ...[
        'token',
        'create',
        '--join',
        '--labels',
        'site=berlin',
        '--uses',
        '2',
        '--expires',
        '24h',
      ],
    ]);
    expect(created).toMatchObject({ kind: 'join', labels: { site: 'berlin' }, usesLeft: 2 });
    expect(created.token).not.toBe('');
    const listed = await server.json<TokenView[]>(['token', 'list']);
    expect(listed.find(({ id }) => id === created.id)).not.toHaveProperty('token');
    expect((await server.ctl(['token', 'delete', created.id])).status).toBe(0);
    expect((await server.json<TokenView[]>(['token', 'list'])).map(({ id }) => id)).not.toContain(
      created.id,
    );
  });

  it('without JSON the token alone is on stdout', async () => {
    const { stdout } = await server.ctl(['token', 'create', '--operator']);
    const { status } = await server.ctl(['spec', 'list', '--token', stdout.trim()]);
    expect(status).toBe(0);
  });
});

describe('the way to the server', () => {
  it('doctor finds everything well', async () => {
    const checks = await server.json<{ check: string; result: string }[]>(['doctor']);
    expect(checks.map(({ check, result }) => [check, result])).toEqual(
      ['config', 'address', 'server', 'clock', 'ready', 'token', 'version', 'updates'].map(
        (check) => [check, 'ok'],
      ),
    );
  });

  it('doctor says what to do about a wrong token', async () => {
    const { status, stdout } = await server.ctl(['doctor', '--token', 'wrong']);
    expect(status).toBe(1);
    expect(stdout).toMatch(/token +failed/);
    expect(stdout).toContain('the server refuses it (from --token)');
    expect(stdout).toContain('jamesd-ctl login');
  });

  it('login keeps a context that later commands use; a wrong token is not kept', async () => {
    const config = path('config', 'ctl.yaml');
    const env = { JAMESD_SERVER: '', JAMESD_TOKEN: '', JAMESD_CTL_CONFIG: config };
    const wrong = await server.ctl(['login', 'here', '--server', server.url], {
      env,
      stdin: 'wrong\n',
    });
    expect([wrong.status, wrong.stderr]).toEqual([1, expect.stringContaining('(unauthenticated)')]);
    const right = await server.ctl(['login', 'here', '--server', server.url], {
      env,
      stdin: `${server.token}\n`,
    });
    expect([right.status, right.stdout]).toEqual([0, 'here\n']);
    expect((await server.ctl(['spec', 'list'], { env })).status).toBe(0);
    expect(
      (await server.ctl(['login', 'typed', '--server', server.url], { env, secret: server.token }))
        .status,
    ).toBe(0);
    expect((await server.ctl(['spec', 'list', '--context', 'here'], { env })).status).toBe(0);
  });
});
