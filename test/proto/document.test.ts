import { describe, expect, it } from 'vitest';
import { parseControl, parseSpecs } from '../../proto/document.ts';
import { UNSUPPORTED_SPEC_KEYS } from '../../proto/spec.ts';
import { failure } from '../support/failure.ts';

describe('parseSpecs', () => {
  it('keeps the text of scalars in labels, selectors and versions', () => {
    const text =
      'id: s\ntarget: {n: 1.10, y: yes, h: 0x10, l: [1.0, 007], e: {exists: true}}\napps: [{name: p, labels: {version: 1.0}}]\n';
    expect(parseSpecs(text)).toEqual([
      {
        id: 's',
        target: { n: '1.10', y: 'yes', h: '0x10', l: ['1.0', '007'], e: { exists: true } },
        apps: [{ name: 'p', labels: { version: '1.0' } }],
      },
    ]);
  });

  it('reads several documents and leaves empty ones out', () => {
    expect(
      parseSpecs('---\nid: a\ntarget: {}\n---\n---\nkind: Spec\nid: b\ntarget: {}\n').map(
        ({ id }) => id,
      ),
    ).toEqual(['a', 'b']);
  });

  it.each([
    ['id: a\ntarget: {}\nid: b\n', 'duplicate-key', 3, 1],
    ['id: a\ntarget: {x: 1, x: 2}\n', 'duplicate-key', 2, 16],
    ['id: a\ntarget: {}\nfoo: 1\n', 'unknown-key', 3, 1],
    ['id: a\n', 'bad-document', 1, 1],
    ['id: ../x\ntarget: {}\n', 'bad-document', 1, 1],
    ['id: a\ntarget: {}\napps:\n  - name: a/b\n', 'bad-document', 4, 5],
    ['id: a\ntarget: {}\napps:\n  - {name: p, version: ">=1|2"}\n', 'bad-version-range', 4, 15],
    [
      'id: a\ntarget: {}\napps:\n  - {name: p, version: "*", labels: {version: 1}}\n',
      'bad-document',
      4,
      15,
    ],
    ['id: a\ntarget: *x\n', 'bad-yaml', 2, 9],
    ['id: &x a\ntarget: {b: *x}\n', 'bad-yaml', 2, 13],
    [`id: a\ntarget: {x: {not: ${'ü'.repeat(129)}}}\n`, 'bad-selector', 2, 1],
    ['id: [a\n', 'bad-yaml', 2, 1],
    ['kind: Source\nid: x\n', 'unsupported', 1, 1],
    ['- a\n', 'bad-document', 1, 1],
    [
      `id: a\ntarget: {}\napps:\n  - {name: p, labels: {a: ${'x'.repeat(257)}}}\n`,
      'bad-document',
      4,
      24,
    ],
    [
      `id: a\ntarget: {}\napps:\n  - {name: p, labels: {a: ${'ü'.repeat(129)}}}\n`,
      'bad-labels',
      4,
      15,
    ],
  ])('refuses %j', (text, code, line, column) => {
    const error = failure(() => parseSpecs(text, 'spec.yaml'));
    expect([error.code, error.position]).toEqual([code, { file: 'spec.yaml', line, column }]);
    expect(error.message).toMatch(new RegExp(`^spec.yaml, line ${line}, column ${column}: `));
  });

  it.each(UNSUPPORTED_SPEC_KEYS)('refuses "%s" as unsupported instead of ignoring it', (key) => {
    const error = failure(() => parseSpecs(`id: a\ntarget: {}\n${key}: 1\n`));
    expect(error.code).toBe('unsupported');
    expect(error.position?.line).toBe(3);
  });
});

describe('parseControl', () => {
  it('reads a control file', () => {
    expect(
      parseControl(
        'name: logger\nlabels: {version: 1.10}\ndepends: [{name: libhub, version: ">=2"}]\nconfig: [/etc/l.conf]\n',
      ),
    ).toEqual({
      name: 'logger',
      labels: { version: '1.10' },
      depends: [{ name: 'libhub', version: '>=2' }],
      config: ['/etc/l.conf'],
    });
  });

  it.each([
    ['', 'bad-packet'],
    ['name: a\n---\nname: b\n', 'bad-packet'],
    ['name: ../x\n', 'bad-document'],
    ['name: a\nhash: 12\n', 'unknown-key'],
    ['name: a\npackages: [b]\n', 'unsupported'],
    ['name: a\nconfig: [etc/x]\n', 'bad-document'],
    ['name: a\nconfig: [/etc/../x]\n', 'bad-document'],
    ['name: a\nlabels: {a: "\\u0001"}\n', 'bad-document'],
    ['name: a\nlabels: {a: 1, a: 2}\n', 'duplicate-key'],
  ])('refuses %j', (text, code) => expect(failure(() => parseControl(text)).code).toBe(code));
});
