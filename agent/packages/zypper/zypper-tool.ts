import type { SourceFile } from '../../../proto/source-files/source-file.ts';
import { renderYumSources } from '../../../proto/source-files/yum.ts';
import { onHost } from '../../core/device-path.ts';
import { ensureDirectory, replaceFile } from '../../state-file.ts';
import type { CommandResult } from '../../system/commands.ts';
import { parseZypperSummary, zypperMessages, zypperUnfound } from '../core/zypper-output.ts';
import { findFile } from '../find-file.ts';
import { limitedSources } from '../limited-sources.ts';
import type { AskedPackage, PackageTool, ToolRequest } from '../package-tool.ts';
import { rpmNeedsReboot } from '../rpm/needs-reboot.ts';
import {
  createRpmDatabase,
  RPM_LOCKED,
  requireSound,
  rpmFileName,
  rpmLockFiles,
} from '../rpm/rpm-database.ts';
import { tidyRpms } from '../rpm/tidy-rpms.ts';
import { createRunTool, lastLines, requireSuccess, type ToolHost } from '../tool-run.ts';
import { requireUpdate } from '../update-failure.ts';
import { createAutoInstalled } from './auto-installed.ts';

const ZYPPER = '/usr/bin/zypper';
const QUICK_MS = 300_000;
const LONG_MS = 3_600_000;
/** zypper(8): done, and a reboot or a restart of zypper itself is advised. */
const DONE: readonly (number | string)[] = [0, 102, 103];
/** zypper(8): ZYPPER_EXIT_ZYPP_LOCKED. */
const LOCKED_STATUS = 7;

