import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MemoryLevel } from 'memory-level';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../proto/log.ts';
import { ensureFirstToken } from '../../../server/credentials/first-token.ts';
import { createTokens } from '../../../server/credentials/tokens.ts';
import { createEventLog } from '../../../server/events/event-log.ts';
import { createStore } from '../../../server/store/level-store.ts';
import type { Store } from '../../../server/store/store.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

async function started(given?: Store) {
  const store = given ?? (await createStore(new MemoryLevel<string, string>(), { log: silentLog }));
  const clock = createFakeClock();
  const events = createEventLog({ store, clock, log: silentLog });
  const tokens = createTokens({ store, clock, events });
  await tokens.start();
  return { store, clock, events, tokens };
}

describe('tokens', () => {
  it('are known by their text until they are deleted, also after a restart', async () => {
    const { store, tokens } = await started();
    const first = await tokens.create({ kind: 'operator' }, 'server');
    const second = await tokens.create({ kind: 'operator', description: 'for ci' }, 'server');
    expect(first.token).toMatch(/^jd_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/);
    const again = (await started(store)).tokens;
    expect(again.verify(first.token)).toEqual({ id: first.id, kind: 'operator' });
    for (const wrong of ['', `${first.token}x`, first.token.slice(0, -1), first.id]) {
      expect(again.verify(wrong)).toBeNull();
    }
    await again.delete(second.id, 'token:x');
    expect(again.verify(second.token)).toBeNull();
    expect((await started(store)).tokens.verify(second.token)).toBeNull();
  });

  it('are nowhere in the store', async () => {
    const { store, tokens } = await started();
    const { token } = await tokens.create({ kind: 'operator' }, 'server');
    for await (const entry of store.range({})) expect(entry.value).not.toContain(token.slice(-40));
    expect(JSON.stringify(await tokens.list())).not.toContain('hash');
  });

  it('end with their time', async () => {
    const { clock, tokens } = await started();
    const { token } = await tokens.create({ kind: 'join', expiresIn: 60 }, 'server');
    expect(tokens.verify(token)?.kind).toBe('join');
    await clock.advance(60_000);
    expect(() => tokens.verify(token)).toThrow('This token was valid until');
    await expect(tokens.use(token)).rejects.toMatchObject({ code: 'token-expired' });
  });

  it('the last of an operator stays', async () => {
    const { tokens } = await started();
    const { id } = await tokens.create({ kind: 'operator' }, 'server');
    await tokens.create({ kind: 'join' }, 'server');
    await expect(tokens.delete(id, 'token:x')).rejects.toMatchObject({ code: 'conflict' });
    await expect(tokens.delete('nope', 'token:x')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('for joining count a use exactly if the batch that it goes into is written', async () => {
    const { store, tokens } = await started();
    const { token } = await tokens.create(
      { kind: 'join', uses: 2, labels: { site: 'b' } },
      'server',
    );
    const usesLeft = async () => (await tokens.list())[0]?.usesLeft;
    const first = await tokens.use(token);
    const rival = await tokens.use(token);
    expect(first.labels).toEqual({ site: 'b' });
    expect(await usesLeft()).toBe(2);
    await store.batch(first.operations, first.expect);
    await expect(store.batch(rival.operations, rival.expect)).rejects.toThrow('another revision');
    expect(await usesLeft()).toBe(1);
    const last = await tokens.use(token);
    await store.batch(last.operations, last.expect);
    await expect(tokens.use(token)).rejects.toMatchObject({ code: 'token-expired' });
  });

  it('for joining are not used up without a number, and not usable once deleted', async () => {
    const { store, tokens } = await started();
    const { id, token } = await tokens.create({ kind: 'join' }, 'server');
    const use = await tokens.use(token);
    expect(use.operations).toEqual([]);
    await tokens.delete(id, 'token:x');
    await expect(store.batch(use.operations, use.expect)).rejects.toThrow('another revision');
    await expect(tokens.use(token)).rejects.toMatchObject({ code: 'unauthenticated' });
    const operator = await tokens.create({ kind: 'operator' }, 'server');
    await expect(tokens.use(operator.token)).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});

describe("the first operator's token", () => {
  it('is shown once if there is no file', async () => {
    const { tokens } = await started();
    const shown: string[] = [];
    const ensure = () =>
      ensureFirstToken({ tokens, log: silentLog, show: (text) => shown.push(text) });
    await ensure();
    await ensure();
    expect(shown).toHaveLength(1);
    const token = /JAMESD_TOKEN=(\S+)/.exec(shown[0] ?? '')?.[1] ?? '';
    expect(tokens.verify(token)?.kind).toBe('operator');
  });

  it('stands in the file, which only its owner can read, and follows it', async () => {
    const { store, tokens } = await started();
    const tokenFile = join(temporaryDirectory(), 'deep', 'token');
    const show = (text: string) => {
      throw new Error(text);
    };
    await ensureFirstToken({ tokens, log: silentLog, tokenFile, show });
    const made = readFileSync(tokenFile, 'utf8').trim();
    expect(statSync(tokenFile).mode & 0o777).toBe(0o600);
    expect(tokens.verify(made)).toEqual({ id: 'file', kind: 'operator' });
    writeFileSync(tokenFile, 'another-token-of-my-own\n');
    const again = (await started(store)).tokens;
    await ensureFirstToken({ tokens: again, log: silentLog, tokenFile, show });
    expect(again.verify('another-token-of-my-own')?.kind).toBe('operator');
    expect(again.verify(made)).toBeNull();
    expect((await started(store)).tokens.verify(made)).toBeNull();
  });

  it.each(['', 'short', 'two words that are long enough'])('is not %j', async (text) => {
    const { tokens } = await started();
    const tokenFile = join(temporaryDirectory(), 'token');
    writeFileSync(tokenFile, text);
    const ensured = ensureFirstToken({ tokens, log: silentLog, tokenFile, show: () => undefined });
    await expect(ensured).rejects.toMatchObject({ code: 'bad-config' });
  });
});

it('two operators who revoke each other at once leave one, and an expired token counts for none', async () => {
  const { clock, tokens } = await started();
  const first = await tokens.create({ kind: 'operator' }, 'server');
  const second = await tokens.create({ kind: 'operator' }, 'server');
  const results = await Promise.allSettled([
    tokens.delete(first.id, 'x'),
    tokens.delete(second.id, 'x'),
  ]);
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  await tokens.create({ kind: 'operator', expiresIn: 1 }, 'server');
  await clock.advance(2000);
  await expect(tokens.delete(second.id, 'x')).rejects.toMatchObject({ code: 'conflict' });
  expect(tokens.hasOperator()).toBe(true);
});
