import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { ctl } from './run-ctl.ts';

/** All without a server. */
describe('packet init', () => {
  it('makes a directory that builds as it is', async () => {
    const cwd = temporaryDirectory();
    const made = await ctl(
      ['packet', 'init', 'new', '-n', 'logger', '-l', 'version=1.10,arch=armv7l'],
      { cwd },
    );
    expect(made).toEqual({ status: 0, stdout: 'new\n', stderr: '' });
    expect(readdirSync(join(cwd, 'new')).sort()).toEqual(['control.yaml', 'data', 'scripts']);
    const built = await ctl(['packet', 'build', 'new'], { cwd });
    expect(built).toEqual({ status: 0, stdout: 'logger_1.10_armv7l.jpk\n', stderr: '' });
  });

  it('takes the present directory if it is empty, and refuses one that is not', async () => {
    const cwd = temporaryDirectory();
    expect((await ctl(['packet', 'init', '-n', 'logger'], { cwd })).status).toBe(0);
    const again = await ctl(['packet', 'init', '-n', 'logger'], { cwd });
    expect([again.status, again.stderr]).toEqual([1, expect.stringContaining('(already-exists)')]);
  });

  it('refuses a name that no packet can have', async () => {
    const cwd = temporaryDirectory();
    const { status, stderr } = await ctl(['packet', 'init', 'x', '-n', '../x'], { cwd });
    expect([status, stderr]).toEqual([2, expect.stringContaining('is no name for a packet')]);
    expect(existsSync(join(cwd, 'x'))).toBe(false);
  });
});

describe('packet build', () => {
  const source = (directory: string, control = 'name: logger\n'): string => {
    mkdirSync(join(directory, 'data', 'bin'), { recursive: true });
    writeFileSync(join(directory, 'control.yaml'), control);
    writeFileSync(join(directory, 'data', 'bin', 'logger'), '#!/bin/sh\n');
    chmodSync(join(directory, 'data', 'bin', 'logger'), 0o755);
    for (const path of ['data/bin/logger', 'data/bin', 'data'])
      utimesSync(join(directory, path), 1e9, 1e9);
    return directory;
  };

  it('gives the same id for the same tree, wherever it stands', async () => {
    const ids = [];
    for (const name of ['one', 'two']) {
      const cwd = temporaryDirectory();
      source(join(cwd, name));
      const { stdout } = await ctl(['packet', 'build', name, '-f', 'out.jpk', '-o', 'json'], {
        cwd,
      });
      ids.push((JSON.parse(stdout) as { id: string }).id);
    }
    expect(ids[0]).toBe(ids[1]);
  });

  it('never lets SOURCE_DATE_EPOCH be passed', async () => {
    const cwd = source(temporaryDirectory());
    const build = async (env: Record<string, string>) =>
      (
        JSON.parse(
          (await ctl(['packet', 'build', '-f', 'o.jpk', '-o', 'json'], { cwd, env })).stdout,
        ) as { id: string }
      ).id;
    expect(await build({ SOURCE_DATE_EPOCH: '5' })).not.toBe(await build({}));
    expect(await build({ SOURCE_DATE_EPOCH: '2000000000' })).toBe(await build({}));
    const bad = await ctl(['packet', 'build'], { cwd, env: { SOURCE_DATE_EPOCH: 'now' } });
    expect([bad.status, bad.stderr]).toEqual([2, expect.stringContaining('SOURCE_DATE_EPOCH')]);
  });

  it('does not let labelsets overwrite one another', async () => {
    const cwd = temporaryDirectory();
    const files = [];
    for (const labels of [
      '{}',
      '{version: 1}',
      '{version: 1, arch: a}',
      '{version: 1, arch: a, x: y}',
      '{version: 1, arch: a, x: z}',
    ]) {
      source(join(cwd, 'src'), `name: logger\nlabels: ${labels}\n`);
      files.push((await ctl(['packet', 'build', 'src'], { cwd })).stdout.trim());
    }
    expect(new Set(files).size).toBe(5);
    expect(
      readdirSync(cwd)
        .filter((name) => name.endsWith('.jpk'))
        .sort(),
    ).toEqual([...files].sort());
  });

  it.each([
    ['name: logger\nlables: {}\n', 'unknown-key', 'src/control.yaml, line 2, column 1'],
    [
      'name: logger\nlabels: {a: 1, a: 2}\n',
      'duplicate-key',
      'src/control.yaml, line 2, column 16',
    ],
    ['name: ../x\n', 'bad-document', 'src/control.yaml, line 1, column 1'],
  ])('refuses the control file %j with %s', async (control, code, place) => {
    const cwd = temporaryDirectory();
    source(join(cwd, 'src'), control);
    const { status, stderr } = await ctl(['packet', 'build', 'src'], { cwd });
    expect([status, stderr]).toEqual([1, expect.stringContaining(place)]);
    expect(stderr).toContain(`(${code})`);
    expect(readdirSync(cwd)).toEqual(['src']);
  });

  it('says what is missing', async () => {
    const cwd = temporaryDirectory();
    const none = await ctl(['packet', 'build', 'src'], { cwd });
    expect(none.stderr).toContain(
      'src has no control.yaml; make one with: jamesd-ctl packet init src -n NAME (bad-packet)',
    );
    source(join(cwd, 'src'));
    const nowhere = await ctl(['packet', 'build', 'src', '-f', 'no/where.jpk'], { cwd });
    expect(nowhere.stderr).toContain(
      'There is no directory no to put the packet into. (not-found)',
    );
  });
});

describe('packet info of a file', () => {
  it('shows control, scripts and files', async () => {
    const cwd = temporaryDirectory();
    await ctl(['packet', 'init', 'new', '-n', 'logger', '-l', 'version=1.0.0'], { cwd });
    writeFileSync(join(cwd, 'new', 'data', 'file'), 'hello');
    await ctl(['packet', 'build', 'new', '-f', 'x.jpk'], { cwd });
    const { stdout } = await ctl(['packet', 'info', 'x.jpk'], { cwd });
    expect(stdout).toContain('labels  version=1.0.0');
    expect(stdout).toContain('script postinst\n  #!/bin/sh');
    expect(stdout).toMatch(/-rw-r--r-- +0:0 +5 B +\/file\n/);
    const brief = await ctl(['packet', 'info', 'x.jpk', '--brief', '-o', 'json'], { cwd });
    expect(JSON.parse(brief.stdout)).toEqual({
      id: expect.stringMatching(/^sha256:/),
      size: readFileSync(join(cwd, 'x.jpk')).length,
      control: { name: 'logger', labels: { version: '1.0.0' } },
    });
  });

  it('refuses what is cut off', async () => {
    const cwd = temporaryDirectory();
    await ctl(['packet', 'init', 'new', '-n', 'logger'], { cwd });
    await ctl(['packet', 'build', 'new', '-f', 'x.jpk'], { cwd });
    writeFileSync(join(cwd, 'cut.jpk'), readFileSync(join(cwd, 'x.jpk')).subarray(0, 100));
    const { status, stderr } = await ctl(['packet', 'info', 'cut.jpk'], { cwd });
    expect([status, stderr]).toEqual([1, expect.stringContaining('(bad-packet)')]);
  });
});
