import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { joinToken } from '../support/example.ts';
import {
  run,
  type ServerProcess,
  startServer,
  temporaryDirectory,
  until,
} from '../support/fleet.ts';

/** The agent as a person meets it: its exit statuses, its status, its lock. */
describe('jamesc', () => {
  const directory = temporaryDirectory();
  const state = join(directory.path, 'state');
  const root = join(directory.path, 'root');
  let server: ServerProcess;
  let token: string;

  const args = (...more: string[]): string[] => [
    'run',
    ...['--server', server.http, '--mqtt', server.mqtt, '--id', 'desk-1', '--root', root],
    ...more,
  ];
  const jamesc = (...more: string[]) => run('jamesc', more).ended;

  beforeAll(async () => {
    server = await startServer(directory.path);
    token = await joinToken(server);
  });
  afterAll(async () => {
    await server?.stop();
    directory.remove();
  });

  it('says its version and facts on stdout, and nothing else', async () => {
    const version = await jamesc('--version');
    expect([version.status, version.stderr]).toEqual([0, '']);
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const facts = await jamesc('facts', '-o', 'json');
    expect(JSON.parse(facts.stdout)).toHaveProperty('arch');
    expect(facts.stderr).toBe('');
  });

  it('without a server it is a mistake of usage', async () => {
    const ended = await jamesc('run');
    expect([ended.status, ended.stdout]).toEqual([2, '']);
    expect(ended.stderr).toContain('--server');
  });

  it('joins and converges once; the identity serves the next run over the other transport', async () => {
    const first = await jamesc(...args('--state', state, '--join-token', token, '--once'));
    expect(first.stderr + first.status).toMatch(/0$/);
    const second = await jamesc(...args('--state', state, '--mqtt', 'off', '--once'));
    expect(second.stderr + second.status).toMatch(/0$/);
    const status = await jamesc('status', '--state', state, '-o', 'json');
    expect(JSON.parse(status.stdout)).toMatchObject({
      running: false,
      device: 'desk-1',
      phase: 'idle',
    });
  });

  it('once, for an id that is taken: 3 until an operator approved', async () => {
    const other = join(directory.path, 'other');
    const join_ = args('--state', other, '--join-token', token, '--once');
    const refused = await jamesc(...join_);
    expect(refused.status).toBe(3);
    expect(refused.stderr).toContain('jamesd-ctl device approve desk-1');
    expect((await server.ctl(['device', 'approve', 'desk-1'])).status).toBe(0);
    expect((await jamesc(...join_)).status).toBe(0);
  });

  it('a second agent on one state directory refuses to start, naming the first', async () => {
    const own = join(directory.path, 'own');
    const first = run('jamesc', [
      ...args('--state', own, '--join-token', token),
      ...['--id', 'desk-2'],
    ]);
    await until(
      () => first.stderr().includes('Connected.'),
      () => first.stderr(),
    );
    const second = await jamesc(...args('--state', own));
    expect(second.status).toBe(1);
    expect(second.stderr).toContain('state-locked');
    expect(second.stderr).toContain(String(first.process.pid));
    const running = await jamesc('status', '--state', own);
    expect(running.stdout).toContain(`process ${first.process.pid}`);
    expect((await first.stop()).status).toBe(0);
  });
});
