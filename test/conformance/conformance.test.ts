import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bars, conformanceFolder, suites } from './suites.ts';

const folder = conformanceFolder();

describe('conformance', () => {
  it('has its cases at hand where nothing may be left out', () => {
    expect(process.env.CI !== 'true' || existsSync(folder)).toBe(true);
  });

  for (const [name, run] of Object.entries(existsSync(folder) ? suites : {})) {
    it(name, () => {
      const { failures, passed, failed, accepted } = run(folder);
      const bar = bars[name] ?? 1;
      expect(passed).toBeGreaterThan(0);
      expect(accepted).toBe(0);
      if (passed / (passed + failed) < bar) expect(failures).toEqual([]);
    });
  }
});
