import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { featuresOf, policyFields } from '../../../proto/device-policy.ts';
import type { Spec } from '../../../proto/spec.ts';
import { applyingSpecs } from '../../../server/core/app-lines.ts';
import { planPolicy } from '../../../server/core/device-policy.ts';

const spec = (id: string, part: Partial<Spec>) => ({ id, target: {}, revision: 1, ...part });
const planned = (...specs: ReturnType<typeof spec>[]) => planPolicy(applyingSpecs({}, specs));
const night = { apply: [{ at: '02:00', duration: '3h' }] };
const weekend = { apply: [{ days: ['sat' as const], at: '00:00', duration: '48h' }] };
const unit = { unit: 'a.service' };
const reach = { server: 'reachable' as const };

describe('the policy of a device', () => {
  it('is what the only spec says, and nothing where none says anything', () => {
    const health = { checks: [unit], timeout: '1m' };
    expect(planned(spec('a', { health, drift: 'repair' })).policy).toEqual({
      health,
      drift: 'repair',
    });
    expect(planned(spec('a', {}))).toEqual({ policy: {}, fields: [], problems: [] });
  });

  it('is field by field what the spec of the highest priority says', () => {
    const { policy, problems, fields } = planned(
      spec('low', { priority: 1, windows: night, drift: 'repair', reboot: 'auto' }),
      spec('high', { priority: 2, windows: weekend, reboot: 'never' }),
    );
    expect(policy).toEqual({ windows: [weekend], drift: 'repair', reboot: 'never' });
    expect(problems).toEqual([]);
    expect(fields.map(({ field, specs, priority }) => [field, specs, priority])).toEqual([
      ['windows', ['high'], 2],
      ['drift', ['low'], 1],
      ['reboot', ['high'], 2],
    ]);
  });

  it('has all windows of equal priority, each once, and none that limits nothing', () => {
    const all = planned(
      spec('a', { windows: night }),
      spec('b', { windows: weekend }),
      spec('c', { windows: { ...night } }),
      spec('d', { windows: { download: 'always', jitter: '1m' } }),
    );
    expect(all.policy).toEqual({ windows: [night, weekend] });
    expect(all.fields[0]?.specs).toEqual(['a', 'b', 'c', 'd']);
  });

  it('is freed from windows, checks and inhibitors by a spec of higher priority that names none', () => {
    const { policy, problems } = planned(
      spec('low', { windows: night, health: { checks: [unit] }, inhibit: { file: '/run/busy' } }),
      spec('high', { priority: 1, windows: {}, health: { checks: [] }, inhibit: [] }),
    );
    expect([policy, problems]).toEqual([{}, []]);
  });

  it('adds checks up, with the longest of the times that each spec gives its own', () => {
    const { policy } = planned(
      spec('a', { health: { checks: [unit, reach], timeout: '10s', retries: 1 } }),
      spec('b', { health: { checks: [reach, { tcp: 'localhost:22' }] } }),
    );
    expect(policy.health).toEqual({
      checks: [unit, reach, { tcp: 'localhost:22' }],
      ...{ timeout: '30s', retries: 3 },
    });
    const longer = planned(
      spec('a', { health: { checks: [unit], interval: '90s' } }),
      spec('b', { health: { checks: [unit], interval: '1m' } }),
    );
    expect(longer.policy.health).toEqual({ checks: [unit], interval: '90s' });
  });

  it('adds inhibitors up, and says what happens at a deadline', () => {
    const { policy } = planned(
      spec('a', { inhibit: { file: '/run/busy', deadline: '24h' } }),
      spec('b', {
        inhibit: [{ command: 'pgrep -x pump' }, { file: '/run/busy', deadline: '24h' }],
      }),
    );
    expect(policy.inhibit?.map((one) => Object.values(one))).toEqual([
      ['/run/busy', '24h', 'give-up'],
      ['pgrep -x pump'],
    ]);
  });

  it('is the careful one where specs contradict each other, and says so', () => {
    const { policy, problems } = planned(
      spec('a', {
        ...{ irreversible: 'allow', drift: 'repair', reboot: 'auto' },
        downloads: { rate: '1MB/s', mirrors: ['https://a.example.org/{hex}'] },
      }),
      spec('b', {
        ...{ irreversible: 'refuse', drift: 'report', reboot: 'never' },
        downloads: { rate: [{ from: '08:00', to: '18:00', rate: '500kB/s' }], budget: 5 },
      }),
    );
    expect(policy).toEqual({
      downloads: { rate: '500kB/s', budget: 5 },
      ...{ irreversible: 'refuse', drift: 'report', reboot: 'never' },
    });
    expect(problems.map(({ code, name }) => [code, name])).toEqual([
      ['conflict', 'downloads'],
      ['conflict', 'irreversible'],
      ['conflict', 'drift'],
      ['conflict', 'reboot'],
    ]);
    expect(problems[1]?.detail).toBe(
      'At priority 0, the specs a, b say different things of "irreversible". Until they agree or one has a higher priority, it is "refuse".',
    );
  });

  it('does not depend on the order of the specs', () => {
    const part: fc.Arbitrary<Partial<Spec>> = fc.record(
      {
        priority: fc.integer({ min: 0, max: 1 }),
        windows: fc.constantFrom(night, weekend, {}),
        health: fc.record({
          checks: fc.subarray([unit, reach]),
          retries: fc.integer({ min: 0, max: 9 }),
        }),
        inhibit: fc.constantFrom({ file: '/a' }, [{ file: '/b' }], []),
        downloads: fc.constantFrom({ budget: 1 }, { budget: 2 }, {}),
        drift: fc.constantFrom('report' as const, 'repair' as const),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), fc.infiniteStream(fc.nat()), (parts, order) => {
        const specs = parts.map((one, index) => spec(`s${index}`, one));
        const shuffled = specs
          .map((one) => ({ one, at: order.next().value }))
          .sort((a, b) => a.at - b.at)
          .map(({ one }) => one);
        expect(planned(...shuffled)).toEqual(planned(...specs));
      }),
      { seed: 4, numRuns: 200 },
    );
  });

  it('needs features for what a device that ignores it would do wrong', () => {
    const health = { checks: [unit] };
    expect(featuresOf({ health, windows: [night], inhibit: [{ file: '/a' }] })).toEqual([
      'health/1',
      'windows/1',
      'inhibit/1',
    ]);
    expect(featuresOf({ drift: 'repair', reboot: 'never', irreversible: 'allow' })).toEqual([]);
    expect(policyFields).toHaveLength(7);
  });
});
