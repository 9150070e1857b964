import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { ctl } from './run-ctl.ts';

const good = 'id: a\ntarget: {fleet: alpha}\napps: [{name: logger, labels: {version: 1.10}}]\n';

describe('validate', () => {
  it('needs no server and lists what is valid, several documents of a file and files of a directory', async () => {
    const cwd = temporaryDirectory();
    mkdirSync(join(cwd, 'specs'));
    writeFileSync(join(cwd, 'specs', 'b.yaml'), `${good}---\nid: b\ntarget: {}\n`);
    writeFileSync(join(cwd, 'specs', 'c.json'), '{"id": "c", "target": {"a": ["1", "2"]}}');
    writeFileSync(join(cwd, 'specs', 'ignored.txt'), 'nonsense: [');
    const { status, stdout, stderr } = await ctl(['validate', '-f', 'specs', '-o', 'json'], {
      cwd,
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual([
      { kind: 'Spec', id: 'a', file: 'specs/b.yaml', line: 1 },
      { kind: 'Spec', id: 'b', file: 'specs/b.yaml', line: 5 },
      { kind: 'Spec', id: 'c', file: 'specs/c.json', line: 1 },
    ]);
  });

  it.each([
    { text: 'id: a\ntarget: {}\ntarget: {}\n', code: 'duplicate-key', place: 'line 3, column 1' },
    { text: 'id: a\ntarget: {}\nappz: []\n', code: 'unknown-key', place: 'line 3, column 1' },
    { text: 'id: a\napps: []\n', code: 'bad-document', place: 'line 1, column 1' },
    { text: 'id: a\ntarget: {a: "x\\ty"}\n', code: 'bad-document', place: 'line 2, column 10' },
    {
      text: 'id: a\ntarget: {}\napps:\n  - {name: x, version: ">"}\n',
      code: 'bad-version-range',
      place: 'line 4, column 15',
    },
    { text: 'id: ../x\ntarget: {}\n', code: 'bad-document', place: 'line 1, column 1' },
    { text: 'id: a\n  target: {}\n', code: 'bad-yaml', place: 'line 1, column 5' },
    { text: 'id: a\ntarget: {}\nhealth: {}\n', code: 'unsupported', place: 'line 3, column 1' },
    { text: 'kind: Rollout\nid: a\n', code: 'unsupported', place: 'line 1, column 1' },
    { text: 'id: &x a\ntarget: {b: *x}\n', code: 'bad-yaml', place: 'line 2, column 13' },
  ])('refuses $text with $code at its place', async ({ text, code, place }) => {
    const { status, stdout, stderr } = await ctl(['validate', '-f', '-'], { stdin: text });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(`stdin, ${place}`);
    expect(stderr).toContain(`(${code})`);
  });

  it('tells of every document that is wrong', async () => {
    const cwd = temporaryDirectory();
    writeFileSync(join(cwd, 'one.yaml'), 'id: a\ntarget: {}\nx: 1\n---\nid: b\ntarget: 5\n');
    writeFileSync(join(cwd, 'two.yaml'), 'id: [\n');
    const text = await ctl(['validate', '-f', '.'], { cwd });
    expect(text.stderr.trimEnd().split('\n')).toHaveLength(3);
    const json = await ctl(['validate', '-f', '.', '-o', 'json'], { cwd });
    expect(JSON.parse(json.stderr)).toMatchObject({
      code: 'unknown-key',
      line: 3,
      errors: [{ code: 'unknown-key' }, { code: 'bad-document', line: 6 }, { code: 'bad-yaml' }],
    });
  });

  it('refuses an id that stands twice, naming both places', async () => {
    const { status, stderr } = await ctl(['validate', '-f', '-'], { stdin: `${good}---\n${good}` });
    expect(status).toBe(1);
    expect(stderr).toContain(
      'stdin, line 5, column 1: spec a stands also in stdin, line 1, column 1',
    );
  });

  it('refuses what is no text, no file, or nothing', async () => {
    const cwd = temporaryDirectory();
    writeFileSync(join(cwd, 'latin.yaml'), Buffer.from([0x69, 0x64, 0x3a, 0x20, 0xe9]));
    writeFileSync(join(cwd, 'empty.yaml'), '# nothing\n');
    mkdirSync(join(cwd, 'none'));
    const cases = [
      ['latin.yaml', 'latin.yaml is not UTF-8 text. (bad-yaml)'],
      ['missing.yaml', 'There is no file missing.yaml. (not-found)'],
      ['empty.yaml', 'There is no document in empty.yaml. (bad-document)'],
      ['none', 'none has no .yaml, .yml, .json file. (not-found)'],
    ];
    for (const [file, says] of cases) {
      const { status, stderr } = await ctl(['validate', '-f', file as string], { cwd });
      expect([status, stderr]).toEqual([1, `jamesd-ctl: ${says}\n`]);
    }
  });
});

describe('schema', () => {
  it.each(['Spec', 'packet', 'Desired', 'REPORTED'])('%s is a JSON schema', async (kind) => {
    const { status, stdout } = await ctl(['schema', kind]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      $schema: expect.stringContaining('json-schema.org'),
      type: 'object',
    });
  });
});
