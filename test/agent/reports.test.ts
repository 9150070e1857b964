import { describe, expect, it } from 'vitest';
import { createReports } from '../../agent/reports.ts';
import { JamesError } from '../../proto/errors.ts';
import { silentLog } from '../../proto/log.ts';
import { createFakeClock } from '../support/fake-clock.ts';

/** Reports of a counter, over a connection that a test holds. */
function begin() {
  const clock = createFakeClock();
  const sent: string[] = [];
  const refusals: JamesError[] = [];
  let value = 0;
  const reports = createReports({
    compose: async () => Buffer.from(String(value)),
    send: async (content) => {
      const refusal = refusals.shift();
      if (refusal) throw refusal;
      sent.push(Buffer.from(content).toString());
    },
    clock,
    log: silentLog,
  });
  const change = (): void => {
    value += 1;
    reports.changed();
  };
  return { clock, sent, refusals, reports, change };
}

describe('reports', () => {
  it('wait for a connection, and each new one gets the latest', async () => {
    const { clock, sent, reports, change } = begin();
    change();
    change();
    await clock.advance(1000);
    expect(sent).toEqual([]);
    reports.connected(true);
    await clock.advance(0);
    expect(sent).toEqual(['2']);
    reports.connected(false);
    reports.connected(true);
    await clock.advance(1000);
    expect(sent).toEqual(['2', '2']);
  });

  it('are a few per second at most, and the last change is always told', async () => {
    const { clock, sent, reports, change } = begin();
    reports.connected(true);
    for (let count = 0; count < 100; count += 1) {
      change();
      await clock.advance(10);
    }
    await clock.advance(1000);
    expect(sent.length).toBeLessThanOrEqual(6);
    expect(sent.at(-1)).toBe('100');
  });

  it('are sent again if they did not arrive, and dropped if the server does not take them', async () => {
    const { clock, sent, refusals, reports, change } = begin();
    refusals.push(new JamesError('unavailable', 'Busy.'));
    reports.connected(true);
    change();
    await clock.advance(4000);
    expect(sent).toEqual([]);
    await clock.advance(2000);
    expect(sent).toEqual(['1']);
    refusals.push(new JamesError('bad-message', 'Nonsense.'));
    change();
    await clock.advance(60_000);
    expect(sent).toEqual(['1']);
    change();
    await clock.advance(1000);
    expect(sent).toEqual(['1', '3']);
  });

  it('are settled when the server has the latest', async () => {
    const { clock, reports, change } = begin();
    reports.connected(true);
    change();
    let settled = false;
    const waiting = reports.settled().then(() => {
      settled = true;
    });
    expect(settled).toBe(false);
    await clock.advance(0);
    await waiting;
    await reports.settled();
  });
});
