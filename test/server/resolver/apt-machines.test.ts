import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerTo } from '../../conformance/apt/answer.ts';
import { actionsOf } from '../../conformance/apt/changes.ts';
import { readCommandLine } from '../../conformance/apt/command-line.ts';
import { expectationOf } from '../../conformance/apt/expectation.ts';
import type { Machine } from '../../conformance/apt/machine.ts';
import { aptRoot, type Said } from '../../support/apt-machines/apt-root.ts';
import { drawFrom } from '../../support/apt-machines/draw.ts';
import { drawCommand, drawMachine } from '../../support/apt-machines/machine.ts';
import { ensureDebianPackages } from '../../support/debian.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const full = process.env.JAMESD_FULL === '1';
const seed = Number(process.env.JAMESD_SEED ?? 1);
const COMMANDS = 4;
const LIMIT = full ? 30 * 60_000 : 120_000;

/** How many machines, and the share of commands whose changes have to be those of apt. */
const kinds = [
  { name: 'one architecture', archs: ['amd64'], count: full ? 400 : 26, bar: full ? 0.97 : 0.93 },
  { name: 'two', archs: ['amd64', 'i386'], count: full ? 400 : 16, bar: full ? 0.97 : 0.93 },
] as const;

/**
 * apt-get itself, on small random machines with packages installed, on hold and automatic: the same installations,
 * upgrades and removals, or refused by both. JAMESD_SEED picks the machines.
 */
describe.runIf(process.platform === 'linux')(
  `small machines as apt-get has them, seed ${seed}`,
  () => {
    const directory = mkdtempSync(join(tmpdir(), 'jamesd-apt-machines-'));
    let isLeftOut = false;

    beforeAll(async () => {
      isLeftOut = (await ensureDebianPackages(['apt'])).leftOut !== null;
      console.log(`apt-machines: JAMESD_SEED=${seed}`);
    }, LIMIT);
    afterAll(() => rmSync(directory, { recursive: true, force: true }));

    it.for(kinds)('$name', { timeout: LIMIT }, async ({ archs, count, bar }, { skip }) => {
      if (isLeftOut) return skip();
      let compared = 0;
      const differing: Difference[] = [];
      for (let place = 0; place < count; place += 1) {
        const own = seed * 100_000 + place;
        const found = await compareMachine(
          own,
          [...archs],
          join(directory, `${archs.length}-${own}`),
        );
        compared += found.compared;
        differing.push(...found.differing);
      }
      expect(compared).toBeGreaterThan(count);
      const share = 1 - differing.length / compared;
      console.log(`apt-machines: ${compared - differing.length} of ${compared} as apt`);
      if (share < bar) expect(differing, `${compared} commands`).toEqual([]);
    });
  },
);

interface Difference {
  /** The seed of the machine. */
  machine: number;
  command: string;
  /** Changes; null where it is refused. */
  apt: string[] | null;
  own: string[] | null;
}

/** Gives some commands to apt and to the resolver; a machine that apt calls broken is passed over. */
async function compareMachine(
  own: number,
  archs: [string, ...string[]],
  root: string,
): Promise<{ compared: number; differing: Difference[] }> {
  const draw = drawFrom(seededRandom(own));
  const machine = drawMachine(draw, archs);
  const aptGet = aptRoot(root, machine);
  if (!(await aptGet(['check'])).ok) return { compared: 0, differing: [] };
  const drawn = Array.from({ length: COMMANDS }, () => drawCommand(draw, machine).join(' '));
  const commands = [...new Set(drawn)].map((words) => words.split(' '));
  const said = await Promise.all(commands.map(aptGet));
  const differing = commands.flatMap((words, place): Difference[] => {
    const apt = changesOfApt(machine, said[place] as Said);
    const ours = changesOf(machine, words);
    if (JSON.stringify(apt) === JSON.stringify(ours)) return [];
    return [{ machine: own, command: words.join(' '), apt, own: ours }];
  });
  rmSync(root, { recursive: true });
  return { compared: commands.length, differing };
}

function changesOfApt({ archs }: Machine, { ok, output }: Said): string[] | null {
  const expected = expectationOf(ok ? 'ok' : 'fail', output, archs[0] ?? '');
  return expected.outcome === 'fails' ? null : withoutConfiguring(expected.changes ?? []);
}

function changesOf(machine: Machine, words: readonly string[]): string[] | null {
  const answer = answerTo(readCommandLine(['apt-get', ...words, '--simulate']), machine);
  if (answer.kind === 'refused') return null;
  return withoutConfiguring(actionsOf(machine, answer.resolution));
}

/** Installations and removals; what is installed is configured as well. */
const withoutConfiguring = (changes: Iterable<string>): string[] =>
  [...changes].filter((line) => !line.startsWith('Conf')).sort();
