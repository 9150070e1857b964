/** One line of a comparison. */
export interface DiffLine {
  kind: 'same' | 'removed' | 'added';
  text: string;
}

/** A shortest way from `before` to `after` by lines; what is removed stands before what is added in its place. */
export function diffLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  const trace = searchPath(before, after);
  return orderRuns(walkBack(before, after, trace));
}

/**
 * E. W. Myers, An O(ND) Difference Algorithm and Its Variations (1986), section 4: for each number of edits the furthest
 * reach on every diagonal. Returns the reaches before each round.
 */
function searchPath(before: readonly string[], after: readonly string[]): Int32Array[] {
  const most = before.length + after.length;
  const reach = new Int32Array(2 * most + 3);
  const trace: Int32Array[] = [];
  for (let edits = 0; edits <= most; edits += 1) {
    trace.push(reach.slice(most + 1 - edits - 1, most + 1 + edits + 2));
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const at = most + 1 + diagonal;
      const down =
        diagonal === -edits || (diagonal !== edits && value(reach, at - 1) < value(reach, at + 1));
      let x = down ? value(reach, at + 1) : value(reach, at - 1) + 1;
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal])
        x += 1;
      reach[at] = x;
      if (x >= before.length && x - diagonal >= after.length) return trace;
    }
  }
  return trace;
}

function walkBack(
  before: readonly string[],
  after: readonly string[],
  trace: readonly Int32Array[],
): DiffLine[] {
  const lines: DiffLine[] = [];
  let x = before.length;
  let y = after.length;
  for (let edits = trace.length - 1; edits >= 0; edits -= 1) {
    const reach = trace[edits] as Int32Array;
    const diagonal = x - y;
    const at = diagonal + edits + 1;
    const down =
      diagonal === -edits || (diagonal !== edits && value(reach, at - 1) < value(reach, at + 1));
    const previousX = down ? value(reach, at + 1) : value(reach, at - 1);
    const previousY = previousX - (down ? diagonal + 1 : diagonal - 1);
    while (x > Math.max(previousX, 0) && y > Math.max(previousY, 0)) {
      x -= 1;
      y -= 1;
      lines.push({ kind: 'same', text: before[x] as string });
    }
    if (edits === 0) break;
    if (down) {
      y -= 1;
      lines.push({ kind: 'added', text: after[y] as string });
    } else {
      x -= 1;
      lines.push({ kind: 'removed', text: before[x] as string });
    }
  }
  return lines.reverse();
}

/** In each run of changes, removed lines first. */
function orderRuns(lines: readonly DiffLine[]): DiffLine[] {
  const result: DiffLine[] = [];
  let run: DiffLine[] = [];
  const flush = (): void => {
    result.push(
      ...run.filter(({ kind }) => kind === 'removed'),
      ...run.filter(({ kind }) => kind === 'added'),
    );
    run = [];
  };
  for (const line of lines) {
    if (line.kind === 'same') {
      flush();
      result.push(line);
    } else run.push(line);
  }
  flush();
  return result;
}

function value(values: Int32Array, index: number): number {
  return values[index] ?? 0;
}
