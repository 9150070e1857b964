import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createClock } from '../../../agent/system/clock.ts';
import { type Command, createCommands, KEPT_OUTPUT_BYTES } from '../../../agent/system/commands.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const commands = createCommands({ clock: createClock() });
const shell = (script: string, rest: Partial<Command> = {}): Command => ({
  file: '/bin/sh',
  args: ['-c', script],
  env: {},
  cwd: '/',
  timeoutMs: 10_000,
  ...rest,
});

it('tells how a program ended and what it wrote', async () => {
  expect(await commands.run(shell('echo out; echo err >&2; exit 4'))).toEqual({
    end: 'exited',
    code: 4,
    output: 'out\nerr\n',
    stdout: '',
    truncated: false,
  });
  expect(await commands.run(shell('kill -9 $$'))).toMatchObject({
    end: 'signalled',
    code: 'SIGKILL',
  });
  expect(await commands.run(shell('', { file: '/no/such/program' }))).toMatchObject({
    end: 'not-started',
    code: 'ENOENT',
  });
  expect(await commands.run(shell('echo \0'))).toMatchObject({
    end: 'not-started',
    code: 'ERR_INVALID_ARG_VALUE',
  });
});

it('gives it the environment it is told and no more', async () => {
  const { output } = await commands.run(shell('env', { env: { ONLY: 'this' } }));
  expect(output.split('\n').filter((line) => !/^(PWD|SHLVL|_|OLDPWD)=/.test(line))).toEqual([
    'ONLY=this',
    '',
  ]);
});

it('gives the beginning of the standard output, and passes both on', async () => {
  const passed: string[] = [];
  const result = await commands.run(
    shell('echo 12345678; echo err >&2', { stdoutBytes: 4, onOutput: (text) => passed.push(text) }),
  );
  expect(result).toMatchObject({ stdout: '1234', truncated: true });
  expect(passed.join('').split('\n').sort()).toEqual(['', '12345678', 'err']);
});

it('ends a program and what it started when it is told to', async () => {
  const stop = new AbortController();
  const running = commands.run(shell('sleep 30 & wait', { signal: stop.signal }));
  stop.abort(new Error('over'));
  expect(await running).toMatchObject({ end: 'signalled', code: 'SIGTERM' });
});

it('leaves nothing running that does not heed the signal to end', async () => {
  const stop = new AbortController();
  let pid = 0;
  const onOutput = (text: string): void => {
    pid = Number(text);
    stop.abort(new Error('over'));
  };
  const script = "(trap '' TERM; exec sh -c 'echo $$; exec sleep 600') & wait";
  await commands.run(shell(script, { signal: stop.signal, onOutput }));
  const gone = `while kill -0 ${pid} 2>/dev/null && ! grep -q "State:.Z" /proc/${pid}/status; do sleep 0.02; done`;
  expect(pid).toBeGreaterThan(0);
  expect(await commands.run(shell(gone))).toMatchObject({ code: 0 });
});

it('keeps the end of a long output', async () => {
  const { output } = await commands.run(shell('head -c 1000000 /dev/zero | tr "\\0" x; echo end'));
  expect(output).toHaveLength(KEPT_OUTPUT_BYTES);
  expect(output.endsWith('xend\n')).toBe(true);
});

it('does not wait for what a program leaves running', async () => {
  const mark = join(temporaryDirectory(), 'mark');
  const result = await commands.run(shell(`(sleep 0.7; : > ${mark}) & echo started`));
  expect(result).toMatchObject({ end: 'exited', code: 0, output: 'started\n' });
  expect(existsSync(mark)).toBe(false);
  expect(await commands.run(shell(`until [ -e ${mark} ]; do sleep 0.05; done`))).toMatchObject({
    code: 0,
  });
});

it('ends the whole process group when time is up', async () => {
  const result = await commands.run(shell('sleep 600 & echo $!; wait', { timeoutMs: 200 }));
  expect(result.end).toBe('timed-out');
  const pid = Number(result.output);
  expect(
    await commands.run(
      shell(
        `while kill -0 ${pid} 2>/dev/null && ! grep -q "State:.Z" /proc/${pid}/status; do sleep 0.02; done`,
      ),
    ),
  ).toMatchObject({ code: 0 });
});

it('gives a program what it may read, whether it reads it or not', async () => {
  const stdin = 'x'.repeat(1_000_000);
  expect(await commands.run(shell('wc -c', { stdin }))).toMatchObject({ output: '1000000\n' });
  expect(await commands.run(shell('exec 0<&-; echo done', { stdin }))).toMatchObject({
    code: 0,
    output: 'done\n',
  });
});

it('keeps its standard error alone where that is asked for', async () => {
  const both = shell('echo out; echo err >&2', { keep: 'stderr', stdoutBytes: 10 });
  expect(await commands.run(both)).toMatchObject({ output: 'err\n', stdout: 'out\n' });
});

it('ends a program at once where no grace is given', async () => {
  const stubborn = shell("trap '' TERM; sleep 30 & wait; wait", { timeoutMs: 200, graceMs: 0 });
  expect(await commands.run(stubborn)).toMatchObject({ end: 'timed-out', code: 'SIGKILL' });
});
