import { describe, expect, it } from 'vitest';
import { createRegistryWorld, type RegistryWorld } from '../../support/registry-world.ts';

const ask = (world: RegistryWorld, id: string, verb: string, headers = world.operator) =>
  world.app.inject({ method: 'POST', url: `/v1/devices/${id}/${verb}`, headers });

describe.each([
  { verb: 'retry', kind: 'device-retried', revision: 2 },
  { verb: 'refresh', kind: 'device-refreshed', revision: 1 },
])('POST devices/{id}/$verb', ({ verb, kind, revision }) => {
  it('issues the state again, and is an event with its author', async () => {
    const world = await createRegistryWorld();
    await world.enrol('a');
    const digest = world.planner.desiredOf('a')?.digest;
    const answer = await ask(world, 'a', verb);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ id: 'a', desired: { revision, digest } });
    expect(world.events.filter((event) => event.kind === kind)).toMatchObject([
      { actor: expect.stringMatching(/^token:/), subject: 'a', detail: `revision ${revision}` },
    ]);
  });

  it('is for operators, and for devices that are known', async () => {
    const world = await createRegistryWorld();
    const { authorization } = await world.enrol('a');
    expect((await ask(world, 'a', verb, { authorization })).statusCode).toBe(403);
    const answer = await ask(world, 'nobody', verb);
    expect([answer.statusCode, answer.json().code]).toEqual([404, 'not-found']);
    expect(world.events.map((event) => event.kind)).not.toContain(kind);
  });
});
