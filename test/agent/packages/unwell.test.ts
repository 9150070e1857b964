import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDriver } from '../../../agent/packages/package-drivers.ts';
import { createClock } from '../../../agent/system/clock.ts';
import { createCommands } from '../../../agent/system/commands.ts';
import { createNodeFiles } from '../../../agent/system/node-files.ts';
import type { DesiredSource } from '../../../proto/desired-source.ts';
import { LOCK_SCHEMA, type Lock } from '../../../proto/lock.ts';
import { ensureDebianPackages } from '../../support/debian.ts';
import { lockedPackage } from '../../support/package-device.ts';
import { kindOf } from '../../support/package-kinds.ts';
import { failureOf } from '../../support/packet-device.ts';
import { type DirectoryServer, serveDirectory } from '../../support/serve-directory.ts';
import { listTree, treeDifference } from '../../support/tree.ts';
import { createWholeDevice, type WholeDevice } from '../../support/whole-device.ts';

for (const manager of ['apt', 'dnf'] as const)
  describe(`a device that is not well after a change of packages of ${manager}`, () => {
    const kind = kindOf[manager];
    let base: string;
    let repository: DirectoryServer;
    let source: DesiredSource;
    let leftOut: string | null;

    beforeAll(async () => {
      ({ leftOut } = await ensureDebianPackages(kind.tools));
      if (leftOut !== null) return;
      base = mkdtempSync(join(tmpdir(), 'jamesd-unwell-'));
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

    async function versions({ root, state }: WholeDevice): Promise<Record<string, string>> {
      const clock = createClock();
      const rest = { files: createNodeFiles(), commands: createCommands({ clock }), clock };
      const driver = createDriver(manager, { ...rest, root, state, user: { uid: 0 } });
      const installed = await driver.installed();
      return Object.fromEntries(installed.map(({ name, version }) => [name, version]));
    }

    it('gets back what was upgraded, removed and installed, before the commit', async (context) => {
      if (leftOut !== null) context.skip(leftOut);
      const device = createWholeDevice(manager);
      const first = device.server.put(lock(['libx', '1'], ['app', '1']));
      expect(await device.bring({ lock: first, sources: [source] })).toEqual({ kind: 'converged' });
      const before = [await versions(device), listTree(join(device.root, 'usr'))] as const;
      device.phases.splice(0);
      const second = {
        lock: device.server.put(lock(['libx', '2'], ['rec', '1'])),
        sources: [source],
        policy: {
          // Only a device on which the old package is gone already is asked.
          health: {
            checks: [
              {
                command: `test -e ${device.root}/usr/share/app/file || { echo app is gone; exit 1; }`,
              },
            ],
            retries: 0,
          },
        },
      };
      const failure = failureOf(await device.bring(second));
      expect(failure).toMatchObject({ undone: true, code: 'unhealthy' });
      expect(failure.reason).toContain('app is gone');
      expect(failure.reason).not.toContain('On the way back');
      expect(device.phases.slice(-2)).toEqual(['checking', 'rolling-back']);
      expect(await versions(device)).toEqual(before[0]);
      // A directory that no package owns stays with rpm.
      const left = treeDifference(listTree(join(device.root, 'usr')), before[1]);
      expect(left.filter((line) => !line.includes(': has directory'))).toEqual([]);
      expect((await device.whole().transactions.installed()).point?.revision).toBe(1);
    }, 60_000);
  });
