import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffDelay, jittered } from '../../../agent/core/backoff.ts';
import { deviceIdOf } from '../../../agent/core/device-id.ts';
import {
  failureAfter,
  nextAction,
  packageProblemOf,
  type Situation,
} from '../../../agent/core/next-action.ts';
import { firstPollMode, nextPollMode, WAITS, waitOf } from '../../../agent/core/poll-mode.ts';
import {
  type ChoiceEvent,
  firstChoice,
  nextChoice,
  STABLE_MS,
} from '../../../agent/core/transport-choice.ts';
import { parseDuration } from '../../../proto/duration.ts';
import { failure as thrown } from '../../support/failure.ts';

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('back-off', () => {
  it('doubles, is capped, and half of it is chance', () => {
    const policy = { baseMs: 1000, capMs: 60_000 };
    const spread = (failures: number): [number, number] => [
      backoffDelay(policy, failures, () => 0),
      backoffDelay(policy, failures, () => 0.9999),
    ];
    expect([1, 2, 3, 20, 5000].map(spread)).toEqual([
      [500, 999],
      [1000, 1999],
      [2000, 3999],
      [30_000, 59_997],
      [30_000, 59_997],
    ]);
  });

  it('a jittered interval stays within a quarter of it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 1e6 }), random, (ms, chance) => {
        const moved = jittered(ms, () => chance);
        expect(moved).toBeGreaterThanOrEqual(Math.floor(ms * 0.75));
        expect(moved).toBeLessThanOrEqual(ms * 1.25);
      }),
    );
  });
});

describe('the choice of a transport', () => {
  const event: fc.Arbitrary<ChoiceEvent> = fc.oneof(
    fc.constant<ChoiceEvent>({ kind: 'up' }),
    fc.constant<ChoiceEvent>({ kind: 'failed' }),
    fc.record({ kind: fc.constant('lost' as const), upMs: fc.nat(2 * STABLE_MS) }),
  );
  const chosen = (...events: ChoiceEvent[]) => events.reduce(nextChoice, firstChoice('on'));

  it('begins with MQTT alone', () => {
    expect(firstChoice('on')).toEqual({ mqtt: 'trying', http: false });
  });
  it('takes HTTP when an attempt failed, and MQTT again when it works', () => {
    expect(chosen({ kind: 'failed' }).http).toBe(true);
    expect(chosen({ kind: 'failed' }, { kind: 'failed' }).http).toBe(true);
    expect(chosen({ kind: 'failed' }, { kind: 'up' }).http).toBe(false);
  });
  it('a lost connection is tried once more before HTTP begins, unless it had hardly begun', () => {
    expect(chosen({ kind: 'up' }, { kind: 'lost', upMs: STABLE_MS }).http).toBe(false);
    expect(chosen({ kind: 'up' }, { kind: 'lost', upMs: STABLE_MS - 1 }).http).toBe(true);
  });
  it('HTTP never runs while MQTT is up, and always when it is down or off', () => {
    fc.assert(
      fc.property(fc.array(event), fc.constantFrom('on' as const, 'off' as const), (events, on) => {
        const choice = events.reduce(nextChoice, firstChoice(on));
        if (choice.mqtt === 'up') expect(choice.http).toBe(false);
        if (choice.mqtt === 'down' || choice.mqtt === 'off') expect(choice.http).toBe(true);
        if (on === 'off') expect(choice.mqtt).toBe('off');
      }),
    );
  });
});

describe('how long a request for the desired state is held', () => {
  it('two cuts in a row shorten it, down to polling; an answer between them does not', () => {
    const cutTwice = (mode = firstPollMode) => nextPollMode(nextPollMode(mode, 'cut'), 'cut');
    expect(waitOf(firstPollMode, 300)).toBe(WAITS[0]);
    expect(waitOf(cutTwice(), 300)).toBe(WAITS[1]);
    expect(waitOf(cutTwice(cutTwice()), 300)).toBe(0);
    expect(waitOf(cutTwice(cutTwice(cutTwice())), 300)).toBe(0);
    const between = nextPollMode(nextPollMode(firstPollMode, 'cut'), 'answered');
    expect(waitOf(nextPollMode(between, 'cut'), 300)).toBe(WAITS[0]);
    expect(nextPollMode(cutTwice(cutTwice()), 'again')).toEqual(firstPollMode);
  });
  it('is not longer than asked', () => {
    expect(waitOf(firstPollMode, 20)).toBe(20);
  });
});

describe('durations', () => {
  it.each([
    ['250ms', 250],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
  ])('%s', (text, ms) => expect(parseDuration(text)).toBe(ms));
  it.each(['30', '', 's', '-1s', '1.5s', '1 s', '0s', '99999h', '1w'])('%j is none', (text) => {
    expect(thrown(() => parseDuration(text)).code).toBe('usage');
  });
});

