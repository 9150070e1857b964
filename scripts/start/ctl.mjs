import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../setup.mjs';
import { cleanEnvironment } from './children.mjs';

/**
 * `jamesd-ctl` as the operator of a server.
 * @returns {(...args: string[]) => Promise<string>} runs a command, gives its standard output, rejects with its errors
 */
export function createCtl({ http, token }) {
  const env = cleanEnvironment({
    JAMESD_SERVER: http,
    JAMESD_TOKEN: token,
    NO_COLOR: '1',
    // Packets of the example have the same id at each start.
    SOURCE_DATE_EPOCH: '1767225600',
  });
  return (...args) =>
    new Promise((resolve, reject) => {
      const program = join(root, 'dist', 'jamesd-ctl.js');
      const child = spawn(process.execPath, [program, ...args], { env, cwd: root });
      const written = { out: '', err: '' };
      child.stdout.on('data', (text) => (written.out += text));
      child.stderr.on('data', (text) => (written.err += text));
      child.on('error', reject);
      child.on('close', (status) => {
        if (status === 0) resolve(written.out.trim());
        else reject(new Error(`jamesd-ctl ${args.join(' ')} failed: ${written.err.trim()}`));
      });
    });
}
