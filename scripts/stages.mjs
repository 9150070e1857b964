import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './setup.mjs';

const bin = (name) => join(root, 'node_modules', '.bin', name);
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');

/**
 * One part of `npm test`.
 * @typedef {{ ok: boolean, passed: number, failed: number, skipped: number, note?: string }} Result
 */

/** Runs a tool of `node_modules/.bin`; its output is shown. @returns {Promise<Result>} */
export async function tool(name, args, env = {}) {
  const status = await run(bin(name), args, env);
  return { ok: status === 0, passed: 0, failed: status === 0 ? 0 : 1, skipped: 0 };
}

/**
 * Runs vitest and counts its tests.
 * @param {{ node?: string, args: string[], env?: Record<string, string> }} what `node` is the Node that runs it
 * @returns {Promise<Result>}
 */
export async function tests({ node = process.execPath, args, env = {} }) {
  const file = join(
    root,
    'node_modules',
    '.cache',
    'jamesd-test',
    `${process.pid}-${Date.now()}.json`,
  );
  mkdirSync(dirname(file), { recursive: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const status = await run(node, [vitest, 'run', ...args, ...reporters], env);
  const counts = readCounts(file);
  rmSync(file, { force: true });
  if (counts && status === 0) return { ok: true, ...counts };
  const { passed = 0, failed = 0, skipped = 0 } = counts ?? {};
  return { ok: false, passed, failed: Math.max(failed, 1), skipped };
}

function readCounts(file) {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch {
    return null;
  }
}

/** @returns {Promise<number>} the exit status; 1 if it could not be started or was killed */
function run(command, args, env) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...env },
    });
    child.on('error', (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(1);
    });
    child.on('close', (status) => resolve(status ?? 1));
  });
}
