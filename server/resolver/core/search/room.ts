/** Tables by variable that one search after the other works in: between searches they are as if new. */
export interface SearchRoom {
  /** 1 true, -1 false, 0 open. */
  values: Int8Array;
  levels: Int32Array;
  /** The clause that forced the variable, or -1. */
  reasons: Int32Array;
  discovered: Uint8Array;
}

/** Room for variables below `size`; it grows as it is needed. */
export function createRoom(size: number): SearchRoom {
  return {
    values: new Int8Array(size),
    levels: new Int32Array(size),
    reasons: new Int32Array(size),
    discovered: new Uint8Array(size),
  };
}

/** Makes room for the variable; at least twice what was there, if it is not enough. */
export function growRoom(room: SearchRoom, variable: number): void {
  if (variable < room.values.length) return;
  const size = Math.max(variable + 1, room.values.length * 2, 256);
  room.values = grown(room.values, new Int8Array(size));
  room.levels = grown(room.levels, new Int32Array(size));
  room.reasons = grown(room.reasons, new Int32Array(size));
  room.discovered = grown(room.discovered, new Uint8Array(size));
}

function grown<Table extends { set(from: Table): void }>(from: Table, to: Table): Table {
  to.set(from);
  return to;
}
