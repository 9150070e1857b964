import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { writePacketSource } from '../support/example.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { type CtlOptions, ctl } from './run-ctl.ts';

/** By hand, on a machine without an agent. */
describe('packet install and uninstall', () => {
  let cwd = '';
  const place = ['--root', 'root', '--state', 'state'];
  const run = (argv: string[], options: CtlOptions = {}) => ctl(argv, { cwd, ...options });
  const build = async (version: string): Promise<string> => {
    const source = writePacketSource(join(cwd, `source-${version}`), {
      name: 'logger',
      labels: { version },
      files: { 'usr/bin/logger': `#!/bin/sh\necho ${version}\n` },
      scripts: { postinst: `#!/bin/sh\necho "$JAMESD_ACTION $JAMESD_NEW_VERSION"\n` },
    });
    return (await run(['packet', 'build', source])).stdout.trim();
  };
  const program = () => readFileSync(join(cwd, 'root/usr/bin/logger'), 'utf8');
  beforeEach(() => {
    cwd = temporaryDirectory();
    mkdirSync(join(cwd, 'root'));
  });

  it('put files in place, tell what scripts say, and take the files away', async () => {
    const file = await build('1.0.0');
    const installed = await run(['packet', 'install', file, ...place]);
    expect([installed.status, installed.stdout]).toEqual([0, 'logger 1.0.0  installed\n']);
    expect(installed.stderr).toContain('install 1.0.0');
    expect(program()).toContain('echo 1.0.0');
    const again = await run(['packet', 'install', file, ...place]);
    expect(again).toEqual({ status: 0, stdout: 'logger 1.0.0  unchanged\n', stderr: '' });
    const removed = await run(['packet', 'uninstall', 'logger', ...place]);
    expect([removed.status, removed.stdout]).toEqual([0, 'logger 1.0.0  removed\n']);
    expect(existsSync(join(cwd, 'root/usr'))).toBe(false);
  });

  it('upgrade, and remove by file and by the beginning of the id', async () => {
    const [first, second] = [await build('1.0.0'), await build('2.0.0')];
    await run(['packet', 'install', first, ...place]);
    const { stdout } = await run(['packet', 'install', second, ...place, '-o', 'json']);
    const upgraded = JSON.parse(stdout) as { id: string; change: string; origin: string };
    expect(upgraded).toMatchObject({
      change: 'upgraded',
      origin: 'manual',
      labels: { version: '2.0.0' },
    });
    expect((await run(['packet', 'uninstall', first, ...place])).stderr).toContain('(not-found)');
    expect((await run(['packet', 'uninstall', upgraded.id.slice(0, 20), ...place])).status).toBe(0);
  });

  it('take root and state from the agent’s environment', async () => {
    const env = { JAMESC_ROOT: join(cwd, 'root'), JAMESC_STATE: join(cwd, 'state') };
    expect((await run(['packet', 'install', await build('1.0.0')], { env })).status).toBe(0);
    expect(program()).toContain('1.0.0');
  });

  it('say what is not there', async () => {
    const none = await run(['packet', 'uninstall', 'nothing', ...place]);
    expect([none.status, none.stderr]).toEqual([1, expect.stringContaining('(not-found)')]);
    const prefix = await run(['packet', 'uninstall', 'sha256:00000000', ...place]);
    expect([prefix.status, prefix.stderr]).toEqual([1, expect.stringContaining('(not-found)')]);
    const file = await run(['packet', 'install', './none.jpk', ...place]);
    expect(file.stderr).toBe('jamesd-ctl: There is no file ./none.jpk. (not-found)\n');
  });
});
