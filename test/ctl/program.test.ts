import { describe, expect, it } from 'vitest';
import { commandTable } from '../../ctl/command-table.ts';
import { parseCommandLine } from '../../ctl/program.ts';
import { ctl } from './run-ctl.ts';

const parse = (...argv: string[]) =>
  parseCommandLine(argv, commandTable, { width: 80, colour: false });
const input = (...argv: string[]) => {
  const found = parse(...argv);
  if (found.kind !== 'run') throw new Error(found.text);
  return found.input;
};

describe('command lines', () => {
  it('give typed input', () => {
    expect(input('packet', 'list', '-n', 'logger', '-l', 'arch=a|b,!old')).toEqual({
      name: 'logger',
      selector: { arch: ['a', 'b'], old: { exists: false } },
    });
    expect(input('packet', 'compute', '-l', 'a=1', '--labels', 'b=2')).toEqual({
      labels: { a: '1', b: '2' },
    });
    expect(input('packet', 'compute', '-l', '')).toEqual({ labels: {} });
    expect(
      input('apply', '-f', 'a', '-f', '-', '--prune', '-m', 'why', '--confirm-removals', '3'),
    ).toEqual({
      file: ['a', '-'],
      prune: true,
      dryRun: false,
      message: 'why',
      confirmRemovals: 3,
    });
    expect(input('token', 'create', '--join', '--expires', '1h30m')).toMatchObject({
      expires: 5_400_000,
    });
    expect(input('device', 'labels', 'd', 'a=b', 'c-')).toMatchObject({
      device: 'd',
      changes: ['a=b', 'c-'],
    });
  });

  it('take global options before and after the verb, the later one winning', () => {
    const globals = (...argv: string[]) => {
      const found = parse(...argv);
      return found.kind === 'run' ? found.globals : {};
    };
    expect(globals('-o', 'json', 'spec', 'list')).toMatchObject({ output: 'json' });
    expect(globals('spec', 'list', '-o', 'json')).toMatchObject({ output: 'json' });
    expect(globals('-o', 'yaml', 'spec', 'list', '-o', 'json')).toMatchObject({ output: 'json' });
  });

  it.each([
    { argv: ['packt'], says: "Unknown command 'packt'. Did you mean packet?" },
    { argv: ['packet', 'foo'], says: "Unknown command 'foo'." },
    { argv: ['spec', 'get'], says: "Missing required argument 'id'." },
    { argv: ['spec', 'get', 'a', 'b'], says: 'Too many arguments' },
    { argv: ['spec', 'list', '--labls'], says: "Unknown option '--labls'." },
    {
      argv: ['spec', 'list', '-o', 'xml'],
      says: '--output: "xml" is not one of table, wide, json, yaml, name.',
    },
    { argv: ['apply'], says: 'Give --file' },
    {
      argv: ['packet', 'compute', '-l', 'a=b=c'],
      says: '--labels: Labels, column 1: "a=b=c" has more than one "="',
    },
    { argv: ['packet', 'compute', '-l', 'a=1', '-l', 'a=2'], says: 'the key "a" stands twice' },
    { argv: ['packet', 'list', '-l', 'a==b'], says: '--selector: Selector, column 1' },
    { argv: ['wait', '--timeout', '30'], says: '--timeout: "30" is not a duration' },
    { argv: ['wait', '--for', 'done'], says: '"done" is neither converged nor phase=PHASE.' },
    { argv: ['wait', 'a', '-l', 'b=c'], says: 'Give a device or a selector, not both.' },
    { argv: ['rollback', 'x'], says: '"x" is not a whole number from 0.' },
    { argv: ['token', 'create'], says: '--join or --operator' },
    {
      argv: ['token', 'create', '--operator', '--uses', '2'],
      says: '--labels and --uses go with --join.',
    },
    { argv: ['device', 'labels', 'd', 'a'], says: '"a" is neither key=value nor key-' },
    { argv: ['device', 'labels', 'd', 'a=1', 'a-'], says: 'The key "a" stands twice.' },
    {
      argv: ['schema', 'Nothing'],
      says: '"nothing" is not one of spec, source, packet, desired, reported.',
    },
    { argv: ['spec', 'list', '--server', 'ftp://x'], says: 'is not the address of a server' },
  ])('$argv is an error of usage', async ({ argv, says }) => {
    const { status, stdout, stderr } = await ctl(argv);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^jamesd-ctl: .* \(usage\)\n$/);
    expect(stderr).toContain(says);
  });

  it('without a verb show help on stderr and end with 2', async () => {
    for (const argv of [[], ['packet']]) {
      const { status, stdout, stderr } = await ctl(argv);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toContain('Usage: jamesd-ctl');
    }
  });

  it('that cannot be read give a problem document with -o json', async () => {
    for (const flags of [['-o', 'json'], ['-ojson'], ['--output=json']]) {
      const { status, stderr } = await ctl(['spec', 'get', ...flags]);
      expect(status).toBe(2);
      expect(JSON.parse(stderr)).toMatchObject({
        type: 'urn:jamesd:error:usage',
        code: 'usage',
        status: 400,
      });
    }
  });
});

describe('verbs of later releases', () => {
  it.each([
    ['packet', 'sign', 'x.jpk'],
    ['device', 'retire', 'd', '--force'],
    ['rollout'],
    ['key', 'list'],
    ['audit'],
    ['backup', 'to'],
    ['restore', 'from'],
  ])('%s %s is known, and not supported', async (...argv) => {
    const { status, stdout, stderr } = await ctl(argv.filter((word) => word !== undefined));
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/is not supported by this release; .*\(unsupported\)\n$/);
  });
});
