import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createPacketDevice, putContent, targetOf } from '../../support/packet-device.ts';
import { listTree, treeDifference } from '../../support/tree.ts';

const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;

/** A directory that the unprivileged user can reach, with everything that it needs. */
function sandbox(): string {
  const directory = mkdtempSync(join(tmpdir(), 'jamesd-nobody-'));
  chmodSync(directory, 0o755);
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** The sources as one plain JavaScript file, so that the other user need not read them. */
async function bundle(directory: string): Promise<string> {
  const { build } = await import('esbuild');
  const outfile = join(directory, 'job.mjs');
  const entry = resolve(import.meta.dirname, '../../support/unprivileged-device.ts');
  const banner =
    "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: banner },
    logLevel: 'error',
  });
  return outfile;
}

it('a user who is not root gets everything but the owners, and is told so', async () => {
  const directory = sandbox();
  const device = createPacketDevice();
  const data = {
    'bin/tool': { text: 'tool', mode: 0o4755 },
    'bin/other': { same: 'bin/tool' },
    'lib/l': { link: '../bin/tool' },
    secret: { directory: 0o700 },
  };
  const packet = await device.build({ name: 'p', data, scripts: { postinst: 'id -u' } });
  const file = join(directory, 'p.jpk');
  cpSync(device.fileOf(packet), file);
  const [root, state] = [join(directory, 'root'), join(directory, 'state')];
  for (const path of [root, state]) {
    mkdirSync(path);
    if (isRoot) chownSync(path, NOBODY, NOBODY);
  }
  const targets = [targetOf(1, [packet])];
  writeFileSync(
    join(directory, 'job.json'),
    JSON.stringify({ root, state, files: { [packet.id]: file }, targets }),
  );
  const options = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  const output = execFileSync(
    process.execPath,
    [await bundle(directory), join(directory, 'job.json')],
    { ...options, encoding: 'utf8', cwd: '/' },
  );
  const result = JSON.parse(output) as { uid: number; outcomes: object[]; lines: string[] };
  expect(result.uid).not.toBe(0);
  expect(result.outcomes).toEqual([{ kind: 'converged' }]);
  const want = createPacketDevice();
  putContent(want.root, data);
  const [has, wanted] = [listTree(root, { owners: false }), listTree(want.root, { owners: false })];
  expect(treeDifference(has, wanted)).toEqual([]);
  expect(lstatSync(join(root, 'bin/tool')).uid).toBe(result.uid);
  expect(result.lines[0]).toMatch(isRoot ? /owners are not set, because it is not root/ : /./);
  expect(result.lines.at(-1)).toBe(String(result.uid));
});
