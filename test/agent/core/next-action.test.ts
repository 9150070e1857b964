import { expect, it } from 'vitest';
import {
  type Action,
  type Failure,
  type Gate,
  isSame,
  nextAction,
  type Situation,
} from '../../../agent/core/next-action.ts';

const NOW = 1000;
const one = { epoch: 'e', revision: 1, digest: 'sha256:a' };
const two = { epoch: 'e', revision: 2, digest: 'sha256:b' };
const points = [null, one, two];

const gates: Gate[] = [
  { open: true },
  { open: false, reason: 'window', detail: 'd', until: 2000, askAgainMs: 1000 },
  { open: false, reason: 'inhibitor', detail: 'd', until: null, askAgainMs: 60_000 },
  { open: false, reason: 'gave-up', detail: 'd', until: null, askAgainMs: 60_000 },
];
const failures: (Failure | null)[] = [
  null,
  ...[one, two].flatMap(({ epoch, revision }) =>
    [null, NOW - 1, NOW, NOW + 500].flatMap((retryAt) =>
      [true, false].flatMap((undone) =>
        ['script-failed', 'source-unreachable'].map((code) => ({
          ...{ epoch, revision, attempts: 1, retryAt, undone, code, reason: 'why' },
        })),
      ),
    ),
  ),
];
const refusals: Situation['refused'][] = [
  null,
  { phase: 'conflict', reason: 'epoch' },
  { phase: 'failed', reason: 'not signed' },
];

/** Every situation, as far as what decides differs. */
function* situations(): Generator<Situation> {
  const asked = [null, ...gates.flatMap((download) => gates.map((apply) => ({ download, apply })))];
  for (const target of points)
    for (const installed of points)
      for (const failure of failures)
        for (const refused of refusals)
          for (const answers of asked)
            for (const downloaded of [true, false])
              for (const repair of [true, false])
                yield {
                  ...{ target, installed, failure, refused, gates: answers, downloaded, repair },
                  now: NOW,
                };
}

/** What does not hold of an answer; null if all does. */
function wrongWith(situation: Situation, action: Action): string | null {
  const { target, installed, failure, downloaded, gates: asked, repair } = situation;
  const wants = target !== null && (!isSame(target, installed) || repair);
  if (action.kind !== 'rest') {
    if (!wants) return 'it works, and nothing is wanted';
    if (action.kind === 'download' && (downloaded || asked?.download.open === false))
      return 'it downloads what it has, or may not';
    if (action.kind === 'converge' && asked?.apply.open === false) return 'it applies, and may not';
    return null;
  }
  const { phase, reason, retryAt, ms } = action;
  if (ms !== null && ms <= 0) return 'it looks again at once, for ever';
  if (retryAt !== null && (ms === null || retryAt <= NOW)) return 'its time does not come';
  if (phase === 'waiting' && (!reason || ms === null))
    return 'it waits for ever, or without reason';
  if (phase !== 'idle' && !reason) return `it is ${phase}, and says not why`;
  if (phase === 'idle' && wants) return 'it idles, and something is wanted';
  const isHopeless = failure !== null && failure.retryAt === null;
  if (wants && ms === null && !isHopeless) return 'it gave up what may be tried again';
  return null;
}

it('every situation has one answer, and nothing waits for ever or without a reason', () => {
  let count = 0;
  for (const situation of situations()) {
    const action = nextAction(situation);
    const wrong = wrongWith(situation, action);
    if (wrong !== null) expect.fail(`${wrong}: ${JSON.stringify({ situation, action }, null, 1)}`);
    expect(nextAction(situation)).toEqual(action);
    count += 1;
  }
  expect(count).toBeGreaterThan(50_000);
});
