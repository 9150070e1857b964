import { cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Clock } from '../../../proto/clock.ts';
import { JamesError } from '../../../proto/errors.ts';
import { silentLog } from '../../../proto/log.ts';
import { sumImpact } from '../../../server/core/impact.ts';
import { createConfiguration } from '../../../server/documents/configuration.ts';
import {
  createSourceFiles,
  type SourceFiles,
} from '../../../server/documents/files/source-files.ts';
import { createSystemClock } from '../../../server/system/clock.ts';
import { bcfg2Fixtures } from '../../support/bcfg2-files.ts';
import {
  type ConfigurationWorld,
  createConfigurationWorld,
} from '../../support/configuration-world.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { until } from '../../support/until.ts';

const KEY = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDME\n-----END PGP PUBLIC KEY BLOCK-----\n';
const source = (id: string, more = ''): string =>
  `kind: Source\nid: ${id}\ntype: yum\nrawUrl: https://${id}.example.org/\ntarget: {}\n${more}`;
const by = { author: 'op', message: null };

interface FileWorld extends ConfigurationWorld {
  files: SourceFiles;
  /** Another one over the same documents, as after a restart. */
  again(paths: readonly string[]): SourceFiles;
  ids(): string[];
}

async function worldOf(paths: readonly string[], clock?: Clock): Promise<FileWorld> {
  let files: SourceFiles;
  const world = await createConfigurationWorld({ ownerOf: (id) => files.ownerOf(id) });
  const make = (named: readonly string[]): SourceFiles => {
    files = createSourceFiles({
      files: named,
      sources: world.documents.sources,
      change: world.configuration.change,
      clock: clock ?? world.clock,
      log: silentLog,
      events: { add: (event) => world.events.push(event) },
    });
    onTestFinished(() => files.stop());
    return files;
  };
  return {
    ...world,
    files: make(paths),
    again: make,
    ids: () => [...world.documents.sources.all()].map(({ id }) => id).sort(),
  };
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return error instanceof JamesError ? error.code : `not refused: ${String(error)}`;
}