describe('the id of a device that was given none', () => {
  it('comes from the machine id without telling it', () => {
    const machine = '3d1219c7c4c5404aaa1f6d2a48adfda4';
    const id = deviceIdOf(`${machine}\n`);
    expect(id).toMatch(/^m-[0-9a-f]{16}$/);
    expect(id).toBe(deviceIdOf(machine.toUpperCase()));
    expect(machine).not.toContain(id?.slice(2));
  });
  it.each(['', 'uninitialized\n', '0'.repeat(32), 'g'.repeat(32)])('%j is no machine id', (text) =>
    expect(deviceIdOf(text)).toBeNull(),
  );
});

describe('what the agent does next', () => {
  const point = { epoch: 'e', revision: 2, digest: 'sha256:b' };
  const before = { epoch: 'e', revision: 1, digest: 'sha256:a' };
  const idle: Situation = {
    target: null,
    installed: null,
    failure: null,
    refused: null,
    gates: null,
    downloaded: false,
    repair: false,
    now: 1000,
  };
  const outcome = { undone: true, code: 'script-failed', reason: 'postinst', retryable: true };
  const when = { now: 1000, random: () => 0, backoff: { baseMs: 100, capMs: 1000 } };

  it('rests without a desired state, and when it is brought about', () => {
    expect(nextAction(idle)).toMatchObject({ kind: 'rest', phase: 'idle', ms: null });
    expect(nextAction({ ...idle, target: point, installed: point })).toMatchObject({
      kind: 'rest',
      phase: 'idle',
    });
  });
  it('converges to what is not installed', () => {
    expect(nextAction({ ...idle, target: point, installed: before }).kind).toBe('converge');
    expect(nextAction({ ...idle, target: point }).kind).toBe('converge');
    const changed = { ...idle, target: point, installed: point, repair: true };
    expect(nextAction(changed).kind).toBe('converge');
    const shut = {
      open: false,
      reason: 'window',
      detail: 'at night',
      until: 5,
      askAgainMs: 4,
    } as const;
    const gates = { download: { open: true }, apply: shut } as const;
    expect(nextAction({ ...changed, gates }).kind).toBe('download');
    expect(nextAction({ ...changed, gates, downloaded: true })).toMatchObject({ phase: 'waiting' });
  });
  it('does not try a failed revision before its time, but a new one at once', () => {
    const failure = failureAfter(null, point, outcome, when);
    const failed = { ...idle, target: point, failure };
    expect(nextAction(failed)).toEqual({
      kind: 'rest',
      phase: 'rolled-back',
      reason: 'postinst',
      retryAt: 1050,
      detail: null,
      ms: 50,
    });
    expect(nextAction({ ...failed, now: 1050 }).kind).toBe('converge');
    expect(nextAction({ ...failed, target: { ...point, revision: 3 } }).kind).toBe('converge');
  });
  it('waits longer after each failure of one revision, and for ever if trying is of no use', () => {
    const first = failureAfter(null, point, outcome, when);
    const second = failureAfter(first, point, outcome, when);
    expect([first.retryAt, second.retryAt, second.attempts]).toEqual([1050, 1100, 2]);
    expect(failureAfter(second, { ...point, revision: 3 }, outcome, when).attempts).toBe(1);
    const final = failureAfter(null, point, { ...outcome, retryable: false }, when);
    expect(nextAction({ ...idle, target: point, failure: final, now: 9e15 })).toMatchObject({
      kind: 'rest',
      ms: null,
      retryAt: null,
    });
  });
  it('waits for a source that cannot be reached, and tells of packages what stood in the way', () => {
    const silent = { ...outcome, undone: false, code: 'source-unreachable', reason: 'no route' };
    const failure = failureAfter(null, point, silent, when);
    expect(nextAction({ ...idle, target: point, failure })).toEqual({
      kind: 'rest',
      phase: 'waiting',
      reason: 'source',
      retryAt: 1050,
      detail: 'no route',
      ms: 50,
    });
    expect(packageProblemOf(failure)).toBe('no route');
    expect(packageProblemOf(failureAfter(null, point, outcome, when))).toBe(null);
    expect(packageProblemOf(null)).toBe(null);
  });
  it('shows a refusal while it keeps what it has', () => {
    const refused = { phase: 'conflict' as const, reason: 'epoch' };
    expect(nextAction({ ...idle, target: point, installed: point, refused })).toMatchObject({
      kind: 'rest',
      phase: 'conflict',
      reason: 'epoch',
    });
  });
});