/** zypper on a root. */
export function createZypperTool(host: ToolHost): PackageTool {
  const { files, root } = host;
  const directory = onHost(root, '/var/cache/jamesd/zypp');
  const rpm = createRpmDatabase(host);
  const limited = limitedSources(files, `${directory}/repos`);
  const marks = createAutoInstalled(files, onHost(root, '/var/lib/zypp/AutoInstalled'));
  const isLocked = ({ code, output }: CommandResult): boolean =>
    code === LOCKED_STATUS || RPM_LOCKED.test(output);
  const run = createRunTool(host, { isLocked, lockFiles: rpmLockFiles(root) });
  // Without these zypper would read the host's configuration, whatever its root is.
  const conf = `${directory}/zypper.conf`;
  const env = root === '/' ? {} : { ZYPP_CONF: onHost(root, '/etc/zypp/zypp.conf') };
  const options = [
    ...['--xmlout', '--non-interactive', '--gpg-auto-import-keys'],
    ...(root === '/' ? [] : ['--config', conf, '--root', root]),
    ...['--reposd-dir', `${directory}/repos`, '--cache-dir', `${directory}/cache`],
    ...['--raw-cache-dir', `${directory}/cache/raw`, '--solv-cache-dir', `${directory}/cache/solv`],
    ...['--pkg-cache-dir', `${directory}/cache/packages`],
  ];

  const zypper = async (
    args: readonly string[],
    rest: Partial<Parameters<typeof run>[0]> = {},
  ): Promise<CommandResult> => {
    const command = { file: ZYPPER, args: [...options, ...args], timeoutMs: LONG_MS, env, ...rest };
    const result = await run({ ...command, wantsOutput: true });
    return told(result);
  };
  const install = (request: ToolRequest, ...how: readonly string[]): string[] => [
    '--no-refresh',
    'install',
    '--no-recommends',
    '--oldpackage',
    '--auto-agree-with-licenses',
    ...how,
    ...argumentsOf(request),
  ];

  return {
    manager: 'zypper',
    type: 'rpm',
    supportsAuto: true,
    namesAnyArch: true,
    wordOf: (one) => named({ ...one, version: null }),
    cache: `${directory}/cache/packages`,
    available: async () => (await files.lstat(ZYPPER)) !== undefined && (await rpm.available()),
    async present() {
      const auto = await marks.read();
      return (await rpm.present()).map((one) => ({ ...one, auto: auto.has(one.name) }));
    },
    sourceFiles: (sources, how) =>
      renderYumSources(
        sources.filter(({ type }) => type === 'yum'),
        'zypper',
        how,
      ),
    namesSources: (path) => path.endsWith('.repo'),
    async limitTo(sourceFiles) {
      await ensureDirectory(files, `${directory}/cache/packages`, 0o755);
      await replaceFile(files, conf, Buffer.from('[main]\n'), { mode: 0o644, sync: false });
      await limited(sourceFiles.map(keepingPackages));
    },
    finishInterrupted: rpm.repair,
    async update(reporter, signal) {
      if ((await files.readDirectory(`${directory}/repos`)).length === 0) return;
      requireUpdate(
        await zypper(['refresh'], { signal, reporter: quiet(reporter) }),
        'zypper refresh',
      );
    },
    async simulate(request) {
      const result = await zypper(install(request, '--dry-run'), { timeoutMs: QUICK_MS });
      const simulation = parseZypperSummary(result.stdout);
      if (result.code === 0 && simulation) return { kind: 'would', simulation };
      if (result.end !== 'exited') requireSuccess(result, 'zypper install --dry-run');
      const unfound = zypperUnfound(result.stdout);
      return { kind: 'cannot', lines: lastLines(result.output), unfound };
    },
    async download(request, reporter, signal) {
      if (request.install.length === 0) return;
      const how = { signal, reporter: quiet(reporter) };
      const result = await zypper(install(request, '--download-only'), how);
      requireUpdate(result, 'zypper install --download-only');
    },
    async carryOut(request, reporter) {
      if (request.install.length + request.remove.length === 0) return;
      requireSound(await zypper(install(request), { reporter: quiet(reporter) }), 'zypper install');
    },
    mark: (auto, manual) => marks.change(auto, manual),
    findings: rpm.findings,
    fileOf: (one) => findFile(files, `${directory}/cache/packages`, rpmFileName(one)),
    async obtain(one, reporter, signal) {
      const again = { install: [one], remove: [] };
      const how = { signal, reporter: quiet(reporter) };
      await zypper(install(again, '--download-only', '--force'), how);
      return (await findFile(files, `${directory}/cache/packages`, rpmFileName(one))) !== null;
    },
    tidy: (installed) => tidyRpms(files, `${directory}/cache/packages`, installed),
    needsReboot: () => rpmNeedsReboot(host, run),
    putBack: rpm.putBack,
  };
}

/** The result as other programs give it: status 0 when it is done, and what it said without its markup. */
function told(result: CommandResult): CommandResult {
  if (result.end !== 'exited') return result;
  if (DONE.includes(result.code)) return { ...result, code: 0 };
  const messages = zypperMessages(result.stdout);
  return messages.length === 0 ? result : { ...result, output: messages.join('\n') };
}

/** Of the stream of XML only what it says to people. */
function quiet(reporter: Parameters<PackageTool['carryOut']>[1]): typeof reporter {
  return {
    ...reporter,
    log(lines) {
      const said = lines.flatMap((line) =>
        line.includes('<') ? (/<message[^>]*>([^<]+)/.exec(line)?.[1] ?? []) : [line],
      );
      if (said.length > 0) reporter.log(said);
    },
  };
}

/** zypper drops a package's file after installing it, unless its repository says otherwise. */
function keepingPackages(file: SourceFile): SourceFile {
  const content = file.content.replace(/^\[.*\]$/gm, '$&\nkeeppackages=1\nautorefresh=0');
  return { ...file, content };
}

function argumentsOf({ install, remove }: ToolRequest): string[] {
  return [...install.map(named), ...remove.map(({ name, arch }) => `!${name}.${arch}`)];
}

function named({ name, arch, version }: AskedPackage): string {
  const whole = arch === '' || !/^\w[\w.+-]*$/.test(name) ? name : `${name}.${arch}`;
  return version === null ? whole : `${whole}=${version}`;
}
