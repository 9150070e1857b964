import { renderAptSources } from '../../../proto/source-files/apt.ts';
import { joinPath, onHost } from '../../core/device-path.ts';
import { ensureDirectory, replaceFile } from '../../state-file.ts';
import { type AptPlaces, aptConf } from '../core/apt-conf.ts';
import { aptUnfound, parseAptSimulation } from '../core/apt-output.ts';
import { parseDpkgStatus } from '../core/dpkg-status.ts';
import { findingsByPackage } from '../findings-by-package.ts';
import { limitedSources } from '../limited-sources.ts';
import type { AskedPackage, PackageTool, ToolRequest } from '../package-tool.ts';
import {
  createRunTool,
  lastLines,
  type RunTool,
  requireSuccess,
  type ToolHost,
  type ToolRun,
} from '../tool-run.ts';
import { requireUpdate } from '../update-failure.ts';
import { repackDeb } from './repack-deb.ts';

const APT_GET = '/usr/bin/apt-get';
const APT_MARK = '/usr/bin/apt-mark';
const DPKG = '/usr/bin/dpkg';

const QUICK_MS = 120_000;
const FETCH_MS = 3_600_000;
const INSTALL_MS = 3_600_000;
interface Archived {
  name: string;
  version: string;
  arch: string;
}

/** apt and dpkg do not make these themselves. */
const NEEDED = [
  '/var/lib/dpkg',
  '/var/lib/apt',
  '/var/log/apt',
  '/etc/apt/apt.conf.d',
  '/etc/apt/preferences.d',
];
/** apt's ways to say that somebody else is at work. */
const LOCKED =
  /Could not get lock|Unable to acquire the dpkg frontend lock|frontend lock was locked|is another process using it|database is locked/;

