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
    { text: 'id: a\ntarget: {}\nrollout: {}\n', code: 'unsupported', place: 'line 3, column 1' },
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

  it('refuses a source of a kind that there is not, unless the server is said to have it', async () => {
    const stdin = '---\nkind: Source\nid: a\ntype: atp\nurl: https://deb.example.org\ntarget: {}\n';
    const { status, stderr } = await ctl(['validate', '-f', '-'], { stdin });
    expect(status).toBe(1);
    expect(stderr).toContain(
      'line 2, column 1: there is no kind of source "atp"; there are apt, yum.',
    );
    const told = await ctl(['validate', '-f', '-', '--source-type', 'atp'], { stdin });
    expect(told.status).toBe(0);
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

describe('sources among documents', () => {
  const source = (signedBy: string): string =>
    `kind: Source\nid: s\ntype: yum\nrawUrl: https://s.example.org/\ntarget: {}\nsignedBy: ${signedBy}\n`;

  it('are checked like specs, and may have the id of a spec', async () => {
    const text = `${good}---\nkind: Source\nid: a\ntype: yum\nrawUrl: file:///srv/a/\ntarget: {}\n`;
    const { status, stdout } = await ctl(['validate', '-f', '-', '-o', 'json'], { stdin: text });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([
      { kind: 'Spec', id: 'a' },
      { kind: 'Source', id: 'a', line: 5 },
    ]);
  });

  it('name a key beside them, armored or not', async () => {
    const cwd = temporaryDirectory();
    mkdirSync(join(cwd, 'sources', 'keys'), { recursive: true });
    writeFileSync(join(cwd, 'sources', 's.yaml'), source('keys/s.asc'));
    writeFileSync(join(cwd, 'sources', 't.yaml'), source('keys/t.gpg').replace('id: s', 'id: t'));
    const armor =
      '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDME\n-----END PGP PUBLIC KEY BLOCK-----\n';
    writeFileSync(join(cwd, 'sources', 'keys', 's.asc'), armor);
    writeFileSync(join(cwd, 'sources', 'keys', 't.gpg'), Buffer.from('9833', 'hex'));
    const { status, stderr } = await ctl(['validate', '-f', 'sources'], { cwd });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('whose key is missing are an error at its place', async () => {
    const cwd = temporaryDirectory();
    writeFileSync(join(cwd, 's.yaml'), source('keys/none.asc'));
    const { status, stderr } = await ctl(['validate', '-f', 's.yaml'], { cwd });
    expect(status).toBe(1);
    expect(stderr).toContain(
      's.yaml, line 6, column 1: source: the key "keys/none.asc" cannot be read (ENOENT). (bad-document)',
    );
  });

  it('are refused where a verb takes specs, and specs where it takes sources', async () => {
    const wrong = await ctl(['source', 'apply', '-f', '-'], { stdin: good });
    expect([wrong.status, wrong.stderr]).toEqual([
      1,
      expect.stringContaining('stdin, line 1, column 1: this is a Spec'),
    ]);
    const text = 'kind: Source\nid: a\ntype: yum\nrawUrl: file:///srv/a/\ntarget: {}\n';
    const other = await ctl(['spec', 'upload', '-'], { stdin: text });
    expect([other.status, other.stderr]).toEqual([
      1,
      expect.stringContaining('this is a Source, and a Spec is asked for'),
    ]);
  });

  it('have a schema', async () => {
    const { stdout } = await ctl(['schema', 'Source', '-o', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ properties: { rawUrl: { type: 'string' } } });
  });
});
