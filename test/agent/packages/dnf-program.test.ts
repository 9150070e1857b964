import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createPackageManagers } from '../../../agent/packages/choose-manager.ts';
import { createClock } from '../../../agent/system/clock.ts';
import { createCommands } from '../../../agent/system/commands.ts';
import type { Files } from '../../../agent/system/files.ts';
import { createNodeFiles } from '../../../agent/system/node-files.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const dnf4 = '#!/usr/bin/python3\nfrom dnf.cli import main\n';
const dnf5 = '\u007fELF\u0002\u0001';
const yum3 = "#!/usr/bin/python\nsys.path.insert(0, '/usr/share/yum-cli')\nimport yummain\n";

/** The driver for rpm of a machine that has these programs below /usr/bin. */
async function driverWith(programs: Record<string, string>): Promise<string> {
  const machine = temporaryDirectory();
  mkdirSync(join(machine, 'usr/bin'), { recursive: true });
  for (const [name, text] of Object.entries({ rpm: '', ...programs })) {
    const path = join(machine, 'usr/bin', name);
    if (text.startsWith('>')) symlinkSync(text.slice(1), path);
    else writeFileSync(path, text);
    if (!text.startsWith('>')) chmodSync(path, 0o755);
  }
  const real = createNodeFiles();
  const there = (path: string): string => (path.startsWith('/usr/bin/') ? machine + path : path);
  const files: Files = {
    ...real,
    lstat: (path) => real.lstat(there(path)),
    readFile: (path) => real.readFile(there(path)),
  };
  const clock = createClock();
  const managers = createPackageManagers('auto', {
    ...{ files, clock, commands: createCommands({ clock }), root: temporaryDirectory() },
    ...{ state: temporaryDirectory(), user: { uid: 0 } },
  });
  return await managers.forType('rpm').then(
    ({ manager }) => manager,
    (error: Error) => error.message,
  );
}

it.each([
  ['dnf 4', { dnf: '>dnf-3', 'dnf-3': dnf4 }, 'dnf'],
  ['dnf 4 beside dnf 5', { dnf: '>dnf5', dnf5, 'dnf-3': dnf4 }, 'dnf'],
  ['yum as a name of dnf 4', { yum: dnf4 }, 'dnf'],
  ['zypper beside dnf 5', { dnf: dnf5, zypper: dnf5 }, 'zypper'],
])('with %s', async (_, programs, manager) => {
  expect(await driverWith(programs)).toBe(manager);
});

it.each([
  ['dnf 5', { dnf: '>dnf5', dnf5 }, /\/usr\/bin\/dnf is dnf 5 .* install dnf 4 beside it/],
  ['yum 3', { yum: yum3 }, /\/usr\/bin\/yum is yum 3, .* install dnf 4/],
  [
    'microdnf alone',
    { microdnf: dnf5 },
    /\/usr\/bin\/microdnf is dnf 5 or microdnf, .* install dnf 4/,
  ],
  ['rpm alone', {}, /has no package manager for packages of type rpm/],
])('%s is refused with what to do', async (_, programs, sentence) => {
  expect(await driverWith(programs)).toMatch(sentence);
});
