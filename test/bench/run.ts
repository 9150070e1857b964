import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { benches } from './benches.ts';
import type { Row } from './row.ts';
import { formatTable } from './table.ts';

/*
 * `npm run bench [-- NAME…]`: measures the named figures, or all; prints a table and writes bench.json. Exit status 1 if
 * a bar was missed, 2 for an unknown name.
 */
const root = resolve(import.meta.dirname, '../..');
const all = Object.keys(benches);
const wanted = process.argv.slice(2).filter((word) => word !== '--');
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`There is no figure ${unknown.join(', ')}. There are: ${all.join(', ')}.`);
  process.exit(2);
}

await buildPrograms();
const names = wanted.length > 0 ? wanted : all;
const rows: Row[] = [];
for (const load of new Set(names.map((name) => benches[name]))) {
  if (!load) continue;
  const measured = names.filter((name) => benches[name] === load);
  console.error(`Measuring ${measured.join(', ')} …`);
  const { run } = await load();
  rows.push(...(await run(measured)).filter((row) => measured.includes(row.name)));
}
rows.sort((a, b) => all.indexOf(a.name) - all.indexOf(b.name));
console.log(formatTable(rows));
writeFileSync(join(root, 'bench.json'), `${JSON.stringify(rows, null, 2)}\n`);
process.exitCode = rows.every((row) => row.ok) ? 0 : 1;

/** The figures are those of the built programs. */
async function buildPrograms(): Promise<void> {
  const path = join(root, 'scripts/build.mjs');
  const { build } = (await import(path)) as { build(names: readonly string[]): Promise<number> };
  await build([]);
}
