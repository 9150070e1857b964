import { statSync } from 'node:fs';
import { rounded } from './figures.ts';
import { AGENT_FILE } from './idle-agent.ts';
import type { Row } from './row.ts';

const MEGABYTE = 1_000_000;

/** Bytes of the one file that a device needs beside Node. */
export async function run(): Promise<Row[]> {
  const value = rounded(statSync(AGENT_FILE).size / MEGABYTE);
  return [
    { name: 'agent-size', n: 1, value, unit: 'MB', bar: '≤ 1.5 MB', ok: value <= 1.5, rounds: 1 },
  ];
}
