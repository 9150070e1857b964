import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('the table of faults names tests that exist, and no row is without one', () => {
  const path = join(import.meta.dirname, '../docs/faults-of-the-ancestor.md');
  const [answered = ''] = readFileSync(path, 'utf8').split('## Not answered yet');
  const rows = answered.split('\n').filter((line) => /^\| (?!fault|---)/.test(line));
  expect(rows.length).toBeGreaterThan(40);
  for (const row of rows) {
    const files = [...row.matchAll(/`([\w./-]+\.test\.ts)`/g)].map(([, file]) => file as string);
    expect(files, row).not.toEqual([]);
    for (const file of files) expect(existsSync(join(import.meta.dirname, file)), file).toBe(true);
  }
});
