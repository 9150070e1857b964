import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { newestLts } from './node-lts.mjs';
import { root, setUp } from './setup.mjs';
import { tests, tool } from './stages.mjs';

/*
 * `npm test`: everything that has to hold, in under ten minutes. `--full` takes all samples instead of seeded ones.
 * With CI=true nothing may be left out: a skipped test or a missing tool is a failure.
 */
const ci = process.env.CI === 'true';
const full = process.argv.includes('--full');
const env = {
  JAMESD_CONFORMANCE: resolve(root, process.env.JAMESD_CONFORMANCE ?? '../shared/conformance'),
  ...(full && { JAMESD_FULL: '1' }),
};
const nothing = { ok: true, passed: 0, failed: 0, skipped: 0 };

const stages = {
  lint: () => tool('biome', ['check']),
  types: () => tool('tsc', ['-p', '.']),
  'types of the page': () => tool('tsc', ['-p', 'server/dashboard']),
  build: buildAll,
  'architecture and unit': () => tests({ args: ['--project', 'unit'], env }),
  conformance,
  'end to end': () => tests({ args: ['--project', 'e2e'], env }),
  'pure cores on the newest Node LTS': onNewestLts,
};

async function buildAll() {
  const { build } = await import('./build.mjs');
  try {
    return { ...nothing, note: `${await build()} ms` };
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return { ...nothing, ok: false, failed: 1 };
  }
}

/** The cases run among the unit tests; here is only said when they are not at hand. */
async function conformance() {
  if (existsSync(env.JAMESD_CONFORMANCE)) return { ...nothing, note: 'among the unit tests' };
  return leftOut(
    `there is no folder ${env.JAMESD_CONFORMANCE}; JAMESD_CONFORMANCE names another one`,
  );
}

async function onNewestLts() {
  const { path, version, missing } = newestLts();
  if (!path) return leftOut(missing);
  const cores = ['test/proto/', '/core/'];
  const result = await tests({ node: path, args: ['--project', 'unit', ...cores], env });
  return { ...result, note: `Node ${version}` };
}

/** Something cannot be checked here: a failure where nothing may be left out. */
function leftOut(why) {
  return { ...nothing, ok: !ci, failed: ci ? 1 : 0, note: `LEFT OUT: ${why}` };
}

async function runStage([name, run]) {
  console.log(`\n── ${name} ──`);
  const startedAt = performance.now();
  const result = await run();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const skipsMatter = ci && result.skipped > 0;
  return {
    ...result,
    name,
    seconds,
    ok: result.ok && !skipsMatter,
    failed: result.failed + (skipsMatter ? result.skipped : 0),
  };
}

function summaryLine({ name, ok, seconds, passed, failed, skipped, note }) {
  const counts = passed + failed > 0 ? `${passed} passed, ${failed} failed` : '';
  const skips = skipped > 0 ? `${skipped} skipped` : '';
  const rest = [counts, skips, note].filter(Boolean).join('; ');
  return `${ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(34)} ${seconds.padStart(6)} s  ${rest}`.trimEnd();
}

setUp();
const results = [];
for (const stage of Object.entries(stages)) results.push(await runStage(stage));

const total = (key) => results.reduce((sum, result) => sum + result[key], 0);
console.log(`\n── summary ──\n${results.map(summaryLine).join('\n')}`);
console.log(`${total('passed')} passed, ${total('failed')} failed`);
process.exitCode = results.every((result) => result.ok) ? 0 : 1;