describe('files of sources', () => {
  it('in YAML, with keys beside them, become documents by the author file', async () => {
    const directory = temporaryDirectory();
    const path = join(directory, 's.yaml');
    writeFileSync(path, `${source('a', 'signedBy: a.asc\n')}---\n${source('b')}`);
    writeFileSync(join(directory, 'a.asc'), KEY);
    const world = await worldOf([path]);
    await world.files.start();
    expect(world.ids()).toEqual(['a', 'b']);
    expect(world.documents.sources.get('a')).toMatchObject({
      signedBy: KEY,
      author: 'file',
      message: path,
    });
    const told = world.events.map(({ kind, actor, subject }) => [kind, actor, subject]);
    expect(told).toEqual([
      ['source-created', 'file', 'a'],
      ['source-created', 'file', 'b'],
    ]);
    expect(world.files.status()).toMatchObject([{ file: path, sources: ['a', 'b'], error: null }]);
  });

  it('of Bcfg2 do so with what they include; a change is a revision, what is gone is deleted', async () => {
    const directory = temporaryDirectory();
    cpSync(join(bcfg2Fixtures, 'sources'), directory, { recursive: true });
    const path = join(directory, 'sources.xml');
    const world = await worldOf([path]);
    await world.files.start();
    expect(world.ids()).toHaveLength(5);
    const generation = world.documents.generation();
    await world.files.read();
    expect(world.documents.generation()).toBe(generation);
    writeFileSync(join(directory, 'yum', 'centos.xml'), '<Sources/>');
    await world.files.read();
    expect(world.ids()).toHaveLength(3);
    expect(world.documents.generation()).toBe(generation + 1);
  });

  it('that are broken change nothing, are told once, and count again when they are right', async () => {
    const path = join(temporaryDirectory(), 's.yaml');
    writeFileSync(path, source('a'));
    const world = await worldOf([path]);
    await world.files.start();
    const told = () => world.events.filter(({ kind }) => kind === 'source-file-failed');
    for (const text of [`${source('b')}colour: red\n`, `${source('b')}colour: red\n`, 'id: [']) {
      writeFileSync(path, text);
      await world.files.read();
      expect(world.ids()).toEqual(['a']);
    }
    expect(told().map(({ subject }) => subject)).toEqual([path, path]);
    expect(told()[0]?.detail).toContain('s.yaml, line 6, column 1');
    expect(world.files.status()[0]).toMatchObject({ sources: ['a'], error: { code: 'bad-yaml' } });
    rmSync(path);
    await world.files.read();
    expect(world.ids()).toEqual(['a']);
    expect(world.files.status()[0]?.error?.code).toBe('not-found');
    writeFileSync(path, source('b'));
    await world.files.read();
    expect(world.ids()).toEqual(['b']);
    expect(world.files.status()[0]?.error).toBeNull();
  });

  it.each([
    ['a spec', 'id: a\ntarget: {}\n', 'only sources'],
    ['a source twice', `${source('a')}---\n${source('a')}`, 'stands twice'],
    ['a key that is missing', source('a', 'signedBy: none.asc\n'), 'cannot be read (ENOENT)'],
  ])('with %s are broken', async (_what, text, sentence) => {
    const path = join(temporaryDirectory(), 's.yaml');
    writeFileSync(path, text);
    const world = await worldOf([path]);
    await world.files.start();
    expect(world.files.status()[0]?.error?.detail).toContain(sentence);
    expect(world.ids()).toEqual([]);
  });

  it('own their sources, also when they are broken at the next start, until they are named no more', async () => {
    const path = join(temporaryDirectory(), 's.yaml');
    writeFileSync(path, source('a'));
    const world = await worldOf([path]);
    await world.files.start();
    const remove = () => world.configuration.delete('Source', 'a', by);
    expect(await codeOf(remove())).toBe('conflict');
    await world.files.stop();
    writeFileSync(path, 'id: [');
    await world.again([path]).start();
    expect(await codeOf(remove())).toBe('conflict');
    await world.again([]).start();
    await remove();
    expect(world.ids()).toEqual([]);
  });

  it('two of them cannot say the same source', async () => {
    const directory = temporaryDirectory();
    const paths = ['one.yaml', 'two.yaml'].map((name) => join(directory, name));
    for (const path of paths) writeFileSync(path, source('a'));
    const world = await worldOf(paths);
    await world.files.start();
    expect(world.files.status().map(({ error }) => error?.detail)).toEqual([
      undefined,
      expect.stringContaining('source a stands also in'),
    ]);
  });

  it('hide users and passwords', async () => {
    const path = join(temporaryDirectory(), 's.yaml');
    writeFileSync(path, source('a').replace('https://', 'https://me:hush@'));
    const world = await worldOf([path]);
    await world.files.start();
    expect(world.secrets.get('source.a')?.password).toBe('hush');
    expect(JSON.stringify([...world.documents.sources.all(), world.events])).not.toContain('hush');
  });

  it('are followed as they change, also when they are replaced or come later', async () => {
    const directory = temporaryDirectory();
    const path = join(directory, 's.yaml');
    const world = await worldOf([path], createSystemClock());
    await world.files.start();
    writeFileSync(path, source('a'));
    await until('the new file is read', () => world.ids().join() === 'a');
    writeFileSync(join(directory, 'new'), source('b'));
    renameSync(join(directory, 'new'), path);
    await until('the replaced file is read', () => world.ids().join() === 'b');
  });

  it('are looked at by the timer, where nothing tells of a change', async () => {
    const directory = join(temporaryDirectory(), 'later');
    const path = join(directory, 's.yaml');
    const world = await worldOf([path]);
    await world.files.start();
    mkdirSync(directory);
    writeFileSync(path, source('a'));
    await world.clock.advance(60_000);
    await until('the timer has looked', () => world.ids().join() === 'a');
  });
});

it('a file that would remove too much waits until that is confirmed', async () => {
  const path = join(temporaryDirectory(), 's.yaml');
  writeFileSync(path, source('a'));
  const world = await createConfigurationWorld();
  const configuration = createConfiguration({
    documents: world.documents,
    history: world.history,
    secrets: world.secrets,
    impactOf: async ({ Source }) =>
      [...Source.values()].includes(null)
        ? { ...sumImpact([]), removals: 3, devicesLosing: 3, devices: 3 }
        : sumImpact([]),
    devices: () => 3,
    events: { add: () => {} },
  });
  const files = createSourceFiles({
    ...{ files: [path], sources: world.documents.sources, change: configuration.change },
    ...{ clock: world.clock, log: silentLog, events: { add: () => {} } },
  });
  onTestFinished(() => files.stop());
  await files.start();
  writeFileSync(path, source('b'));
  await files.read();
  expect(files.status()[0]?.error).toMatchObject({ code: 'removals-unconfirmed' });
  await files.read(2);
  expect(world.documents.sources.get('a')).toBeDefined();
  await files.read(3);
  expect(files.status()[0]).toMatchObject({ sources: ['b'], error: null });
});
