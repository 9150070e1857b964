import { describe, expect, it } from 'vitest';
import { parseDocuments, readDocumentOf } from '../../proto/document.ts';
import { UNSUPPORTED_SPEC_KEYS } from '../../proto/spec.ts';
import { failure } from '../support/failure.ts';

describe('documents', () => {
  it('keeps the text of scalars in labels, selectors and versions', () => {
    const text =
      'id: s\ntarget: {n: 1.10, y: yes, h: 0x10, l: [1.0, 007], e: {exists: true}}\napps: [{name: p, labels: {version: 1.0}}]\n';
    expect(parseDocuments(text)).toEqual([
      {
        kind: 'Spec',
        id: 's',
        target: { n: '1.10', y: 'yes', h: '0x10', l: ['1.0', '007'], e: { exists: true } },
        apps: [{ name: 'p', labels: { version: '1.0' } }],
      },
    ]);
  });

  it('reads several documents and leaves empty ones out', () => {
    expect(
      parseDocuments('---\nid: a\ntarget: {}\n---\n---\nkind: Spec\nid: b\ntarget: {}\n').map(
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
    ['kind: Rollout\nid: x\n', 'unsupported', 1, 1],
    ['kind: Thing\nid: x\n', 'bad-document', 1, 1],
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
    const error = failure(() => parseDocuments(text, 'spec.yaml'));
    expect([error.code, error.position]).toEqual([code, { file: 'spec.yaml', line, column }]);
    expect(error.message).toMatch(new RegExp(`^spec.yaml, line ${line}, column ${column}: `));
  });

  it.each(UNSUPPORTED_SPEC_KEYS)('refuses "%s" as unsupported instead of ignoring it', (key) => {
    const error = failure(() => parseDocuments(`id: a\ntarget: {}\n${key}: 1\n`));
    expect(error.code).toBe('unsupported');
    expect(error.position?.line).toBe(3);
  });
});

const package1 = (line: string): string => `id: a\ntarget: {}\npackages:\n  - vim\n  - ${line}\n`;

describe('package lines', () => {
  it('say names, versions, types, and what else the design knows', () => {
    const text = `id: a
target: {}
packages:
  - openssh-server
  - "@web-server"
  - {name: nginx, version: 1.10, type: deb, verify: false, recommended: true}
  - {name: httpd, version: ">=2:2.4 <3", type: rpm, arch: x86_64}
  - {name: libc6, arch: i386}
  - libc6
updates: manual
resolver: false
version: locked
recommended: true
downgrade: true
unmanaged: remove
`;
    expect(parseDocuments(text)).toMatchObject([
      {
        packages: [
          'openssh-server',
          '@web-server',
          { name: 'nginx', version: '1.10', type: 'deb', verify: false, recommended: true },
          { name: 'httpd', version: '>=2:2.4 <3', type: 'rpm', arch: 'x86_64' },
          { name: 'libc6', arch: 'i386' },
          'libc6',
        ],
        updates: 'manual',
        resolver: false,
        version: 'locked',
        recommended: true,
        downgrade: true,
        unmanaged: 'remove',
      },
    ]);
  });

  it.each([
    ['vim', 'bad-document', 5],
    ['{name: vim, type: deb}', 'bad-document', 5],
    ['a b', 'bad-document', 5],
    ['-x', 'bad-document', 5],
    ['{name: x, versions: 1}', 'unknown-key', 15],
    ['{name: x, version: ">1|2"}', 'bad-version-range', 15],
    ['{name: x, version: "1/2"}', 'bad-version-range', 15],
    ['{name: x, version: ""}', 'bad-document', 15],
    ['{name: x, type: apk}', 'bad-document', 15],
    ['{name: "@web", type: deb}', 'bad-document', 6],
    ['{name: "@web", version: 1}', 'bad-document', 20],
  ])('refuses %s', (line, code, column) => {
    const error = failure(() => parseDocuments(package1(line), 'spec.yaml'));
    expect([error.code, error.position?.line]).toEqual([code, 5]);
    expect(error.position?.column).toBe(column);
  });

  it('of the same name are told apart by type or architecture', () => {
    const lines = '[{name: a, type: deb}, {name: a, type: rpm}, {name: b, arch: i386}, b]';
    expect(parseDocuments(`id: a\ntarget: {}\npackages: ${lines}\n`)).toHaveLength(1);
  });

  it('have no version where the device picks them', () => {
    const text = 'id: a\ntarget: {}\nversion: auto\npackages: [a, {name: b, version: 1}]\n';
    const error = failure(() => parseDocuments(text));
    expect([error.code, error.position]).toEqual(['bad-document', { line: 4, column: 25 }]);
  });
});

describe('readDocumentOf', () => {
  it('takes what is meant where the kind is not said', () => {
    expect(readDocumentOf('Spec', { id: 'a', target: {} })).toEqual({ id: 'a', target: {} });
    const source = { id: 'a', type: 'yum', rawUrl: 'file:///srv/x/', target: {} };
    expect(readDocumentOf('Source', source)).toEqual(source);
    expect(readDocumentOf('Source', { ...source, kind: 'Source' })).toEqual(source);
  });

  it('refuses another kind', () => {
    const error = failure(() => readDocumentOf('Spec', { kind: 'Source', id: 'a' }));
    expect(error.code).toBe('bad-document');
  });
});
