import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

const OLDEST_NODE = [20, 19];
const stampFile = join(root, 'node_modules', '.jamesd-lock-hash');

/**
 * Makes the checkout ready to build: checks Node's version and installs the dependencies if they are missing or are not
 * those of `package-lock.json`. Uses nothing but Node. Prints what it does; ends the process with 1 if it cannot.
 */
export function setUp() {
  requireNode();
  const wanted = lockHash();
  if (installedHash() === wanted) return;
  console.log(
    existsSync(join(root, 'node_modules'))
      ? 'Set-up: package-lock.json changed since the dependencies were installed; running npm ci …'
      : 'Set-up: installing the dependencies with npm ci (once, about half a minute) …',
  );
  installDependencies();
  writeFileSync(stampFile, wanted);
  console.log('Set-up: done.');
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldest = 0, oldestMinor = 0] = OLDEST_NODE;
  if (major > oldest || (major === oldest && minor >= oldestMinor)) return;
  fail(
    `jamesd needs Node ${OLDEST_NODE.join('.')} or later; this is Node ${process.versions.node}. ` +
      'Install a newer one (https://nodejs.org) and try again.',
  );
}

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

function installedHash() {
  return existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : null;
}

function installDependencies() {
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (result.error) {
    fail(`npm cannot be run (${result.error.message}). It comes with Node; is it on the PATH?`);
  }
  if (result.status !== 0) {
    fail(
      `npm ci ended with ${result.status ?? result.signal}; its messages stand above. ` +
        'It needs the package registry (npm config get registry) and a writable checkout. Try again: nothing is half done.',
    );
  }
}

/**
 * Prints an error for people and ends the process with 1.
 * @param {string} sentence
 * @returns {never}
 */
function fail(sentence) {
  console.error(`Error: ${sentence}`);
  process.exit(1);
}
