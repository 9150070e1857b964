import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeDesired, type Receiver } from '../../../agent/core/accept-desired.ts';
import { type Desired, desiredDigest } from '../../../proto/desired.ts';

const now = Date.parse('2026-01-02T00:00:00.000Z');
const packetId = `sha256:${'a'.repeat(64)}`;
const wanted = {
  name: 'logger',
  id: packetId,
  labels: { arch: 'amd64' },
  size: 10,
  url: '/v1/packets/x/content',
  reason: { spec: 'logger-spec', revision: 1 },
};

function makeDesired(signed: Partial<Desired['signed']> = {}): Desired {
  const body = { packets: [wanted], lock: null, sources: [], policy: {}, ...signed };
  return {
    schema: 'jamesd.desired/1',
    signatures: [],
    signed: {
      device: 'buoy-17',
      epoch: 'e1',
      after: null,
      revision: 5,
      issuedAt: '2026-01-01T00:00:00.000Z',
      expiresAt: '2026-01-08T00:00:00.000Z',
      requires: [],
      ...body,
      digest: signed.digest ?? desiredDigest(body),
    },
  };
}

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const receiver = (accepted: Receiver['accepted'] = null): Receiver => ({
  device: 'buoy-17',
  accepted,
  check: null,
  features: new Set(['known']),
  now,
});
const judge = (value: unknown, accepted: Receiver['accepted'] = null) =>
  judgeDesired(bytes(value), receiver(accepted));
const { digest } = makeDesired().signed;
const at = (revision: number, epoch = 'e1') => ({ epoch, revision, digest });

describe('what a device takes as its desired state', () => {
  it('takes the first document that is for it', () => {
    expect(judge(makeDesired())).toMatchObject({ kind: 'accept', news: true });
  });

  it('takes a higher revision, knows the same one, passes over a lower one', () => {
    expect(judge(makeDesired(), at(4))).toMatchObject({ kind: 'accept', news: true });
    expect(judge(makeDesired(), at(5))).toMatchObject({ kind: 'accept', news: false });
    expect(judge(makeDesired(), at(6))).toMatchObject({ kind: 'ignore', code: 'stale' });
  });

  it('does not take the same revision with other content', () => {
    const accepted = { ...at(5), digest: `sha256:${'b'.repeat(64)}` };
    expect(judge(makeDesired(), accepted)).toMatchObject({ kind: 'ignore', code: 'bad-message' });
  });

  it.each([
    ['nothing after a restore', null, 'conflict'],
    ['an earlier point', { epoch: 'e1', revision: 6 }, 'conflict'],
    ['its own point', { epoch: 'e1', revision: 7 }, 'accept'],
    ['a later point', { epoch: 'e1', revision: 8 }, 'accept'],
    ['a third epoch', { epoch: 'e0', revision: 9 }, 'conflict'],
  ])('of another epoch that follows %s', (_case, after, kind) => {
    expect(judge(makeDesired({ epoch: 'e2', revision: 1, after }), at(7)).kind).toBe(kind);
  });

  it('keeps what it has on an expired document, also without any', () => {
    const old = makeDesired({ expiresAt: '2026-01-02T00:00:00.000Z' });
    expect(judge(old)).toMatchObject({ kind: 'ignore', code: 'expired' });
    expect(judge(old, at(4))).toMatchObject({ kind: 'ignore', code: 'expired' });
  });

  it('refuses what requires a feature that it lacks, and names it', () => {
    expect(judge(makeDesired({ requires: ['known'] })).kind).toBe('accept');
    expect(judge(makeDesired({ requires: ['known', 'teleport'] }))).toMatchObject({
      kind: 'unsupported',
      reason: expect.stringContaining('teleport'),
    });
    expect(judge(makeDesired({ requires: ['teleport'] }), at(9)).kind).toBe('ignore');
    expect(judge(makeDesired({ requires: ['packages/1'] }))).toMatchObject({
      kind: 'unsupported',
      reason: expect.stringMatching(/^unsupported: .*no package manager/),
    });
  });

  it.each([
    ['for another device', makeDesired({ device: 'buoy-18' }), 'misaddressed'],
    ['of an unknown schema', { ...makeDesired(), schema: 'jamesd.desired/2' }, 'unknown-schema'],
    ['with a digest that is not its own', makeDesired({ digest: packetId }), 'digest-mismatch'],
    ['that names a packet twice', makeDesired({ packets: [wanted, wanted] }), 'bad-message'],
    ['with an expiry that is no time', makeDesired({ expiresAt: 'soon' }), 'bad-message'],
    ['without its signed part', { schema: 'jamesd.desired/1', signatures: [] }, 'bad-message'],
    ['that is a list', [makeDesired()], 'bad-message'],
    ['that is null', null, 'bad-message'],
  ])('ignores a document %s', (_case, value, code) => {
    expect(judge(value)).toMatchObject({ kind: 'ignore', code });
  });

  it.each([
    ['nothing', new Uint8Array(), 'bad-message'],
    ['no UTF-8', Uint8Array.of(0xff, 0xfe), 'bad-message'],
    ['no JSON', new TextEncoder().encode('{"schema":'), 'bad-json'],
    ['a key twice', new TextEncoder().encode('{"schema":1,"schema":2}'), 'duplicate-key'],
  ])('ignores %s', (_case, content, code) => {
    expect(judgeDesired(content, receiver())).toMatchObject({ kind: 'ignore', code });
  });

  it('ignores members that it does not know', () => {
    const desired = makeDesired();
    const later = { ...desired, more: 1, signed: { ...desired.signed, mood: 'good' } };
    expect(judge(later).kind).toBe('accept');
  });

  it('fetches what a reference names only if it may be news', () => {
    const ref = {
      schema: 'jamesd.desired-ref/1',
      epoch: 'e1',
      revision: 5,
      digest,
      url: '/v1/devices/buoy-17/desired',
    };
    expect(judge(ref)).toEqual({ kind: 'fetch', ref });
    expect(judge(ref, at(4)).kind).toBe('fetch');
    expect(judge(ref, at(9, 'e0')).kind).toBe('fetch');
    expect(judge(ref, at(5)).kind).toBe('ignore');
    expect(judge(ref, at(6)).kind).toBe('ignore');
    const wish = { ...ref, check: '2026-01-02T00:00:00Z' };
    const judgeAfter = (check: string | null) =>
      judgeDesired(bytes(wish), { ...receiver(at(5)), check }).kind;
    expect(judgeAfter(null)).toBe('fetch');
    expect(judgeAfter('2026-01-01T00:00:00Z')).toBe('fetch');
    expect(judgeAfter(wish.check)).toBe('ignore');
  });
});

