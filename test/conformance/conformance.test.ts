import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { conformanceFolder, suites } from './suites.ts';

const folder = conformanceFolder();

describe('conformance', () => {
  it('has its cases at hand where nothing may be left out', () => {
    expect(process.env.CI !== 'true' || existsSync(folder)).toBe(true);
  });

  for (const [name, run] of Object.entries(existsSync(folder) ? suites : {})) {
    it(name, () => {
      const result = run(folder);
      expect(result.failures).toEqual([]);
      expect(result.cases).toBeGreaterThan(0);
    });
  }
});
