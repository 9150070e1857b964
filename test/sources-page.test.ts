import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandTable } from '../ctl/command-table.ts';

const page = readFileSync(join(import.meta.dirname, '../docs/sources.md'), 'utf8');
const faults = ['faults-of-bcfg2', 'faults-of-bcfg2-rpm']
  .map((name) => join(import.meta.dirname, `server/resolver/${name}.test.ts`))
  .map((path) => readFileSync(path, 'utf8'))
  .join('');

/** The rows of the table under a heading, without its own two lines. */
function rowsUnder(heading: string): string[] {
  const [, rest = ''] = page.split(`\n## ${heading}\n`);
  const [section = ''] = rest.split('\n## ');
  return section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2);
}

const testsIn = (text: string): string[] =>
  [...text.matchAll(/`([\w./-]+\.test\.ts)`/g)].map(([, file]) => file as string);
const commandsIn = (text: string): string[] =>
  [...text.matchAll(/jamesd-ctl ([a-z]+(?: [a-z-]+){0,2})/g)].map(([, words]) => words as string);

/** Whether a command that is built begins the words. */
const isKnown = (words: string): boolean =>
  commandTable.some(
    ({ name, later }) => !later && (words === name || words.startsWith(`${name} `)),
  );

describe('the page about sources', () => {
  it('names tests and commands that exist for every promise of the ancestor', () => {
    const rows = rowsUnder('The page of the ancestor, line by line');
    expect(rows.length).toBeGreaterThan(45);
    for (const row of rows) {
      const tests = testsIn(row);
      const shown = tests.length + commandsIn(row).length;
      expect(shown > 0 || row.includes('later; not in this release'), row).toBe(true);
      for (const file of tests)
        expect(existsSync(join(import.meta.dirname, file)), file).toBe(true);
    }
  });

  it('names a test for every fault of the ancestor’s resolver', () => {
    const rows = rowsUnder("What Bcfg2's resolver did wrong");
    expect(rows.length).toBeGreaterThan(25);
    for (const row of rows) {
      const tests = testsIn(row);
      const [, right = ''] = /\| ([^|]*) \|$/.exec(row) ?? [];
      const titles = [...right.matchAll(/"([^"]+)"/g)].map(([, title]) => title);
      expect(tests.length + titles.length, row).toBeGreaterThan(0);
      for (const title of titles) expect(faults, row).toContain(`it('${title}'`);
      for (const file of tests)
        expect(existsSync(join(import.meta.dirname, file)), file).toBe(true);
    }
  });

  it('writes down no command that is not there', () => {
    const unknown = commandsIn(page).filter((words) => !isKnown(words));
    expect(unknown).toEqual([]);
  });
});
