import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffLines } from '../../../ctl/core/line-diff.ts';
import { unifiedDiff } from '../../../ctl/core/unified-diff.ts';

const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 30 });

describe('differences of lines', () => {
  it('lead from one text to the other', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = diffLines(before, after);
        expect(lines.filter(({ kind }) => kind !== 'added').map((line) => line.text)).toEqual(
          before,
        );
        expect(lines.filter(({ kind }) => kind !== 'removed').map((line) => line.text)).toEqual(
          after,
        );
      }),
    );
  });

  it('are as few as the longest common subsequence allows', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const same = diffLines(before, after).filter(({ kind }) => kind === 'same').length;
        expect(same).toBe(longestCommon(before, after));
      }),
    );
  });
});

describe('unified diffs', () => {
  it('can be applied: hunks name the right lines', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const join = (lines: string[]) => lines.map((line) => `${line}\n`).join('');
        const diff = unifiedDiff('x', join(before), join(after));
        expect(patch(before, diff)).toEqual(after);
      }),
    );
  });

  it('look like those of diff -u', () => {
    const before = 'one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n';
    const after = before.replace('two', '2').replace('ten\n', 'ten\neleven\n');
    expect(unifiedDiff('spec/a', before, after)).toEqual([
      ...['--- spec/a', '+++ spec/a'],
      ...['@@ -1,5 +1,5 @@', ' one', '-two', '+2', ' three', ' four', ' five'],
      ...['@@ -8,3 +8,4 @@', ' eight', ' nine', ' ten', '+eleven'],
    ]);
    expect(unifiedDiff('spec/a', null, 'x: 1\n')).toEqual([
      '--- /dev/null',
      '+++ spec/a',
      '@@ -0,0 +1 @@',
      '+x: 1',
    ]);
    expect(unifiedDiff('spec/a', before, before)).toEqual([]);
  });
});

/** Applies a unified diff by its line numbers, checking every line that it says is there. */
function patch(before: readonly string[], diff: readonly string[]): string[] {
  const result: string[] = [];
  let at = 0;
  for (const line of diff.slice(2)) {
    const [, start, count] = /^@@ -(\d+)(?:,(\d+))? /.exec(line) ?? [];
    if (start !== undefined) {
      const first = count === '0' ? Number(start) : Number(start) - 1;
      while (at < first) result.push(before[at++] as string);
      continue;
    }
    const content = line.slice(1);
    if (line.startsWith('+')) result.push(content);
    else {
      expect(before[at]).toBe(content);
      at += 1;
      if (line.startsWith(' ')) result.push(content);
    }
  }
  return [...result, ...before.slice(at)];
}

function longestCommon(a: readonly string[], b: readonly string[]): number {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  const at = (i: number, j: number): number => table[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i += 1) {
    for (let j = 1; j <= b.length; j += 1) {
      const row = table[i] as number[];
      row[j] = a[i - 1] === b[j - 1] ? at(i - 1, j - 1) + 1 : Math.max(at(i - 1, j), at(i, j - 1));
    }
  }
  return at(a.length, b.length);
}
