import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

const OLDEST_NODE = [20, 19];
const wantedFile = join(root, 'package-lock.json');
/** Written by npm when an installation is complete. */
const installedFile = join(root, 'node_modules', '.package-lock.json');

/**
 * Makes the checkout ready to build: checks Node's version and installs the dependencies if they are missing or are not
 * those of `package-lock.json`. Uses nothing but Node. Prints what it does; ends the process with 1 if it cannot.
 */
export function setUp() {
  requireNode();
  if (isInstalled()) return;
  console.log(
    existsSync(join(root, 'node_modules'))
      ? 'Set-up: the dependencies are not those of package-lock.json; running npm ci …'
      : 'Set-up: installing the dependencies with npm ci (once, about half a minute) …',
  );
  installDependencies();
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

/** True if every package of the lock file is installed as it says; those for other platforms may be missing. */
function isInstalled() {
  if (!existsSync(installedFile)) return false;
  const installed = packagesOf(installedFile);
  return Object.entries(packagesOf(wantedFile)).every(([path, wanted]) => {
    const found = installed[path];
    return path === '' || (found ? found.version === wanted.version : wanted.optional === true);
  });
}

function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
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
