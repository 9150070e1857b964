import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandTable } from '../../ctl/command-table.ts';
import { completionScript, shells } from '../../ctl/completion-script.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { ctl } from './run-ctl.ts';

describe('completion scripts', () => {
  it.each(shells)('for %s are as they were', async (shell) => {
    const { status, stdout } = await ctl(['completion', shell]);
    expect(status).toBe(0);
    await expect(stdout).toMatchFileSnapshot(
      resolve(import.meta.dirname, '../golden/ctl', `completion.${shell}`),
    );
  });

  it('know every verb that this release has, and none of later ones', () => {
    for (const shell of shells) {
      const text = completionScript(shell, commandTable);
      for (const { name, later } of commandTable) {
        const verb = name.split(' ').at(-1) as string;
        if (!later)
          expect([shell, name, text]).toEqual([shell, name, expect.stringContaining(verb)]);
      }
      expect(text).not.toContain('restore');
    }
  });
});

/** The shell's own machinery, with a `jamesd-ctl` in the path that answers what lists would. */
describe('completion in bash', () => {
  const complete = (line: string, cwd = '/'): string[] => {
    const bin = temporaryDirectory();
    writeFileSync(
      join(bin, 'jamesd-ctl'),
      '#!/bin/sh\n[ "$1 $2 $3 $4" = "spec list -o name" ] && printf "base\\nlogger-spec\\n"\n[ "$1 $2 $3" = "source secret list" ] && echo mirror\n',
    );
    chmodSync(join(bin, 'jamesd-ctl'), 0o755);
    const words = line.split(' ');
    const script = `${completionScript('bash', commandTable)}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})
COMP_CWORD=${words.length - 1}
_jamesd_ctl 2>/dev/null
printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['--norc'], {
      input: script,
      encoding: 'utf8',
      cwd,
      env: { PATH: `${bin}:${process.env.PATH}` },
    });
    expect(stderr).toBe('');
    return stdout
      .split('\n')
      .filter((word) => word !== '')
      .sort();
  };

  it('offers nouns and verbs', () => {
    expect(complete('jamesd-ctl pa')).toEqual(['package', 'packet']);
    expect(complete('jamesd-ctl packet d')).toEqual(['delete', 'download']);
    expect(complete('jamesd-ctl -o json packet d')).toEqual(['delete', 'download']);
    expect(complete('jamesd-ctl source s')).toEqual(['secret', 'status']);
    expect(complete('jamesd-ctl source secret ')).toEqual(['delete', 'list', 'set']);
  });

  it('offers options of the verb and those of all', () => {
    expect(complete('jamesd-ctl packet build --k')).toEqual(['--keep-owner']);
    expect(complete('jamesd-ctl packet build --se')).toEqual(['--server']);
  });

  it('offers values of an option', () => {
    expect(complete('jamesd-ctl spec list -o ')).toEqual(['json', 'name', 'table', 'wide', 'yaml']);
    expect(complete('jamesd-ctl wait --for c')).toEqual(['converged']);
    expect(complete('jamesd-ctl completion ')).toEqual(['bash', 'fish', 'zsh']);
  });

  it('asks the server for ids', () => {
    expect(complete('jamesd-ctl spec get ')).toEqual(['base', 'logger-spec']);
    expect(complete('jamesd-ctl spec get logger')).toEqual(['logger-spec']);
    expect(complete('jamesd-ctl source secret delete ')).toEqual(['mirror']);
  });

  it('offers files where files are meant', () => {
    const cwd = temporaryDirectory();
    writeFileSync(join(cwd, 'a.jpk'), '');
    mkdirSync(join(cwd, 'adir'));
    expect(complete('jamesd-ctl packet upload a', cwd)).toEqual(['a.jpk', 'adir']);
    expect(complete('jamesd-ctl packet upload a.jpk a', cwd)).toEqual(['a.jpk', 'adir']);
    expect(complete('jamesd-ctl packet build a', cwd)).toEqual(['adir']);
  });
});
