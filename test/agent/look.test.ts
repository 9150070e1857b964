import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { newAgentState } from '../../agent/agent-state.ts';
import { createLook } from '../../agent/look.ts';
import { createSavedFailure } from '../../agent/saved-failure.ts';
import { createNodeFiles } from '../../agent/system/node-files.ts';
import { LOCK_SCHEMA } from '../../proto/lock.ts';
import { silentLog } from '../../proto/log.ts';
import { ensureDebianPackages } from '../support/debian.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { lockedPackage } from '../support/package-device.ts';
import { kindOf } from '../support/package-kinds.ts';
import { serveDirectory } from '../support/serve-directory.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { createWholeDevice } from '../support/whole-device.ts';

const HOUR = 3_600_000;
const kind = kindOf.apt;
const { leftOut } = await ensureDebianPackages(kind.tools);

it.skipIf(leftOut !== null)(
  'packages are looked at after a start and every hour, and what somebody changed is reported',
  async () => {
    const base = temporaryDirectory();
    const { publicKey } = await kind.publish(join(base, 'stable'), [
      { name: 'libx', version: '1' },
      { name: 'app', version: '1' },
    ]);
    const server = await serveDirectory(base);
    onTestFinished(() => server.close());
    const device = createWholeDevice('apt');
    const packages = [lockedPackage('apt', ['libx', '1']), lockedPackage('apt', ['app', '1'])];
    const lock = device.server.put({ schema: LOCK_SCHEMA, type: 'deb', packages, keep: [] });
    const sources = [kind.source('main', `${server.url}/stable`, publicKey)];
    expect(await device.bring({ lock, sources })).toEqual({ kind: 'converged' });

    const { transactions } = device.whole();
    const clock = createFakeClock();
    const state = newAgentState();
    let told = 0;
    const look = createLook({
      ...{ state, transactions, clock, random: () => 0.5, log: silentLog },
      gates: { forget: async () => undefined },
      failures: createSavedFailure({ files: createNodeFiles(), state: base, log: silentLog }),
      reporter: { phase: () => undefined, progress: () => undefined, log: () => undefined },
      backoff: { baseMs: 1000, capMs: 1000 },
      changed: () => {
        told += 1;
      },
    });
    const never = new AbortController().signal;
    expect([await look.due(never), look.within(null)]).toEqual([false, null]);
    state.installed = await transactions.installed();
    expect([await look.due(never), told, look.within(null)]).toEqual([true, 0, HOUR]);

    const file = join(device.root, 'usr/share/app/file');
    const before = readFileSync(file);
    writeFileSync(file, 'changed by hand');
    rmSync(join(device.root, 'usr/share/libx/file'));
    await clock.advance(HOUR - 1);
    expect([await look.due(never), told, look.within(null)]).toEqual([false, 0, 1]);
    await clock.advance(1);
    expect([await look.due(never), told, look.within(5)]).toEqual([true, 1, 5]);
    expect(state.installed.packages).toMatchObject({
      installed: 0,
      wrong: [
        { name: 'libx', status: 'modified', error: '/usr/share/libx/file is missing.' },
        { name: 'app', status: 'modified', error: '/usr/share/app/file was changed.' },
      ],
    });
    expect(readFileSync(file, 'utf8')).toBe('changed by hand');
    expect(existsSync(join(device.root, 'usr/share/libx/file'))).toBe(false);

    writeFileSync(file, before);
    await clock.advance(HOUR);
    expect([await look.due(never), told]).toEqual([true, 2]);
    expect(state.installed.packages?.wrong.map(({ name }) => name)).toEqual(['libx']);
    look.done();
    expect([await look.due(never), look.within(null)]).toEqual([false, HOUR]);
  },
  60_000,
);
