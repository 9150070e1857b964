import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readRecording } from './apt/recording.ts';
import { runRecording } from './apt/session.ts';
import { createTally, type SuiteResult } from './suite.ts';

/** The recorded integration tests of apt: what it installs and removes, and what it refuses. */
export function apt(folder: string): SuiteResult {
  const tally = createTally('apt');
  const files = readdirSync(join(folder, 'apt')).filter((file) => file.endsWith('.jsonl'));
  for (const file of files.sort())
    runRecording(readRecording(join(folder, 'apt', file)), tally.add);
  return tally.result();
}
