import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Source } from '../../../proto/source.ts';
import { createFleetArchitectures } from '../../../server/sources/fleet-architectures.ts';
import { kindsByType, sourceKinds } from '../../../server/sources/kinds.ts';
import type { SourceKind } from '../../../server/sources/source-kind.ts';
import {
  type CraftedServer,
  craftedServer,
  packages,
  publishApt,
  release,
} from '../../support/crafted-repository.ts';
import { createSourceWorld } from '../../support/source-world.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { until } from '../../support/until.ts';

const HOUR = 3600_000;
const RELEASE = 'dists/stable/Release';
const aptSource = (url: string, id = 's'): Source => ({
  ...{ id, type: 'apt', url, suite: 'stable', components: ['main'], archs: ['amd64'] },
  ...{ target: {}, trusted: true },
});

async function open(reader: 'here' | 'worker' = 'here') {
  const server = await craftedServer();
  publishApt(server, packages('good'));
  const world = await createSourceWorld({ reader, sources: [aptSource(server.url)] });
  await world.catalogue.settled();
  return { server, world };
}

const asksFor = (server: CraftedServer, path: string): number =>
  server.asked.filter((one) => one === path).length;

describe('the catalogue of sources', () => {
  it('refreshes on a timer, and sooner after a failure', async () => {
    const { server, world } = await open();
    publishApt(server, packages('newer'));
    await world.clock.advance(5 * HOUR);
    expect(asksFor(server, RELEASE)).toBe(1);
    await world.clock.advance(2 * HOUR);
    await world.catalogue.settled();
    expect(world.packages('s')).toEqual(['newer 1 all']);
    server.answers.set(RELEASE, 'broken');
    await world.clock.advance(7 * HOUR);
    await world.catalogue.settled();
    const { nextAt, error, lastGoodAt, lastTriedAt } = world.catalogue.status('s') ?? {};
    expect(error?.code).toBe('bad-index');
    expect((nextAt ?? 0) - world.clock.now()).toBeLessThan(2 * 60_000);
    expect(lastTriedAt).toBeGreaterThan(lastGoodAt ?? 0);
    publishApt(server, packages('mended'));
    await world.clock.advance(2 * 60_000);
    await world.catalogue.settled();
    expect(world.packages('s')).toEqual(['mended 1 all']);
    expect(world.events.map(({ kind }) => kind)).toEqual([
      'source-refreshed',
      'source-refreshed',
      'source-failed',
      'source-refreshed',
    ]);
  });

  it('tells a failure once, however often it happens', async () => {
    const { server, world } = await open();
    server.answers.set(RELEASE, 'broken');
    for (let count = 0; count < 3; count += 1) await world.refresh('s');
    expect(world.events.filter(({ kind }) => kind === 'source-failed')).toHaveLength(1);
    expect(world.catalogue.counts()).toMatchObject({ failed: 3, updated: 1 });
  });

  it('fetches a source that is new or changed at once, and one whose target changed not', async () => {
    const { server, world } = await open();
    server.asked.length = 0;
    world.set({ ...aptSource(server.url), target: { fleet: 'alpha' }, priority: 900 });
    await world.catalogue.settled();
    expect(server.asked).toEqual([]);
    world.set(aptSource(server.url, 'second'));
    await world.catalogue.settled();
    expect(world.packages('second')).toEqual(['good 1 all']);
    world.set({ ...aptSource(server.url), components: ['absent'] });
    await world.catalogue.settled();
    expect(world.catalogue.status('s')).toMatchObject({ state: 'failed', packages: 1 });
  });

  it('keeps one universe of equal indexes', async () => {
    const { server, world } = await open();
    const other = await craftedServer();
    publishApt(other, packages('good'));
    world.set(aptSource(other.url, 'mirror'));
    await world.catalogue.settled();
    const [one] = world.catalogue.indexesOf('s');
    const [two] = world.catalogue.indexesOf('mirror');
    expect(one?.universe).toBe(two?.universe);
    expect(readdirSync(join(world.directory, 'sources/universes'))).toHaveLength(1);
    publishApt(server, packages('good', 'more'));
    await world.refresh('s');
    expect(world.packages('mirror')).toEqual(['good 1 all']);
    expect(world.packages('s')).toHaveLength(2);
  });

  it('a reload fetches what is missing and nothing else', async () => {
    const { server, world } = await open();
    publishApt(server, packages('changed'));
    server.asked.length = 0;
    expect(await world.catalogue.reload()).toMatchObject([{ source: 's', result: 'skipped' }]);
    expect(server.asked).toEqual([]);
    const broken = await craftedServer();
    world.set(aptSource(broken.url, 'late'));
    await world.catalogue.settled();
    expect(world.catalogue.status('late')?.state).toBe('failed');
    publishApt(broken, packages('here'));
    const outcomes = await world.catalogue.reload();
    expect(outcomes.map(({ result }) => result)).toEqual(['updated', 'skipped']);
  });

  it('many who ask at the same time are served by few refreshes', async () => {
    const { server, world } = await open();
    server.asked.length = 0;
    const all = await Promise.all(Array.from({ length: 20 }, () => world.refresh('s')));
    expect(all.map(({ result }) => result)).toEqual(Array(20).fill('unchanged'));
    expect(asksFor(server, RELEASE)).toBeLessThanOrEqual(2);
  });

  it('says what does not exist', async () => {
    const { world } = await open();
    await expect(world.catalogue.refresh(['s', 'nope'])).rejects.toMatchObject({
      code: 'not-found',
    });
    expect(world.catalogue.status('nope')).toBeNull();
    world.set({ ...aptSource('http://127.0.0.1:9'), id: 'odd', type: 'portage' });
    await world.catalogue.settled();
    expect(world.catalogue.status('odd')?.error).toMatchObject({ code: 'unsupported' });
    world.set({ ...aptSource('http://127.0.0.1:9', 'shy'), auth: 'lost' });
    await world.catalogue.settled();
    expect(world.catalogue.status('shy')?.error?.detail).toContain('no secret lost');
  });

  it('stops in the middle of a refresh', async () => {
    const { server, world } = await open();
    server.answers.set(RELEASE, () => {});
    const refreshing = world.refresh('s');
    await until('it is asked', () => asksFor(server, RELEASE) === 2);
    await world.catalogue.stop();
    expect(await refreshing).toMatchObject({ result: 'failed' });
    const again = await world.restart();
    expect(again.packages('s')).toEqual(['good 1 all']);
    expect(readdirSync(join(world.directory, 'sources/files'))).toHaveLength(2);
  });

  it('fetches after a failure only what it does not have yet', async () => {
    const { server, world } = await open();
    const lists = ['one', 'two'].map((name) => [`${name}/binary-amd64/Packages`, packages(name)]);
    for (const [path, list] of lists) server.answers.set(`dists/stable/${path}`, list ?? '');
    const [, second = ''] = lists.map(([path]) => `dists/stable/${path}`);
    server.answers.set(RELEASE, release(Object.fromEntries(lists)));
    const whole = server.answers.get(second) ?? '';
    server.answers.delete(second);
    world.set({ ...aptSource(server.url), components: ['one', 'two'] });
    await world.catalogue.settled();
    expect(world.catalogue.status('s')?.error?.code).toBe('bad-index');
    expect(world.packages('s')).toEqual(['good 1 all']);
    server.answers.set(second, whole);
    server.asked.length = 0;
    expect(await world.refresh('s')).toMatchObject({ result: 'updated' });
    expect(world.packages('s')).toEqual(['one 1 all', 'two 1 all']);
    expect(server.asked).toEqual([RELEASE, second]);
  });

  it('clears away what a killed process left', async () => {
    const { world } = await open();
    await world.catalogue.stop();
    const kept = new Map<string, string[]>();
    for (const part of ['files', 'manifests', 'universes']) {
      const folder = join(world.directory, 'sources', part);
      kept.set(part, readdirSync(folder).sort());
      writeFileSync(join(folder, 's.json.half-written'), 'x');
      writeFileSync(join(folder, 'unfinished-1'), 'x');
    }
    const again = await world.restart();
    expect(again.packages('s')).toEqual(['good 1 all']);
    for (const [part, names] of kept)
      expect(readdirSync(join(world.directory, 'sources', part)).sort()).toEqual(names);
  });

  it('goes on where those who follow it fail', async () => {
    const { server, world } = await open();
    world.catalogue.onChange(() => {
      throw new Error('not today');
    });
    publishApt(server, packages('newer'));
    expect(await world.refresh('s')).toMatchObject({ result: 'updated' });
    expect(world.logged.join()).toContain('not today');
  });

  it('reads packages for all architectures where they are kept apart', async () => {
    const server = await craftedServer();
    const lists = {
      'main/binary-amd64/Packages': packages('common').replace('all', 'amd64') + packages('both'),
      'main/binary-all/Packages': packages('both', 'independent'),
    };
    for (const [path, list] of Object.entries(lists))
      server.answers.set(`dists/stable/${path}`, list);
    const publish = (fields: string): void =>
      void server.answers.set(RELEASE, release(lists, `Architectures: all amd64\n${fields}`));
    publish('');
    const world = await createSourceWorld({ sources: [aptSource(server.url)] });
    await world.catalogue.settled();
    expect(world.packages('s')).toEqual(['both 1 all', 'common 1 amd64', 'independent 1 all']);
    publish('No-Support-for-Architecture-all: Packages\n');
    await world.refresh('s');
    expect(world.packages('s')).toEqual(['both 1 all', 'common 1 amd64']);
  });

  it('survives a worker that runs out of memory', { timeout: 60_000 }, async () => {
    const directory = temporaryDirectory();
    const module = join(directory, 'greedy.mjs');
    const code = `export default {
      type: 'greedy', family: 'deb', sentinels: [], archOf: (word) => word,
      urls: () => [{ component: null, arch: null, url: 'http://127.0.0.1:9/' }],
      async read() { for (const all = []; ; ) all.push(new Array(5_000_000).fill(0.5)); },
    };`;
    writeFileSync(module, code);
    const kindModules = [pathToFileURL(module).href];
    const greedy = ((await import(kindModules[0] ?? '')) as { default: SourceKind }).default;
    const server = await craftedServer();
    publishApt(server, packages('good'));
    const source = { id: 'g', type: 'greedy', url: 'http://127.0.0.1:9', target: {} };
    const world = await createSourceWorld({
      ...{ reader: 'worker', heapMb: 48, kindModules, kinds: [...sourceKinds, greedy] },
      sources: [aptSource(server.url)],
    });
    await world.catalogue.settled();
    world.set(source);
    await world.catalogue.settled();
    expect(world.catalogue.status('g')?.error).toMatchObject({
      code: 'bad-index',
      detail: expect.stringContaining('too large for this server'),
    });
    publishApt(server, packages('good', 'more'));
    expect(await world.refresh('s')).toMatchObject({ result: 'updated' });
  });

  it('reads in a worker', { timeout: 60_000 }, async () => {
    const { server, world } = await open('worker');
    expect(world.packages('s')).toEqual(['good 1 all']);
    publishApt(server, packages('good', 'more'));
    const { result, lines } = await world.refresh('s');
    expect(result).toBe('updated');
    expect(lines[0]).toBe(`Updating ${server.url}/${RELEASE}`);
    server.answers.set(RELEASE, 'broken');
    expect(await world.refresh('s')).toMatchObject({ code: 'bad-index' });
    server.answers.set(RELEASE, () => {});
    const refreshing = world.refresh('s');
    await until('it is asked', () => asksFor(server, RELEASE) === 4);
    await world.catalogue.stop();
    expect(await refreshing).toMatchObject({ result: 'failed' });
  });
});

describe('architectures of sources that name none', () => {
  it('are those of the devices that they are for', () => {
    const source = { id: 's', type: 'apt', url: 'http://h', target: { fleet: 'a' }, revision: 1 };
    const device = (fleet: string, arch: string) => ({ labels: { fleet, arch, os: 'debian' } });
    const devices = [device('a', 'amd64'), device('a', 'armv7l'), device('b', 'arm64')];
    const fleet = createFleetArchitectures({
      kinds: kindsByType(),
      sources: { all: () => [source] },
      devices: { all: () => devices },
    });
    expect(fleet.missingFor(devices[0]?.labels ?? {})).toEqual(['s']);
    expect(fleet.archsOf(source)).toEqual(['amd64', 'armhf']);
    expect(fleet.missingFor(devices[0]?.labels ?? {})).toEqual([]);
    expect(fleet.missingFor({ fleet: 'a', os: 'debian', arch: 'riscv64' })).toEqual(['s']);
    devices.splice(0, 2);
    expect(fleet.archsOf(source)).toEqual(['amd64', 'armhf']);
    expect(fleet.archsOf({ ...source, archs: ['i386'] })).toEqual(['i386']);
  });
});
