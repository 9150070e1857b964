/** Numbers one after the other, in an array that grows. */
export interface NumberStore {
  /** Holds the numbers up to `length`; another array once it has grown. */
  readonly cells: Int32Array;
  readonly length: number;
  push(value: number): void;
  pushAll(values: readonly number[]): void;
}

const FIRST_SIZE = 1024;

/** An empty store. */
export function createNumberStore(): NumberStore {
  let cells = new Int32Array(FIRST_SIZE);
  let length = 0;
  const grow = (needed: number): void => {
    if (needed <= cells.length) return;
    const larger = new Int32Array(Math.max(needed, cells.length * 2));
    larger.set(cells);
    cells = larger;
  };
  return {
    get cells() {
      return cells;
    },
    get length() {
      return length;
    },
    push(value) {
      grow(length + 1);
      cells[length] = value;
      length += 1;
    },
    pushAll(values) {
      grow(length + values.length);
      cells.set(values, length);
      length += values.length;
    },
  };
}
