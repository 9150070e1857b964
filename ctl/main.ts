import { homedir } from 'node:os';
import { runCtl } from './run.ts';
import { systemClock, systemRandom } from './system/clock.ts';
import { askSecret, streamOutput } from './system/terminal.ts';

const stopping = new AbortController();
const stop = (): void => stopping.abort(new Error('interrupted'));
process.once('SIGINT', stop);
process.once('SIGTERM', stop);

process.exitCode = await runCtl(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  home: homedir(),
  stdin: process.stdin,
  stdout: streamOutput(process.stdout, stop),
  stderr: streamOutput(process.stderr, stop),
  clock: systemClock,
  random: systemRandom,
  signal: stopping.signal,
  askSecret,
});