/** apt and dpkg on a root. */
export function createAptTool(host: ToolHost & { asRoot: boolean }): PackageTool {
  const { files, root } = host;
  const at = (path: string): string => onHost(root, path);
  const cache = at('/var/cache/jamesd/apt');
  const conf = `${cache}/apt.conf`;
  const places: AptPlaces = { root, cache, asRoot: host.asRoot };
  const lockFiles = [
    at('/var/lib/dpkg/lock-frontend'),
    at('/var/lib/dpkg/lock'),
    `${cache}/archives/lock`,
    `${cache}/lists/lock`,
  ];
  const isLocked = ({ output }: { output: string }): boolean => LOCKED.test(output);
  const run = createRunTool(host, { isLocked, lockFiles });
  const apt: RunTool = (command) => run(withConf(command, conf));
  const limited = limitedSources(files, `${cache}/sources`);
  const settings = limitedSources(files, `${cache}/conf`);

  const readText = async (path: string): Promise<string> =>
    (await files.lstat(path)) ? Buffer.from(await files.readFile(path)).toString('utf8') : '';

  const archiveOf = ({ name, version, arch }: Archived): string =>
    joinPath(`${cache}/archives`, `${name}_${version.replaceAll(':', '%3a')}_${arch}.deb`);

  async function prepare(): Promise<void> {
    const folders = ['archives', 'lists', 'sources', 'conf'].map((name) => `${cache}/${name}`);
    const needed = NEEDED.map(at);
    for (const folder of [...folders, ...needed]) await ensureDirectory(files, folder, 0o755);
    if (!(await files.lstat(at('/var/lib/dpkg/status'))))
      await files.writeNew(at('/var/lib/dpkg/status'), new Uint8Array(), {
        mode: 0o644,
        sync: true,
      });
    const text = aptConf(places);
    if ((await readText(conf)) !== text)
      await replaceFile(files, conf, Buffer.from(text), { mode: 0o644 });
  }

  return {
    manager: 'apt',
    type: 'deb',
    supportsAuto: true,
    namesAnyArch: false,
    wordOf: nameOf,
    cache: `${cache}/archives`,
    available: async () =>
      (await files.lstat(APT_GET)) !== undefined && (await files.lstat(DPKG)) !== undefined,
    present: async () =>
      parseDpkgStatus(
        await readText(at('/var/lib/dpkg/status')),
        await readText(at('/var/lib/apt/extended_states')),
      ),
    sourceFiles: (sources, options) =>
      renderAptSources(
        sources.filter(({ type }) => type === 'apt'),
        options,
      ),
    namesSources: (path) => isSources(path) || isSettings(path),
    async limitTo(sourceFiles) {
      await prepare();
      await limited(sourceFiles.filter(({ path }) => isSources(path)));
      await settings(sourceFiles.filter(({ path }) => isSettings(path)));
    },
    async finishInterrupted(reporter) {
      await prepare();
      if (!(await wasInterrupted())) return;
      reporter.log(['The package manager was interrupted: dpkg --configure -a.']);
      const args = [
        ...dpkgOptions(places),
        '--force-confdef',
        '--force-confold',
        '--configure',
        '-a',
      ];
      const result = await run({ file: DPKG, args, timeoutMs: INSTALL_MS, reporter });
      if (result.code !== 0) reporter.log(lastLines(result.output));
    },
    async update(reporter, signal) {
      const args = ['update'];
      const result = await apt({ file: APT_GET, args, timeoutMs: FETCH_MS, reporter, signal });
      requireUpdate(result, 'apt-get update');
    },
    async simulate(request) {
      const result = await apt({
        file: APT_GET,
        args: ['-s', 'install', '--allow-downgrades', ...argumentsOf(request)],
        timeoutMs: QUICK_MS,
        wantsOutput: true,
      });
      if (result.end === 'exited' && result.code !== 0)
        return {
          kind: 'cannot',
          lines: lastLines(result.output),
          unfound: aptUnfound(result.output),
        };
      const { stdout } = requireSuccess(result, 'apt-get -s install');
      return { kind: 'would', simulation: parseAptSimulation(stdout) };
    },
    async download(request, reporter, signal) {
      const args = ['install', '--download-only', '--allow-downgrades', ...argumentsOf(request)];
      const result = await apt({ file: APT_GET, args, timeoutMs: FETCH_MS, reporter, signal });
      requireUpdate(result, 'apt-get install --download-only');
    },
    async carryOut(request, reporter) {
      if (request.install.length + request.remove.length === 0) return;
      const args = ['install', '--allow-downgrades', ...argumentsOf(request)];
      const result = await apt({ file: APT_GET, args, timeoutMs: INSTALL_MS, reporter });
      requireSuccess(result, 'apt-get install');
    },
    async mark(auto, manual) {
      for (const [how, names] of [
        ['auto', auto],
        ['manual', manual],
      ] as const) {
        if (names.length === 0) continue;
        const result = await apt({ file: APT_MARK, args: [how, ...names], timeoutMs: QUICK_MS });
        requireSuccess(result, `apt-mark ${how}`);
      }
    },
    findings: (packages) =>
      findingsByPackage(packages, nameOf, async (some) => {
        const args = [...dpkgOptions(places), '--verify', ...some];
        const result = await run({ file: DPKG, args, timeoutMs: FETCH_MS, wantsOutput: true });
        return result.stdout;
      }),
    async fileOf(one) {
      const path = archiveOf(one);
      return (await files.lstat(path)) ? path : null;
    },
    async obtain(one, reporter, signal) {
      if (await repackDeb({ host, run, work: `${cache}/repack` }, one, archiveOf(one))) return true;
      const asked = `${nameOf(one)}=${one.version}`;
      const args = ['install', '--reinstall', '--download-only', '--allow-downgrades', asked];
      await apt({ file: APT_GET, args, timeoutMs: FETCH_MS, reporter, signal });
      return (await files.lstat(archiveOf(one))) !== undefined;
    },
    async tidy() {
      for (const name of await files.readDirectory(`${cache}/archives`))
        if (name.endsWith('.deb')) await files.unlink(joinPath(`${cache}/archives`, name));
    },
    needsReboot: async () => (await files.lstat(at('/run/reboot-required'))) !== undefined,
    async putBack({ files: debs, remove }, reporter) {
      const names = remove.map((one) => `${nameOf(one)}-`);
      if (debs.length + names.length === 0) return;
      const args = ['install', '--allow-downgrades', '--reinstall', ...debs, ...names];
      const result = await apt({ file: APT_GET, args, timeoutMs: INSTALL_MS, reporter });
      requireSuccess(result, 'apt-get install');
    },
  };

  /** What dpkg itself looks at: steps that are not merged yet, and packages between two states. */
  async function wasInterrupted(): Promise<boolean> {
    const updates = at('/var/lib/dpkg/updates');
    const steps = (await files.lstat(updates)) ? await files.readDirectory(updates) : [];
    if (steps.some((name) => /^\d+$/.test(name))) return true;
    const present = parseDpkgStatus(await readText(at('/var/lib/dpkg/status')), '');
    return present.some(({ broken }) => broken);
  }
}

const isSources = (path: string): boolean =>
  path.startsWith('/etc/apt/') && /\.(sources|list)$/.test(path);

/** Settings name files, which below a root of its own lie elsewhere on the host. */
const isSettings = (path: string): boolean => path.startsWith('/etc/apt/apt.conf.d/');

function withConf(command: ToolRun, conf: string): ToolRun {
  const { args, env } = command;
  return { ...command, args: ['-c', conf, ...args], env: { ...env, APT_CONFIG: conf } };
}

function argumentsOf({ install, remove }: ToolRequest): string[] {
  return [
    ...install.map((one) => nameOf(one) + (one.version === null ? '' : `=${one.version}`)),
    ...remove.map((one) => `${nameOf(one)}-`),
  ];
}

/** apt takes no `:all`. */
const nameOf = ({ name, arch }: Pick<AskedPackage, 'name' | 'arch'>): string =>
  arch === 'all' || arch === '' ? name : `${name}:${arch}`;

function dpkgOptions({ root, asRoot }: AptPlaces): string[] {
  if (root === '/') return [];
  return [`--root=${root}`, '--force-script-chrootless', ...(asRoot ? [] : ['--force-not-root'])];
}
