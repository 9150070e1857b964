import { describe, expect, it } from 'vitest';
import type { Document } from '../../../proto/document.ts';
import { JamesError } from '../../../proto/errors.ts';
import type { Source } from '../../../proto/source.ts';
import { createDocuments } from '../../../server/documents/documents.ts';
import {
  type ConfigurationWorld,
  createConfigurationWorld,
} from '../../support/configuration-world.ts';

const by = { author: 'op', message: null };
const source = (id: string, fields: Partial<Source> = {}): Source => ({
  id,
  type: 'yum',
  rawUrl: `https://${id}.example.org/`,
  target: {},
  ...fields,
});
const inKind = (document: Source): Document => ({ kind: 'Source', ...document });
const spec = (id: string): Document => ({ kind: 'Spec', id, target: {} });

async function codeOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return error instanceof JamesError ? error.code : `not refused: ${String(error)}`;
}

const ids = ({ documents }: ConfigurationWorld) => ({
  specs: [...documents.specs.all()].map(({ id }) => id).sort(),
  sources: [...documents.sources.all()].map(({ id }) => id).sort(),
});

describe('sources', () => {
  it('have revisions of their own beside a spec of the same id', async () => {
    const world = await createConfigurationWorld();
    const { configuration, history, documents } = world;
    await configuration.put('Spec', { id: 'a', target: {} }, by);
    await configuration.put('Source', source('a'), by);
    await configuration.put('Source', source('a', { priority: 700 }), by);
    expect(documents.sources.get('a')).toMatchObject({ kind: 'Source', revision: 2 });
    expect(documents.specs.get('a')).toMatchObject({ kind: 'Spec', revision: 1 });
    expect(documents.generation()).toBe(3);
    const revisions = await history.revisions('Source', 'a', { limit: 9 });
    expect(revisions.map(({ revision, document }) => [revision, document?.priority])).toEqual([
      [2, 700],
      [1, undefined],
    ]);
    const back = await configuration.rollback('Source', 'a', 1, by);
    expect(back).toMatchObject({ revision: 3 });
    expect(back).not.toHaveProperty('priority');
    await configuration.delete('Source', 'a', by);
    expect(ids(world)).toEqual({ specs: ['a'], sources: [] });
    expect(world.events.map(({ kind }) => kind)).toEqual([
      'spec-created',
      'source-created',
      'source-updated',
      'source-rolled-back',
      'source-deleted',
    ]);
    expect(await codeOf(configuration.delete('Source', 'a', by))).toBe('not-found');
  });

  it('take the passwords of their addresses with them when the last one that names them goes', async () => {
    const world = await createConfigurationWorld();
    const { configuration, secrets } = world;
    const names = () => secrets.list().map(({ name }) => name);
    const url = 'https://me:hush@a.example.org/';
    await secrets.put(new Map([['mirror', { username: 'me', password: 'hush' }]]));
    await configuration.put('Source', source('a', { rawUrl: url }), by);
    await configuration.put('Source', source('b', { auth: 'source.a' }), by);
    await configuration.put('Source', source('c', { auth: 'mirror' }), by);
    await configuration.delete('Source', 'a', by);
    expect(names()).toEqual(['mirror', 'source.a']);
    await configuration.put('Source', source('b', { auth: 'mirror' }), by);
    expect(names()).toEqual(['mirror']);
    await configuration.delete('Source', 'c', by);
    await configuration.put('Source', source('a', { rawUrl: url }), by);
    expect(names()).toEqual(['mirror', 'source.a']);
    expect(secrets.get('source.a')).toEqual({ username: 'me', password: 'hush' });
  });

  it('are applied with specs as one generation; what is left out goes only when asked, of both kinds', async () => {
    const world = await createConfigurationWorld();
    const { configuration, history } = world;
    const first = await configuration.apply(
      { documents: [spec('x'), inKind(source('a')), spec('y'), inKind(source('b'))] },
      by,
    );
    expect(first.generation).toBe(1);
    expect((await history.generation(1))?.changes.map(({ kind, id }) => `${kind} ${id}`)).toEqual([
      'Spec x',
      'Spec y',
      'Source a',
      'Source b',
    ]);
    const pruned = await configuration.apply(
      { documents: [spec('y'), inKind(source('b', { priority: 1 }))], prune: true },
      by,
    );
    expect(pruned.results.map(({ kind, id, change }) => [kind, id, change])).toEqual([
      ['Spec', 'y', 'unchanged'],
      ['Spec', 'x', 'deleted'],
      ['Source', 'b', 'updated'],
      ['Source', 'a', 'deleted'],
    ]);
    expect(ids(world)).toEqual({ specs: ['y'], sources: ['b'] });
    await configuration.rollbackAll(1, by);
    expect(ids(world)).toEqual({ specs: ['x', 'y'], sources: ['a', 'b'] });
    expect(world.documents.sources.get('b')).not.toHaveProperty('priority');
    const twice = { documents: [inKind(source('a')), inKind(source('a'))] };
    expect(await codeOf(configuration.apply(twice, by))).toBe('bad-document');
  });

  it('survive a restart, and those who follow them hear of both kinds when all is in memory', async () => {
    const world = await createConfigurationWorld();
    const heard: string[] = [];
    world.documents.specs.onChange((changed) => {
      heard.push(`specs ${changed.join()} with ${ids(world).sources.join()}`);
    });
    world.documents.sources.onChange((changed) => heard.push(`sources ${changed.join()}`));
    await world.configuration.apply({ documents: [spec('x'), inKind(source('a'))] }, by);
    expect(heard).toEqual(['specs x with a', 'sources a']);
    const again = createDocuments(world);
    await again.start();
    expect([...again.sources.all()]).toEqual([...world.documents.sources.all()]);
    expect([...again.specs.all()]).toEqual([...world.documents.specs.all()]);
  });
});

