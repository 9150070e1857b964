import { describe, expect, it } from 'vitest';
import { exploreTransaction } from '../../support/explore-transaction.ts';
import type { Scenario } from '../../support/transaction-model.ts';

const isFull = process.env.JAMESD_FULL !== undefined;
/** So many things go wrong in one transaction: deaths, boots, failures, aborts, bad health. */
const FAULTS = isFull ? 4 : 3;

const restarts = [null, 'machine', 'agent'] as const;
const scenarios: Scenario[] = restarts.flatMap((restart) => [
  { packages: false, steps: ['install'], driver: null, restart, health: true },
  { packages: true, steps: [], driver: null, restart, health: true },
  { packages: true, steps: ['install'], driver: 'image', restart, health: true },
  { packages: true, steps: ['upgrade', 'remove'], driver: null, restart, health: false },
]);

describe(`a transaction in which any ${FAULTS} things go wrong, one after the other`, () => {
  it.each(scenarios)(
    'packages: $packages, packets: $steps, restart: $restart, health: $health',
    (scenario) => {
      const { places, violation } = exploreTransaction(scenario, FAULTS);
      expect(violation).toBe(null);
      expect(places).toBeGreaterThan(500);
    },
    isFull ? 600_000 : 60_000,
  );
});