describe('for every sequence of documents', () => {
  const step = fc.record({
    epoch: fc.constantFrom('e1', 'e2'),
    revision: fc.integer({ min: 1, max: 6 }),
    after: fc.option(
      fc.record({
        epoch: fc.constantFrom('e1', 'e2'),
        revision: fc.integer({ min: 0, max: 6 }),
      }),
    ),
    device: fc.constantFrom('buoy-17', 'buoy-17', 'buoy-17', 'buoy-18'),
    version: fc.constantFrom('1', '2'),
  });
  const documentOf = ({ version, ...signed }: { version: string } & Partial<Desired['signed']>) =>
    makeDesired({ ...signed, packets: [{ ...wanted, labels: { version } }] });

  it('revisions of an epoch never fall, and an epoch is only left by a document that continues it', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        let accepted: Receiver['accepted'] = null;
        for (const each of steps) {
          const { signed } = documentOf(each);
          const verdict = judgeDesired(bytes(documentOf(each)), receiver(accepted));
          if (verdict.kind !== 'accept') continue;
          expect(signed.device).toBe('buoy-17');
          if (accepted?.epoch === signed.epoch)
            expect(signed.revision).toBeGreaterThanOrEqual(accepted.revision);
          else if (accepted)
            expect(signed.after?.revision).toBeGreaterThanOrEqual(accepted.revision);
          if (!verdict.news) expect(signed.digest).toBe(accepted?.digest);
          accepted = signed;
        }
      }),
    );
  });

  it('no bytes at all make it throw, and none but a document that holds is accepted', () => {
    const text = JSON.stringify(makeDesired());
    fc.assert(
      fc.property(
        fc.nat(text.length - 1),
        fc.string({ maxLength: 3, unit: 'binary' }),
        fc.nat(3),
        (where, insert, cut) => {
          const damaged = text.slice(0, where) + insert + text.slice(where + cut);
          const verdict = judgeDesired(new TextEncoder().encode(damaged), receiver());
          if (verdict.kind !== 'accept') return;
          expect(verdict.desired.signed.device).toBe('buoy-17');
          expect(desiredDigest(verdict.desired.signed)).toBe(verdict.desired.signed.digest);
        },
      ),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (content) => {
        expect(judgeDesired(content, receiver()).kind).toBe('ignore');
      }),
    );
  });
});
