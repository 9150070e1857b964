import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApplyResult, SourceView, SpecView } from '../../proto/document-views.ts';
import { bcfg2Fixtures } from '../support/bcfg2-files.ts';
import { type RealServer, startRealServer } from './real-server.ts';
import { ctl } from './run-ctl.ts';

describe('validate', () => {
  it('checks files of Bcfg2, with warnings on stderr', async () => {
    const { status, stdout, stderr } = await ctl(
      ['validate', '-f', 'config/apt.xml', '-f', 'sources/sources.xml', '-o', 'json'],
      { cwd: bcfg2Fixtures },
    );
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toHaveLength(6);
    expect(JSON.parse(stdout)[0]).toMatchObject({ kind: 'Source', file: 'apt.xml', line: 2 });
    expect(stderr).toContain('yum/centos.xml, line 15, column 5: sources of type pac');
  });

  it('tells every fault with line and column, and takes another order with a warning', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'jamesd-bcfg2-'));
    const text =
      '<Sources>\n  <APTSource>\n    <Arch>amd64</Arch>\n    <Url>x</Url>\n  </APTSource>\n</Sources>';
    writeFileSync(join(directory, 'c.xml'), text);
    const { status, stderr } = await ctl(['validate', '-f', 'c.xml'], { cwd: directory });
    expect(status).toBe(1);
    expect(stderr).toContain(
      'c.xml, line 2, column 3: <APTSource> needs URL or RawURL. (bad-document)',
    );
    expect(stderr).toContain('c.xml, line 4, column 5: <Url> may not stand in <APTSource>.');
    rmSync(directory, { recursive: true });
  });

  it('apply says which verb takes them', async () => {
    const { status, stderr } = await ctl(['apply', '-f', 'config/apt.xml'], { cwd: bcfg2Fixtures });
    expect([status, stderr]).toEqual([2, expect.stringContaining('source import takes it')]);
  });
});

describe('source import', () => {
  const directory = mkdtempSync(join(tmpdir(), 'jamesd-bcfg2-'));
  const repository = join(directory, 'bcfg2');
  let server: RealServer;
  interface Imported extends ApplyResult {
    labels: { label: string }[];
    notices: string[];
  }
  const run = (...more: string[]) =>
    server.json<Imported>(['source', 'import', repository, ...more]);

  beforeAll(async () => {
    server = await startRealServer(directory);
    mkdirSync(join(repository, 'Packages'), { recursive: true });
    cpSync(
      join(bcfg2Fixtures, 'config', 'no-metadata.xml'),
      join(repository, 'Packages/config.xml'),
    );
    cpSync(join(bcfg2Fixtures, 'bundles'), join(repository, 'Bundler'), { recursive: true });
  });
  afterAll(async () => {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it('--dry-run tells what would come, and the labels that devices need', async () => {
    const told = await run('--dry-run');
    expect(told.generation).toBeNull();
    expect(told.results.map(({ kind, change }) => `${kind} ${change}`)).toEqual([
      ...Array.from({ length: 5 }, () => 'Spec created'),
      'Source created',
    ]);
    expect(told.labels.map(({ label }) => label)).toEqual([
      'bundle.memory',
      'bundle.pinned',
      'bundle.ssh',
      'group.fedora-12',
      'group.web',
    ]);
    expect(await server.json(['source', 'list'])).toEqual([]);
  });

  it('copies all as one generation; a second time nothing changes', async () => {
    expect((await run()).generation).toBe(1);
    expect((await run()).generation).toBeNull();
    const [source] = await server.json<SourceView[]>(['source', 'list']);
    expect(source).toMatchObject({ metadata: false, message: `import of ${repository}` });
    const memory = await server.json<SpecView>(['spec', 'get', 'memory']);
    expect(memory).toMatchObject({ version: 'auto', priority: 1 });
  });

  it('sends no password on, and shows none', async () => {
    const file = join(bcfg2Fixtures, 'config', 'no-resolver.xml');
    const answers = [await server.ctl(['source', 'import', file, '--dry-run', '-o', 'json'])];
    answers.push(await server.ctl(['source', 'import', file, '-o', 'json']));
    answers.push(await server.ctl(['source', 'list', '-o', 'json']));
    answers.push(await server.ctl(['events', '-o', 'json']));
    expect(answers.map(({ status }) => status)).toEqual([0, 0, 0, 0]);
    expect(JSON.stringify(answers)).not.toContain('s3cret');
    const secrets = await server.ctl(['source', 'secret', 'list', '-o', 'name']);
    expect(secrets.stdout).toBe('source.ubuntu-hardy-amd64-98eb1f51\n');
  });

  it('a table shows what came, the labels, and what was left out on stderr', async () => {
    const { stdout, stderr } = await server.ctl(['source', 'import', repository]);
    expect(stdout).toContain('bundle.ssh');
    expect(stderr).toContain('packages of type pac are not supported');
  });

  it('what is wrong changes nothing', async () => {
    writeFileSync(join(repository, 'Bundler', 'wrong.xml'), '<Bundle><Package/></Bundle>');
    const { status, stderr } = await server.ctl(['source', 'import', repository]);
    expect([status, stderr]).toEqual([1, expect.stringContaining('Bundler/wrong.xml, line 1')]);
    const none = await server.ctl(['source', 'import', join(directory, 'none.xml')]);
    expect([none.status, none.stderr]).toEqual([1, expect.stringContaining('(not-found)')]);
    const key = await server.ctl(['source', 'import', repository, '--signed-by', 'none.gpg']);
    expect([key.status, key.stderr]).toEqual([1, expect.stringContaining('cannot be read')]);
  });
});

describe('sources.files', () => {
  const directory = mkdtempSync(join(tmpdir(), 'jamesd-bcfg2-'));
  const file = join(directory, 'config.xml');
  let server: RealServer;

  beforeAll(async () => {
    cpSync(join(bcfg2Fixtures, 'config', 'no-metadata.xml'), file);
    server = await startRealServer(directory, { sources: JSON.stringify({ files: [file] }) });
  });
  afterAll(async () => {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it('are read at the start, and cannot be changed by hand', async () => {
    const [source] = await server.json<SourceView[]>(['source', 'list']);
    expect(source).toMatchObject({ author: 'file', message: file, metadata: false });
    const { status, stderr } = await server.ctl(['source', 'delete', source?.id ?? '']);
    expect([status, stderr]).toEqual([1, expect.stringContaining(`${file} on the server says`)]);
  });

  it('are read again by reload; a broken one is told and changes nothing', async () => {
    writeFileSync(file, '<Sources><Colour/></Sources>');
    await server.ctl(['source', 'reload']);
    const { stdout } = await server.ctl(['source', 'files']);
    expect(stdout).toContain('unknown-key');
    expect(stdout).toContain('config.xml, line 1, column 10: <Colour> may not stand in <Sources>.');
    expect(await server.json(['source', 'list'])).toHaveLength(1);
    const events = await server.json<{ subject: string }[]>([
      ...['events', '--kind', 'source-file-failed'],
    ]);
    expect(events.map(({ subject }) => subject)).toEqual([file]);
    writeFileSync(file, '<Sources/>');
    await server.ctl(['source', 'refresh']);
    expect(await server.json(['source', 'list'])).toEqual([]);
  });
});
