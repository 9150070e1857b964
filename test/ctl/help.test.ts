import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandTable } from '../../ctl/command-table.ts';
import { statusesOf } from '../../ctl/help.ts';
import { parseCommandLine } from '../../ctl/program.ts';
import { ctl } from './run-ctl.ts';

const golden = (name: string): string => resolve(import.meta.dirname, '../golden/ctl', name);
const verbs = commandTable.filter(({ later }) => !later);
const widest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));

describe('help', () => {
  it('of the program and of every verb is as it was', async () => {
    const program = await ctl(['--help'], { columns: 80 });
    expect(program.status).toBe(0);
    const parts = [program.stdout];
    for (const { name } of verbs) {
      const { stdout } = await ctl([...name.split(' '), '--help'], { columns: 80 });
      parts.push(`${'='.repeat(80)}\n${stdout}`);
    }
    await expect(parts.join('\n')).toMatchFileSnapshot(golden('help.txt'));
  });

  it('fits the terminal, but for examples that are to be copied', async () => {
    for (const { name, examples } of verbs) {
      const { stdout } = await ctl([...name.split(' '), '--help'], { columns: 80 });
      const shown = stdout.split('\n').filter((line) => !examples.includes(line.trim()));
      expect([name, widest(shown.join('\n'))]).toEqual([
        name,
        expect.toSatisfy((width: number) => width <= 80),
      ]);
    }
  });

  it('is the same by the word help', async () => {
    const [word, option] = await Promise.all([
      ctl(['help', 'packet', 'build']),
      ctl(['packet', 'build', '--help']),
    ]);
    expect(word).toEqual(option);
  });

  it('has an example for every verb, and the examples are command lines that can be read', () => {
    for (const { name, examples } of verbs) {
      expect([name, examples.length]).not.toEqual([name, 0]);
      for (const example of examples)
        expect([example, new Set(readable(example))]).toEqual([example, new Set([true])]);
    }
  });

  it('says each exit status once', () => {
    for (const command of verbs.filter(({ later }) => !later)) {
      const numbers = statusesOf(command).match(/\b[0-9](?= )/g) ?? [];
      expect([command.name, numbers]).toEqual([command.name, [...new Set(numbers)]]);
      expect(numbers.slice(0, 3)).toEqual(['0', '1', '2']);
    }
  });

  it('stdout has the version', async () => {
    expect(await ctl(['--version'])).toEqual({ status: 0, stdout: '0.0.0-source\n', stderr: '' });
  });
});

describe.each(['ctl.md', 'getting-started.md', 'specs.md', 'bcfg2.md', 'sources.md'])(
  'docs/%s',
  (name) => {
    it('has command lines that can be read', () => {
      const text = readFileSync(resolve(import.meta.dirname, '../../docs', name), 'utf8');
      const blocks = [...text.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = '']) =>
        block.split('\n'),
      );
      const calls = blocks.filter(
        (line) => line.includes('jamesd-ctl ') && !line.startsWith('alias'),
      );
      expect(calls.length).toBeGreaterThan(0);
      for (const call of calls)
        expect([call, new Set(readable(call))]).toEqual([call, new Set([true])]);
    });
  },
);

/** For each call of the program in a line of shell: whether it is a command line of a verb. */
function readable(line: string): boolean[] {
  const calls = line
    .replace(/(^|\s)#.*$/, '')
    .split(/(?<![\w./-])jamesd-ctl(?= )/)
    .slice(1);
  return calls.map((call) => {
    const [own = ''] = call.split(/\s(?:[|<>]|\|\||&&)\s|\)/);
    const words = (own.match(/'[^']*'|"[^"]*"|[^\s'"]+/g) ?? []).map((word) =>
      word.replace(/^['"]|['"]$/g, ''),
    );
    return parseCommandLine(words, commandTable, { width: 80, colour: false }).kind === 'run';
  });
}

describe('docs/ctl.md', () => {
  const file = resolve(import.meta.dirname, '../../docs/ctl.md');

  it('has a section with an example and the exit statuses for every verb', () => {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    for (const command of verbs) {
      const [, section = ''] = text.split(`\n### ${command.name}\n`);
      const own = section.split('\n### ')[0] ?? '';
      expect([command.name, own]).toEqual([
        command.name,
        expect.stringContaining(`jamesd-ctl ${command.name}`),
      ]);
      expect([command.name, own]).toEqual([
        command.name,
        expect.stringContaining(`Exit status: ${statusesOf(command)}.`),
      ]);
    }
  });
});
