import { type DiffLine, diffLines } from './line-diff.ts';

const CONTEXT = 3;

/**
 * The lines of a unified diff (POSIX.1-2024, diff -U 3) between two texts; none if they are equal. null: there is no
 * such document on that side.
 */
export function unifiedDiff(name: string, before: string | null, after: string | null): string[] {
  const lines = diffLines(linesOf(before), linesOf(after));
  if (!lines.some(({ kind }) => kind !== 'same')) return [];
  const head = [
    `--- ${before === null ? '/dev/null' : name}`,
    `+++ ${after === null ? '/dev/null' : name}`,
  ];
  return [...head, ...hunks(lines).flatMap(hunkText)];
}

interface Hunk {
  lines: DiffLine[];
  /** Lines of each side before the hunk. */
  before: number;
  after: number;
}

function hunks(lines: readonly DiffLine[]): Hunk[] {
  const result: Hunk[] = [];
  let before = 0;
  let after = 0;
  let end = -1;
  for (const [index, line] of lines.entries()) {
    if (line.kind !== 'same' && index >= end) {
      const start = Math.max(index - CONTEXT, end < 0 ? 0 : end);
      end = hunkEnd(lines, index);
      const lead = index - start;
      result.push({ lines: lines.slice(start, end), before: before - lead, after: after - lead });
    }
    if (line.kind !== 'added') before += 1;
    if (line.kind !== 'removed') after += 1;
  }
  return result;
}

/** The index after a hunk: changes that are at most twice the context apart belong together. */
function hunkEnd(lines: readonly DiffLine[], first: number): number {
  let last = first;
  for (let index = first; index < lines.length && index - last <= 2 * CONTEXT; index += 1)
    if (lines[index]?.kind !== 'same') last = index;
  return Math.min(last + CONTEXT + 1, lines.length);
}

function hunkText({ lines, before, after }: Hunk): string[] {
  const count = (without: DiffLine['kind']) => lines.filter(({ kind }) => kind !== without).length;
  const signs = { same: ' ', removed: '-', added: '+' } as const;
  return [
    `@@ -${range(before, count('added'))} +${range(after, count('removed'))} @@`,
    ...lines.map(({ kind, text }) => `${signs[kind]}${text}`),
  ];
}

/** First line and number of lines; of none, the line before. */
function range(skipped: number, count: number): string {
  const start = count === 0 ? skipped : skipped + 1;
  return count === 1 ? String(start) : `${start},${count}`;
}

function linesOf(text: string | null): string[] {
  return text === null || text === '' ? [] : text.replace(/\n$/, '').split('\n');
}
