import { describe, expect, it } from 'vitest';
import { SOURCE_STATUS_SCHEMA, type SourceStatusMessage } from '../../proto/source-status.ts';
import { badgeOf, offersMayDiffer, withStatus } from '../../server/dashboard/sources-state.ts';

const status = (some: Partial<SourceStatusMessage> = {}): SourceStatusMessage => ({
  ...{ schema: SOURCE_STATUS_SCHEMA, id: 'a', state: 'ready', refreshing: false, line: null },
  ...{ lastGoodAt: '2026-01-01T00:00:00.000Z', lastTriedAt: null, nextAt: null, error: null },
  ...{ packages: 3, bytes: 9 },
  ...some,
});

describe('sources on the page', () => {
  it('are replaced by what a message says, and go with an empty one', () => {
    const one = withStatus(new Map(), 'a', status());
    expect(withStatus(one, 'a', status({ packages: 4 })).get('a')?.packages).toBe(4);
    expect(withStatus(one, 'a', null).size).toBe(0);
    expect(one.size).toBe(1);
  });

  it('may offer something else after a good refresh, not while one runs', () => {
    expect(offersMayDiffer(undefined, status())).toBe(true);
    expect(offersMayDiffer(status(), status({ refreshing: true, line: 'Updating x' }))).toBe(false);
    expect(offersMayDiffer(status(), status({ lastGoodAt: '2026-01-02T00:00:00.000Z' }))).toBe(
      true,
    );
    expect(offersMayDiffer(status(), null)).toBe(true);
  });

  it.each([
    [status(), 'good', 'good'],
    [status({ refreshing: true, state: 'failed' }), 'refreshing', 'busy'],
    [status({ state: 'failed' }), 'failed, last good in use', 'bad'],
    [status({ state: 'failed', lastGoodAt: null }), 'failed', 'bad'],
    [status({ state: 'new' }), 'not read yet', 'wait'],
    [status({ state: 'off' }), 'without index', 'good'],
  ])('have a badge: %#', (one, text, tone) => {
    expect(badgeOf(one)).toEqual({ text, tone });
  });
});
