import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerTo } from '../../conformance/apt/answer.ts';
import { actionsOf } from '../../conformance/apt/changes.ts';
import { readCommandLine } from '../../conformance/apt/command-line.ts';
import { expectationOf } from '../../conformance/apt/expectation.ts';
import type { Machine } from '../../conformance/apt/machine.ts';
import { type AptInUse, aptRoot, type Said } from '../../support/apt-machines/apt-root.ts';
import { drawFrom } from '../../support/apt-machines/draw.ts';
import { drawCommand, drawMachine } from '../../support/apt-machines/machine.ts';
import { fetchApt3 } from '../../support/apt3.ts';
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
      await compareMachines([...archs], count, bar);
    });

    // What only the full run takes is no skipped test of the others.
    if (full)
      it.for(kinds)('$name, with apt 3', { timeout: LIMIT }, async ({ archs, bar }, { skip }) => {
        const apt3 = join(directory, `apt3-${archs.length}`);
        const program = isLeftOut ? null : await fetchApt3(apt3, archs[0]);
        if (program === null) return skip();
        await compareMachines([...archs], 100, bar, { program, solver: '3.0' });
      });

    async function compareMachines(
      archs: [string, ...string[]],
      count: number,
      bar: number,
      apt?: AptInUse,
    ): Promise<void> {
      let compared = 0;
      const differing: Difference[] = [];
      for (let place = 0; place < count; place += 1) {
        const own = seed * 100_000 + place;
        const root = join(directory, `${archs.length}-${own}`);
        const found = await compareMachine(own, archs, root, apt);
        compared += found.compared;
        differing.push(...found.differing);
      }
      expect(compared).toBeGreaterThan(count);
      const share = 1 - differing.length / compared;
      const what = `apt-machines, ${archs.join(' and ')}, solver ${apt?.solver ?? 'internal'}`;
      console.log(`${what}: ${compared - differing.length} of ${compared} as apt`);
      if (share < bar) expect(differing, `${compared} commands`).toEqual([]);
    }
  },
);

/** apt's sentences about the order of unpacking and configuring. */
const NO_ORDER = /^E: .*(?:MaxLoopCount|ould(?: not|n't) configure|immediate configuration)/m;

interface Difference {
  /** The seed of the machine. */
  machine: number;
  command: string;
  /** Changes; null where it is refused. */
  apt: string[] | null;
  own: string[] | null;
}

/**
 * Gives some commands to apt and to the resolver. A machine that apt calls broken is passed over, and so is a command for
 * which apt finds an answer but no order of unpacking.
 */
async function compareMachine(
  own: number,
  archs: [string, ...string[]],
  root: string,
  apt?: AptInUse,
): Promise<{ compared: number; differing: Difference[] }> {
  const draw = drawFrom(seededRandom(own));
  const machine = drawMachine(draw, archs);
  const aptGet = aptRoot(root, machine, apt);
  if (!(await aptGet(['check'])).ok) return { compared: 0, differing: [] };
  const drawn = Array.from({ length: COMMANDS }, () => drawCommand(draw, machine).join(' '));
  const commands = [...new Set(drawn)].map((words) => words.split(' '));
  const said = await Promise.all(commands.map(aptGet));
  const asked = commands.flatMap((words, place) => {
    const answer = said[place];
    return answer === undefined || NO_ORDER.test(answer.output) ? [] : [{ words, answer }];
  });
  const differing = asked.flatMap(({ words, answer }): Difference[] => {
    const theirs = changesOfApt(machine, answer);
    const ours = changesOf(machine, [...words, '--solver', apt?.solver ?? 'internal']);
    if (JSON.stringify(theirs) === JSON.stringify(ours)) return [];
    return [{ machine: own, command: words.join(' '), apt: theirs, own: ours }];
  });
  rmSync(root, { recursive: true });
  return { compared: asked.length, differing };
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
