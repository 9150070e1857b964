import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.mjs';

/** The newest release line with long-term support. */
export const NEWEST_LTS = 26;

const folder = join(root, 'node_modules', '.cache', 'node-lts', String(NEWEST_LTS));

/**
 * The path of a `node` of the newest release line with long-term support, from the npm packages that hold Node's own
 * binaries; installed on demand, without install scripts. Returns `{ path }`, or `{ missing }` with a sentence.
 */
export function newestLts() {
  const name = `node-${process.platform}-${process.arch}`;
  if (process.platform !== 'linux')
    return { missing: `There is no npm package ${name} to take it from.` };
  const path = join(folder, 'node_modules', name, 'bin', 'node');
  if (!existsSync(path)) {
    console.log(`Installing ${name}@${NEWEST_LTS} from npm for the second run …`);
    const error = install(`${name}@${NEWEST_LTS}`);
    if (error) return { missing: error };
  }
  const { status, stdout, error } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  if (status !== 0) return { missing: `${path} does not run here (${error?.message ?? status}).` };
  return { path, version: stdout.trim() };
}

function install(what) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true}\n');
  const { status, stderr } = spawnSync(
    'npm',
    [
      'install',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--no-package-lock',
      '--loglevel=error',
      what,
    ],
    { cwd: folder, encoding: 'utf8' },
  );
  return status === 0
    ? null
    : `npm could not install ${what}: ${(stderr ?? '').trim().slice(0, 400)}`;
}
