import { describe, expect, it } from 'vitest';
import { JamesError } from '../../../proto/errors.ts';
import type { Spec } from '../../../proto/spec.ts';
import { documentOf } from '../../../server/documents/changes.ts';
import { createDocuments } from '../../../server/documents/documents.ts';
import {
  type ConfigurationWorld,
  createConfigurationWorld,
} from '../../support/configuration-world.ts';
import { makePacket } from '../../support/make.ts';

const inKind = (document: Spec) => ({ kind: 'Spec' as const, ...document });
const by = { author: 'op', message: null };
const spec = (id: string, ...apps: string[]): Spec => ({
  id,
  target: { role: id },
  apps: apps.map((name) => ({ name })),
});

async function refusal(call: Promise<unknown>): Promise<JamesError> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof JamesError) return error;
  throw new Error(`not refused: ${String(error)}`);
}

function documents({ specs }: ConfigurationWorld): Spec[] {
  return [...specs.all()]
    .map((view) => documentOf<'Spec'>(view))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

describe('revisions', () => {
  it('grow with each difference, and not without one', async () => {
    const world = await createConfigurationWorld();
    const { configuration, history, specs } = world;
    const first = await configuration.put('Spec', spec('a', 'x'), { ...by, message: 'because' });
    expect(first).toMatchObject({
      created: true,
      view: { revision: 1, author: 'op', message: 'because' },
    });
    const { target, ...rest } = spec('a', 'x');
    const again = await configuration.put('Spec', { target, ...rest }, by);
    expect(again).toMatchObject({ created: false, view: { revision: 1 } });
    await configuration.put('Spec', spec('a', 'x', 'y'), by);
    expect(specs.get('a')?.revision).toBe(2);
    expect(world.documents.generation()).toBe(2);
    const revisions = await history.revisions('Spec', 'a', { limit: 10 });
    expect(revisions.map(({ revision, generation }) => [revision, generation])).toEqual([
      [2, 2],
      [1, 1],
    ]);
    expect((await history.revision('Spec', 'a', 1))?.document).toEqual(spec('a', 'x'));
    expect(await history.revisions('Spec', 'a', { before: 2, limit: 10 })).toHaveLength(1);
  });

  it('go on when a deleted spec is made again', async () => {
    const { configuration, history } = await createConfigurationWorld();
    await configuration.put('Spec', spec('a'), by);
    await configuration.delete('Spec', 'a', by);
    expect((await history.revision('Spec', 'a', 2))?.document).toBeNull();
    expect((await configuration.put('Spec', spec('a'), by)).view.revision).toBe(3);
    expect((await refusal(configuration.delete('Spec', 'b', by))).code).toBe('not-found');
  });

  it('are returned to by a new one', async () => {
    const { configuration, specs, events } = await createConfigurationWorld();
    await configuration.put('Spec', spec('a', 'x'), by);
    await configuration.put('Spec', spec('a', 'y'), by);
    const view = await configuration.rollback('Spec', 'a', 1, by);
    expect(view).toMatchObject({
      revision: 3,
      apps: [{ name: 'x' }],
      message: 'back to revision 1',
    });
    await configuration.delete('Spec', 'a', by);
    expect(await configuration.rollback('Spec', 'a', 2, by)).toMatchObject({
      revision: 5,
      apps: [{ name: 'y' }],
    });
    expect(await configuration.rollback('Spec', 'a', 4, by)).toBeUndefined();
    expect(specs.get('a')).toBeUndefined();
    expect((await refusal(configuration.rollback('Spec', 'a', 99, by))).code).toBe('not-found');
    expect(events.map(({ kind }) => kind)).toContain('spec-rolled-back');
  });

  it('survive a restart', async () => {
    const world = await createConfigurationWorld();
    await world.configuration.put('Spec', spec('a', 'x'), by);
    await world.configuration.put('Spec', spec('b', 'x'), by);
    const again = createDocuments(world);
    await again.start();
    expect([...again.specs.all()]).toEqual([...world.specs.all()]);
    expect(again.generation()).toBe(2);
  });
});

describe('generations', () => {
  it('bring back exactly the configuration of then, in one step', async () => {
    const world = await createConfigurationWorld();
    const { configuration, history } = world;
    await configuration.put('Spec', spec('a', 'x'), by);
    await configuration.put('Spec', spec('b', 'x'), by);
    const then = documents(world);
    await configuration.put('Spec', spec('a', 'y'), by);
    await configuration.delete('Spec', 'b', by);
    await configuration.put('Spec', spec('c'), by);
    const result = await configuration.rollbackAll(2, by);
    expect(documents(world)).toEqual(then);
    expect(result.generation).toBe(6);
    expect((await history.generation(6))?.changes).toEqual([
      { kind: 'Spec', id: 'a', revision: 3, change: 'updated' },
      { kind: 'Spec', id: 'b', revision: 3, change: 'created' },
      { kind: 'Spec', id: 'c', revision: 2, change: 'deleted' },
    ]);
    expect((await configuration.rollbackAll(2, by)).generation).toBeNull();
    await configuration.rollbackAll(0, by);
    expect(documents(world)).toEqual([]);
    expect((await refusal(configuration.rollbackAll(99, by))).code).toBe('not-found');
  });

  it('are listed newest first', async () => {
    const { configuration, history } = await createConfigurationWorld();
    for (const id of ['a', 'b', 'c']) await configuration.put('Spec', spec(id), by);
    const numbers = async (before?: number) =>
      (await history.generations({ limit: 2, ...(before !== undefined && { before }) })).map(
        ({ generation }) => generation,
      );
    expect(await numbers()).toEqual([3, 2]);
    expect(await numbers(2)).toEqual([1]);
  });
});

describe('apply', () => {
  it('puts several documents as one generation, and deletes the others only when asked', async () => {
    const world = await createConfigurationWorld();
    const { configuration } = world;
    await configuration.apply({ documents: [spec('a'), spec('b')].map(inKind) }, by);
    const request = { documents: [spec('b', 'x'), spec('c')].map(inKind), prune: true };
    const dry = await configuration.apply({ ...request, dryRun: true }, by);
    expect(dry.generation).toBeNull();
    expect(documents(world).map(({ id }) => id)).toEqual(['a', 'b']);
    const result = await configuration.apply(request, by);
    expect(result.results.map(({ id, change, revision }) => [id, change, revision])).toEqual([
      ['b', 'updated', 2],
      ['c', 'created', 1],
      ['a', 'deleted', 2],
    ]);
    expect(result.generation).toBe(2);
    const unchanged = await configuration.apply({ documents: [spec('c')].map(inKind) }, by);
    expect(unchanged).toMatchObject({ generation: null, results: [{ change: 'unchanged' }] });
    const twice = configuration.apply({ documents: [spec('a'), spec('a')].map(inKind) }, by);
    expect((await refusal(twice)).code).toBe('bad-document');
  });
});

describe('changes at the same time', () => {
  it('are made one after the other, each seeing the one before', async () => {
    const { configuration, specs } = await createConfigurationWorld();
    const seen: (number | undefined)[] = [];
    const puts = Array.from({ length: 5 }, (_, index) =>
      configuration.put('Spec', spec('a', `x${index}`), {
        ...by,
        check: (current) => seen.push(current?.revision),
      }),
    );
    await Promise.all(puts);
    expect(seen).toEqual([undefined, 1, 2, 3, 4]);
    expect(specs.get('a')?.revision).toBe(5);
  });
});

describe('the guard', () => {
  /** Ten devices: nine with `web` and `base`, one with `base` alone. */
  async function guarded(): Promise<ConfigurationWorld> {
    const world = await createConfigurationWorld();
    for (const name of ['web', 'base', 'tool', 'web2'])
      world.packets.add(makePacket({ name, labels: { version: '1' } }));
    for (let index = 0; index < 10; index += 1)
      world.devices.report(`d${index}`, { role: index === 9 ? 'none' : 'web', index: `${index}` });
    await world.planner.settled();
    const base: Spec = { id: 'base', target: {}, apps: [{ name: 'base', version: '*' }] };
    const web: Spec = { id: 'web', target: { role: 'web' }, apps: [{ name: 'web', version: '*' }] };
    await world.configuration.apply({ documents: [base, web].map(inKind) }, by);
    await world.planner.settled();
    return world;
  }
  const webWithout = (target: Spec['target']): Spec => ({
    id: 'web',
    target,
    apps: [{ name: 'web', version: '*' }],
  });

  it('refuses with the numbers until they are confirmed exactly', async () => {
    const world = await guarded();
    const { configuration } = world;
    const error = await refusal(configuration.delete('Spec', 'web', by));
    expect(error).toMatchObject({
      code: 'removals-unconfirmed',
      members: { removals: 9, devices: 9 },
    });
    expect(error.message).toContain('--confirm-removals 9');
    const wrong = await refusal(configuration.delete('Spec', 'web', { ...by, confirmRemovals: 8 }));
    expect(wrong.code).toBe('removals-unconfirmed');
    expect(world.documents.generation()).toBe(1);
    await configuration.delete('Spec', 'web', { ...by, confirmRemovals: 9 });
    await world.planner.settled();
    expect((await world.document('d0')).packets.map(({ name }) => name)).toEqual(['base']);
    expect(world.planner.desiredOf('d0')).toMatchObject({ revision: 3, held: false });
  });

  it('lets up to a fifth of all devices lose packets', async () => {
    const { configuration } = await guarded();
    const twoLess = webWithout({ role: 'web', index: { not: ['0', '1'] } });
    await configuration.put('Spec', twoLess, by);
    const three = webWithout({ role: 'web', index: { not: ['0', '1', '2', '3', '4'] } });
    expect((await refusal(configuration.put('Spec', three, by))).members).toEqual({
      removals: 3,
      devices: 3,
    });
  });

  it('refuses to leave a single device with nothing', async () => {
    const { configuration } = await guarded();
    const base = { id: 'base', target: { role: 'web' }, apps: [{ name: 'base', version: '*' }] };
    const error = await refusal(configuration.put('Spec', base, by));
    expect(error.members).toEqual({ removals: 1, devices: 1 });
    expect(error.message).toContain('leave 1 device with nothing');
  });

  it('counts pairs of device and packet', async () => {
    const { configuration } = await guarded();
    const error = await refusal(configuration.apply({ documents: [], prune: true }, by));
    expect(error.members).toEqual({ removals: 19, devices: 10 });
    expect((await refusal(configuration.rollbackAll(0, by))).members).toEqual({
      removals: 19,
      devices: 10,
    });
  });

  it('does not count packets with a successor of their name, nor names that are kept', async () => {
    const world = await guarded();
    world.packets.add(makePacket({ name: 'web', labels: { version: '2' } }));
    await world.configuration.put(
      'Spec',
      { ...webWithout({ role: 'web' }), apps: [{ name: 'web', version: '1' }] },
      by,
    );
    const impossible = { ...webWithout({ role: 'web' }), apps: [{ name: 'web', version: '9' }] };
    await world.configuration.put('Spec', impossible, by);
    await world.planner.settled();
    expect((await world.document('d0')).packets).toMatchObject([{ name: 'base' }, { keep: true }]);
  });

  it('counts what a device kept and reported', async () => {
    const world = await guarded();
    const [web] = world.packets.byName('web');
    const impossible = { ...webWithout({ role: 'web' }), apps: [{ name: 'web', version: '9' }] };
    await world.configuration.put('Spec', impossible, by);
    await world.planner.settled();
    for (const id of ['d0', 'd1', 'd2'])
      world.devices.has(id, [
        { name: 'web', id: web?.id ?? null, status: 'installed', error: null },
      ]);
    const error = await refusal(world.configuration.delete('Spec', 'web', by));
    expect(error.members).toEqual({ removals: 3, devices: 3 });
  });

  it('compares with the specs as they stand, also before they are planned', async () => {
    const { configuration, planner } = await guarded();
    await configuration.put('Spec', webWithout({ role: 'web', index: { not: ['0', '1'] } }), by);
    await configuration.put(
      'Spec',
      webWithout({ role: 'web', index: { not: ['0', '1', '2', '3'] } }),
      by,
    );
    await planner.settled();
  });

  it('tells what a change would do, by labelset', async () => {
    const { configuration } = await guarded();
    const tool = {
      id: 'tool',
      target: { index: ['1', '2'] },
      apps: [{ name: 'tool', version: '*' }],
    };
    const web2 = webWithout({ role: 'web' });
    const { impact } = await configuration.apply(
      {
        documents: [tool, { ...web2, apps: [{ name: 'web2', version: '*' }] }].map(inKind),
        dryRun: true,
      },
      by,
    );
    expect(impact).toMatchObject({
      devices: 9,
      installs: 11,
      removals: 9,
      devicesLosing: 9,
      devicesEmptied: 0,
    });
    expect(impact.labelsets.map(({ devices }) => devices).sort()).toEqual([
      1, 1, 1, 1, 1, 1, 1, 1, 1,
    ]);
  });

  it('knows what other labels would do to a device', async () => {
    const { planner } = await guarded();
    expect(planner.impactOfLabels('d0', { role: 'none' })).toMatchObject({
      removals: 1,
      devices: 1,
    });
    expect(planner.impactOfLabels('d9', { role: 'web' })).toMatchObject({
      installs: 1,
      removals: 0,
    });
    expect(planner.impactOfLabels('nobody', {})).toMatchObject({ devices: 0 });
  });
});