describe('data of release 0.1', () => {
  it('loads, and goes on', async () => {
    const world = await createConfigurationWorld();
    const known = { revision: 1, author: 'op', message: null };
    const at = '2026-01-02T03:04:05.678Z';
    const document = { id: 'a', target: {} };
    const change = { kind: 'Spec', id: 'a', revision: 1, change: 'created' };
    const records = {
      'spec/a': { ...document, kind: 'Spec', ...known, updatedAt: at },
      'revision/spec/a/000000000000001': {
        kind: 'Spec',
        generation: 1,
        at,
        ...known,
        ...{ id: 'a', document },
      },
      'generation/000000000000001': {
        generation: 1,
        at,
        author: 'op',
        message: null,
        changes: [change],
      },
    };
    await world.store.batch(
      Object.entries(records).map(([put, value]) => ({ put, value: JSON.stringify(value) })),
    );
    const documents = createDocuments(world);
    await documents.start();
    expect(documents.specs.get('a')).toMatchObject({ revision: 1, author: 'op' });
    const { generation } = await documents.sources.commit(new Map([['s', source('s')]]), by);
    expect(generation).toBe(2);
    const then = await world.history.asOf(1);
    expect([...then.Source]).toEqual([['s', null]]);
    expect((await world.history.revision('Spec', 'a', 1))?.document).toEqual(document);
  });
});

describe('users and passwords in addresses', () => {
  const secretive = source('a', { rawUrl: 'https://me:hush@a.example.org/' });

  it('become a secret, and stand nowhere else', async () => {
    const world = await createConfigurationWorld();
    const { view } = await world.configuration.put('Source', secretive, by);
    expect(view).toMatchObject({ rawUrl: 'https://a.example.org/', auth: 'source.a' });
    expect(world.secrets.get('source.a')).toEqual({ username: 'me', password: 'hush' });
    const told = await world.configuration.apply({ documents: [inKind(secretive)] }, by);
    expect(told.results).toMatchObject([{ change: 'unchanged' }]);
    expect(JSON.stringify([told, world.events])).not.toContain('hush');
    for await (const { key, value } of world.store.range({ gte: '' }))
      expect([key, value.includes('hush')]).toEqual([key, key === 'secret/source.a']);
  });

  it('change without a revision', async () => {
    const world = await createConfigurationWorld();
    await world.configuration.put('Source', secretive, by);
    const other = { ...secretive, rawUrl: 'https://me:new@a.example.org/' };
    const { view } = await world.configuration.put('Source', other, by);
    expect(view.revision).toBe(1);
    expect(world.secrets.get('source.a')?.password).toBe('new');
  });

  it('are not stored by what only looks', async () => {
    const world = await createConfigurationWorld();
    const request = { documents: [inKind(secretive)], dryRun: true };
    const { results } = await world.configuration.apply(request, by);
    expect(results[0]?.after).toMatchObject({ auth: 'source.a' });
    expect(world.secrets.list()).toEqual([]);
  });
});

describe('what a file of the server owns', () => {
  const ownerOf = (id: string) => (id === 'owned' ? '/etc/jamesd/sources.xml' : undefined);

  it('is changed by the file alone, neither pruned nor put back with all the rest', async () => {
    const world = await createConfigurationWorld({ ownerOf });
    const { configuration } = world;
    const change = {
      Spec: new Map(),
      Source: new Map([['owned', source('owned')]]),
    };
    await configuration.change(change, {
      author: 'file',
      message: null,
      file: '/etc/jamesd/sources.xml',
    });
    await configuration.put('Source', source('free'), by);
    expect(await codeOf(configuration.delete('Source', 'owned', by))).toBe('conflict');
    const other = source('owned', { priority: 1 });
    expect(await codeOf(configuration.put('Source', other, by))).toBe('conflict');
    await configuration.rollbackAll(0, by);
    expect(ids(world).sources).toEqual(['owned']);
    await configuration.put('Source', source('free'), by);
    // what is as it is may be said again
    await configuration.put('Source', source('owned'), by);
    await configuration.apply({ documents: [], prune: true }, by);
    expect(ids(world).sources).toEqual(['owned']);
    expect(world.documents.sources.get('owned')?.author).toBe('file');
    expect(world.events[0]).toMatchObject({ kind: 'source-created', actor: 'file' });
  });
});

it('a source that this server cannot use is refused', async () => {
  const world = await createConfigurationWorld({
    checkSource: ({ type }) => {
      if (type !== 'yum') throw new JamesError('unsupported', `No kind ${type}.`);
    },
  });
  const put = world.configuration.put('Source', source('a', { type: 'apk' }), by);
  expect(await codeOf(put)).toBe('unsupported');
});
