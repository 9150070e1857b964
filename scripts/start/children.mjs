import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup.mjs';

const STOP_MS = 8000;

/** The environment without settings that are meant for other servers and agents. */
export function cleanEnvironment(more = {}) {
  const entries = Object.entries(process.env).filter(([name]) => !/^JAMES(D|C)_/.test(name));
  return { ...Object.fromEntries(entries), ...more };
}

/** Long-running programs of this run; each writes to a log file of its own and is stopped by its process id. */
export function createChildren({ logs, onEnd }) {
  const running = new Map();
  let stopping = false;

  /**
   * Starts a built program. Its standard output is `stdout` of the answer, its errors go to `NAME.log`.
   * @returns {import('node:child_process').ChildProcess}
   */
  function start(name, program, args, env = {}) {
    const log = openSync(join(logs, `${name}.log`), 'a');
    const child = spawn(process.execPath, [join(root, 'dist', `${program}.js`), ...args], {
      stdio: ['ignore', 'pipe', log],
      env: cleanEnvironment(env),
      cwd: root,
    });
    closeSync(log);
    running.set(name, child);
    child.on('error', (error) => console.error(`${name}: ${error.message}`));
    child.on('exit', (status, signal) => {
      running.delete(name);
      if (!stopping) onEnd({ name, how: signal ?? `status ${status}`, tail: tail(name) });
    });
    return child;
  }

  /** The last lines of a program's log. */
  function tail(name, lines = 6) {
    const text = readFileSync(join(logs, `${name}.log`), 'utf8').trimEnd();
    return text.split('\n').slice(-lines).join('\n');
  }

  /** Ends all that still run: gently first, then not. */
  async function stop() {
    stopping = true;
    await Promise.all([...running.values()].map(end));
  }

  return { start, stop, tail, pids: () => [...running.values()].map((child) => child.pid) };
}

function end(child) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    child.on('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    if (child.exitCode !== null || child.signalCode !== null) resolve(clearTimeout(timer));
    else child.kill('SIGTERM');
  });
}
