import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDriver, type Manager } from '../../../agent/packages/package-drivers.ts';
import { createClock } from '../../../agent/system/clock.ts';
import { type Command, createCommands } from '../../../agent/system/commands.ts';
import { createNodeFiles } from '../../../agent/system/node-files.ts';
import type { DesiredSource } from '../../../proto/desired-source.ts';
import { LOCK_SCHEMA, type Lock } from '../../../proto/lock.ts';
import { ensureDebianPackages } from '../../support/debian.ts';
import { lockedPackage } from '../../support/package-device.ts';
import { kindOf } from '../../support/package-kinds.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { type DirectoryServer, serveDirectory } from '../../support/serve-directory.ts';
import { Died, dyingFiles, mortalFiles } from '../../support/watched-files.ts';
import {
  type BringOptions,
  createWholeDevice,
  targetAt,
  type WholeDevice,
} from '../../support/whole-device.ts';

const isFull = process.env.JAMESD_FULL === '1';
const seed = Number(process.env.JAMESD_SEED ?? 20260101);
const random = seededRandom(seed);
/** How many deaths are tried: before a change of the agent's own, and within a program that changes packages. */
const samples: Record<Manager, { files: number; programs: number }> = {
  apt: { files: isFull ? 60 : 2, programs: isFull ? 20 : 1 },
  dnf: { files: isFull ? 20 : 1, programs: isFull ? 12 : 1 },
  zypper: { files: isFull ? 20 : 1, programs: isFull ? 12 : 1 },
};
/** What only looks or downloads. */
const HARMLESS =
  /^(-s|--assumeno|--dry-run|--download-?only|--downloadonly|update|makecache|refresh|repoquery|-qa|-V|--verify)$/;
const MOST_MS = 900;

for (const manager of ['apt', 'dnf', 'zypper'] as const)
  describe(`a transaction with packages of ${manager} that was cut off`, () => {
    const kind = kindOf[manager];
    const v = kind.version;
    let base: string;
    let repository: DirectoryServer;
    let source: DesiredSource;
    let leftOut: string | null;

    beforeAll(async () => {
      ({ leftOut } = await ensureDebianPackages(kind.tools));
      if (leftOut !== null) return;
      base = mkdtempSync(join(tmpdir(), 'jamesd-cut-off-'));
      const { publicKey } = await kind.publish(join(base, 'stable'), [
        { name: 'libx', version: '1' },
        { name: 'libx', version: '2' },
        { name: 'app', version: '1', needs: ['libx'] },
        { name: 'rec', version: '1' },
      ]);
      repository = await serveDirectory(base);
      source = kind.source('main', `${repository.url}/stable`, publicKey);
    }, 120_000);

    afterAll(async () => {
      await repository?.close();
      if (base) rmSync(base, { recursive: true, force: true });
    });

    const lock = (...packages: [string, string][]): Lock => ({
      ...{ schema: LOCK_SCHEMA, type: kind.type, keep: [] },
      packages: packages.map((one) => lockedPackage(manager, one)),
    });

    async function prepared() {
      const device = createWholeDevice(manager);
      const packet = await device.build({ name: 'p', data: { 'opt/p': 'p' } });
      const first = device.server.put(lock(['libx', '1'], ['app', '1']));
      const counting = dyingFiles(Number.POSITIVE_INFINITY);
      const brought = await device.bring(
        { lock: first, sources: [source] },
        { files: counting.files },
      );
      expect(brought).toEqual({ kind: 'converged' });
      const next = device.server.put(lock(['libx', '2'], ['rec', '1']));
      const after = { packets: [packet], lock: next, sources: [source] };
      return { device, after, changes: counting.changes() };
    }

    async function versions({ root, state }: WholeDevice): Promise<Record<string, string>> {
      const clock = createClock();
      const rest = { files: createNodeFiles(), commands: createCommands({ clock }), clock };
      const driver = createDriver(manager, { ...rest, root, state, user: { uid: 0 } });
      const installed = await driver.installed();
      return Object.fromEntries(installed.map(({ name, version }) => [name, version]));
    }

    /** The process dies so while it brings the second state about: the next start finishes that or takes it back. */
    async function expectWhole(
      deathOf: (changes: number) => { what: string; death: BringOptions },
    ): Promise<void> {
      const { device, after, changes } = await prepared();
      const { what, death } = deathOf(changes);
      const died = await device.bring(after, death).catch((error: Error) => error);
      const { transactions } = device.whole();
      const recovered = await transactions.recover();
      const { point } = await transactions.installed();
      const has = [await versions(device), existsSync(join(device.root, 'opt/p'))];
      const where = `${what}, seed ${seed}: ${died instanceof Error ? died.message : JSON.stringify(died)}, ${JSON.stringify(recovered)}`;
      const second = { libx: v('2'), rec: v('1') };
      const before = { app: v('1'), libx: v('1') };
      expect(has, where).toEqual(point?.revision === 2 ? [second, true] : [before, false]);
      const target = targetAt(2, after);
      const again = await transactions.converge(target, quiet, new AbortController().signal);
      expect(again, where).toEqual({ kind: 'converged' });
      expect(await versions(device), where).toEqual(second);
      const record = JSON.parse(
        readFileSync(join(device.state, 'packages/installed.json'), 'utf8'),
      );
      expect(record.managed, where).toEqual(['libx', 'rec']);
    }

    const whole = (name: string, test: () => Promise<void>): void =>
      it(name, { timeout: isFull ? 1_800_000 : 120_000 }, async (context) => {
        if (leftOut !== null) context.skip(leftOut);
        await test();
      });

    whole('is finished or undone at the next start, before whatever change that was', async () => {
      const { files } = samples[manager];
      for (let sample = 0; sample < files; sample += 1)
        await expectWhole((changes) => {
          // The first state was brought with about as many changes as the second needs.
          const at = 1 + Math.floor((changes / files) * (sample + random()));
          const dying = dyingFiles(at);
          return {
            what: `before change ${at} of about ${changes}`,
            death: { files: dying.files, alive: () => dying.changes() < at },
          };
        });
    });

    whole('is finished or undone though the package manager was killed at its work', async () => {
      for (let sample = 0; sample < samples[manager].programs; sample += 1) {
        const which = Math.floor(random() * 3);
        const after = Math.round(random() * MOST_MS);
        const mortal = mortalFiles();
        let begun = 0;
        const program: BringOptions['program'] = async (command, run) => {
          if (isHarmless(command)) return await run(command);
          begun += 1;
          if (begun <= which) return await run(command);
          await run(killed(command, after));
          mortal.die();
          throw new Died('the machine is off');
        };
        await expectWhole(() => ({
          what: `program ${which} killed after ${after} ms`,
          death: { files: mortal.files, alive: mortal.alive, program },
        }));
      }
    });
  });

const quiet = { phase: () => undefined, progress: () => undefined, log: () => undefined };

const isHarmless = ({ file, args }: Command): boolean =>
  args.some((one) => HARMLESS.test(one)) || file.endsWith('/gpgconf');

/** The same program, which is killed with all that it started after so many ms. */
function killed(command: Command, ms: number): Command {
  const script = 'setsid "$@" & sleep "$0"; kill -KILL -- -$! 2>/dev/null; wait';
  const args = ['-c', script, String(ms / 1000), command.file, ...command.args];
  return { ...command, file: '/bin/sh', args };
}
