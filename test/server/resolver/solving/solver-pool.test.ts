import { afterEach, describe, expect, it } from 'vitest';
import type { Log } from '../../../../proto/log.ts';
import { silentLog } from '../../../../proto/log.ts';
import { answerOf } from '../../../../server/resolver/core/answer.ts';
import { createUnpacker } from '../../../../server/resolver/core/packed-answer.ts';
import type { Request, Resolution } from '../../../../server/resolver/core/resolution.ts';
import { resolve } from '../../../../server/resolver/core/resolve.ts';
import type { View } from '../../../../server/resolver/core/view.ts';
import {
  createSolverPool,
  type SolverPool,
  worthwhileThreads,
} from '../../../../server/resolver/solving/solver-pool.ts';
import { createSystemClock } from '../../../../server/system/clock.ts';
import { debView, plainRequest } from '../../../support/deb-view.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { rpmRecord, rpmRequest, rpmView } from '../../../support/rpm-view.ts';

const NAMES = Array.from({ length: 40 }, (_, index) => `p${index}`);
/** Each package needs two others, and recommends a third. */
const chained = debView(
  NAMES.map((name, index) => {
    const [first, second, third] = [1, 7, 11].map((step) => NAMES[index + step]);
    const depends = [first, second].filter(Boolean).join(', ');
    const fields = [depends && `Depends: ${depends}`, third && `Recommends: ${third}`];
    return [`${name} 1.${index}`, ...fields.filter(Boolean)].join('\n');
  }).join('\n\n'),
);
const rpms = rpmView({
  records: [
    rpmRecord('web 1-1', { depends: 'lib >= 2' }),
    rpmRecord('lib 2-1', { recommends: 'doc' }),
    rpmRecord('doc 1-1'),
  ],
});

const requests: Request[] = NAMES.flatMap((name, index) => [
  { ...plainRequest, wants: [{ name }] },
  { ...plainRequest, wants: [{ name }, { name: 'nobody-has-this' }], recommends: index % 2 === 0 },
]);
const installed = [{ name: 'p3', version: '1', arch: 'amd64', auto: false }];

let pool: SolverPool | undefined;
afterEach(() => pool?.stop());

/** What comes back from another thread, as the resolver would have said it. */
async function elsewhere(view: View, request: Request): Promise<Resolution | null> {
  const found = await pool?.solve(view, request);
  if (!found) return null;
  if (found.kind === 'plain') return found.resolution;
  const { listed, above, ...rest } = createUnpacker(view).unpack(found.packed, found.texts);
  return rest;
}

function collectingLog(): { log: Log; errors: string[] } {
  const errors: string[] = [];
  return { errors, log: { ...silentLog, error: (_, text) => void errors.push(text) } };
}

describe('threads that resolve', () => {
  it('are as many as there are cores beyond two, and no more than are wanted', () => {
    const counts = [1, 2, 3, 8].map((cores) => worthwhileThreads(4, cores));
    expect(counts).toEqual([0, 0, 1, 4]);
    expect(worthwhileThreads(0, 8)).toBe(0);
  });

  it('give the answers of this thread, on several views', async () => {
    pool = createSolverPool({ threads: 2, clock: createSystemClock(), log: silentLog });
    const found = await Promise.all(requests.map((request) => elsewhere(chained, request)));
    expect(found).toEqual(requests.map((request) => resolve(chained, request)));
    const web = rpmRequest({ wants: [{ name: 'web' }], recommends: true });
    expect(await elsewhere(rpms, web)).toEqual(resolve(rpms, web));
    const again = requests[3] as Request;
    expect(await elsewhere(chained, again)).toEqual(resolve(chained, again));
  });

  it('give answers that have no numbers as they are', async () => {
    pool = createSolverPool({ threads: 1, clock: createSystemClock(), log: silentLog });
    const request = { ...plainRequest, wants: [{ name: 'p2' }], installed };
    const expected = resolve(chained, request);
    expect(answerOf(expected).listed.length).toBeGreaterThan(0);
    expect(await elsewhere(chained, request)).toEqual(expected);
  });

  it('answer on a view again that was forgotten', async () => {
    pool = createSolverPool({ threads: 1, clock: createSystemClock(), log: silentLog });
    const [first, second] = requests as [Request, Request];
    await elsewhere(chained, first);
    pool.forget(chained);
    expect(await elsewhere(chained, second)).toEqual(resolve(chained, second));
  });

  it('leave the work to this thread when one dies, and for a time afterwards', async () => {
    const { log, errors } = collectingLog();
    const clock = createFakeClock();
    pool = createSolverPool({ threads: 1, clock, log, heapMb: 1 });
    const found = await Promise.all(requests.map((request) => elsewhere(chained, request)));
    expect(new Set(found)).toEqual(new Set([null]));
    expect(errors).toHaveLength(1);
    expect(await elsewhere(chained, requests[0] as Request)).toBeNull();
    expect(errors).toHaveLength(1);
    await clock.advance(300_000);
    expect(await elsewhere(chained, requests[0] as Request)).toBeNull();
    expect(errors).toHaveLength(2);
  });

  it('leave the work to this thread when they are stopped', async () => {
    pool = createSolverPool({ threads: 1, clock: createSystemClock(), log: silentLog });
    const waiting = elsewhere(chained, requests[0] as Request);
    await pool.stop();
    expect(await waiting).toBeNull();
    expect(await elsewhere(chained, requests[0] as Request)).toBeNull();
  });
});
