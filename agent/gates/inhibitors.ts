import { join } from 'node:path';
import type { Inhibit } from '../../proto/windows.ts';
import { forEachOf } from '../drivers/work-pool.ts';
import type { Commands } from '../system/commands.ts';
import type { Files } from '../system/files.ts';
import { runShell, sayEnd, sayShort } from '../system/shell.ts';
import { deadlineOf, type Holding } from './core/deadlines.ts';
import type { Holds } from './holds.ts';

export interface InhibitorParts {
  commands: Commands;
  files: Files;
  holds: Pick<Holds, 'list'>;
  root: string;
}

/** A command that takes longer holds the change back. */
const COMMAND_MS = 30_000;
const SIDE_BY_SIDE = 8;

/** All that holds a change back now, in the order of the policy, the holds of the device last. */
export async function lookForHoldings(
  parts: InhibitorParts,
  inhibit: readonly Inhibit[],
  signal?: AbortSignal,
): Promise<Holding[]> {
  const found: Holding[][] = inhibit.map(() => []);
  await forEachOf(inhibit.entries(), SIDE_BY_SIDE, async ([index, one]) => {
    const whats = [await fileHolds(parts, one), await commandHolds(parts, one, signal)];
    found[index] = whats.flatMap((what) => (what === null ? [] : [holding(one, what, null)]));
  });
  signal?.throwIfAborted();
  const limit = limitOfHolds(inhibit);
  const holds = parts.holds.list().map(({ name, until, whileThere }) => {
    const what = `The hold ${name} of a program on the device is in force`;
    // One whose program may come back has an end that says little.
    return holding(limit, what, until === null || whileThere ? null : Date.parse(until));
  });
  return [...found.flat(), ...holds];
}

function holding(one: Inhibit, what: string, endsAt: number | null): Holding {
  return { what, endsAt, deadlineMs: deadlineOf(one.deadline), atDeadline: one.then ?? 'give-up' };
}

/** Of several that limit how long holds count, the one whose deadline is first. */
function limitOfHolds(inhibit: readonly Inhibit[]): Inhibit {
  const after = (one: Inhibit): number => deadlineOf(one.deadline) ?? Number.POSITIVE_INFINITY;
  const [first = {}] = inhibit
    .filter(({ holds }) => holds === true)
    .sort((a, b) => after(a) - after(b));
  return first;
}

/** A path counts as it is written on the host, or below the root if that is another one. */
async function fileHolds(
  { files, root }: InhibitorParts,
  { file }: Inhibit,
): Promise<string | null> {
  if (file === undefined) return null;
  try {
    return (await files.lstat(join(root, file))) ? `The file ${sayShort(file)} exists` : null;
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    return `Whether the file ${sayShort(file)} exists could not be told (${code})`;
  }
}

async function commandHolds(
  { commands, root }: InhibitorParts,
  { command }: Inhibit,
  signal?: AbortSignal,
): Promise<string | null> {
  if (command === undefined) return null;
  const env = { JAMESD_ACTION: 'inhibit', JAMESD_ROOT: root };
  const limits = { timeoutMs: COMMAND_MS, env, ...(signal && { signal }) };
  const result = await runShell(commands, command, limits);
  if (result.end === 'exited' && result.code === 0) return null;
  return `The command \`${sayShort(command)}\` ${sayEnd(result, COMMAND_MS)}`;
}
