import { JamesError } from '../../../proto/errors.ts';
import { renderYumSources } from '../../../proto/source-files/yum.ts';
import { onHost } from '../../core/device-path.ts';
import { ensureDirectory, replaceFile } from '../../state-file.ts';
import type { CommandResult } from '../../system/commands.ts';
import { dnfConf, dnfOptions } from '../core/dnf-conf.ts';
import { dnfUnfound, parseDnfTransaction } from '../core/dnf-output.ts';
import { dnfProgramFault } from '../core/dnf-program.ts';
import type { ToolAnswer } from '../core/tool-simulation.ts';
import { findFile } from '../find-file.ts';
import { limitedSources } from '../limited-sources.ts';
import type { AskedPackage, PackageTool, ToolRequest } from '../package-tool.ts';
import { endGpgAgents } from '../rpm/end-gpg-agents.ts';
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

const PROGRAMS = ['/usr/bin/dnf-3', '/usr/bin/dnf', '/usr/bin/yum'];
/** Where it is the only one, its sentence says what to install. */
const MICRODNF = '/usr/bin/microdnf';
const QUICK_MS = 300_000;
const LONG_MS = 3_600_000;
const LOCKED = /already locked by \d+|Failed to obtain the transaction lock|Existing lock/;
const CANNOT = /^No match for argument|^Error: (?!Operation aborted)|^Error: ?$|^ Problem/m;

/** dnf, or yum where that is a name for dnf, on a root. */
export function createDnfTool(host: ToolHost): PackageTool {
  const { files, root } = host;
  const at = (path: string): string => onHost(root, path);
  const directory = at('/var/cache/jamesd/dnf');
  const [conf, script] = [`${directory}/dnf.conf`, `${directory}/request`];
  const rpm = createRpmDatabase(host);
  const limited = limitedSources(files, `${directory}/repos`);
  const isLocked = ({ output }: CommandResult): boolean =>
    LOCKED.test(output) || RPM_LOCKED.test(output);
  const run = createRunTool(host, { isLocked, lockFiles: rpmLockFiles(root) });
  const options = dnfOptions({
    root,
    conf,
    repos: `${directory}/repos`,
    cache: `${directory}/cache`,
  });

  /** Null where there is none; throws `unsupported` where there is one that cannot be used. */
  const program = async (): Promise<string | null> => {
    let fault: string | null = null;
    for (const path of [...PROGRAMS, MICRODNF]) {
      if (!(await files.lstat(path))) continue;
      const found = dnfProgramFault(path, await files.readFile(path));
      if (found === null) return path;
      fault ??= found;
    }
    if (fault !== null) throw new JamesError('unsupported', fault);
    return null;
  };
  let known: string | null = null;
  const dnf = async (
    args: readonly string[],
    rest: Partial<Parameters<typeof run>[0]> = {},
  ): Promise<CommandResult> => {
    known ??= await program();
    const file = known ?? 'dnf';
    try {
      return await run({ file, args: [...options, ...args], timeoutMs: LONG_MS, ...rest });
    } finally {
      await endGpgAgents(files, run, `${directory}/cache`);
    }
  };

  /** Removals and installations in one transaction need dnf's shell. */
  async function argumentsFor(request: ToolRequest): Promise<string[]> {
    const { install, remove } = {
      install: request.install.map(named),
      remove: request.remove.map(removed),
    };
    if (remove.length === 0) return ['install', '--allowerasing', ...install];
    if (install.length === 0) return ['remove', ...remove];
    const lines = [`install ${install.join(' ')}`, `remove ${remove.join(' ')}`, 'ts run', ''];
    await replaceFile(files, script, Buffer.from(lines.join('\n')), { sync: false });
    return ['--allowerasing', 'shell', script];
  }

  return {
    manager: 'dnf',
    type: 'rpm',
    supportsAuto: true,
    namesAnyArch: true,
    wordOf: (one) => named({ ...one, version: null }),
    cache: `${directory}/cache`,
    available: async () => (await program()) !== null && (await rpm.available()),
    async present({ marks }) {
      const packages = await rpm.present();
      if (!marks || packages.length === 0) return packages;
      const quiet = ['-q', '--disablerepo=*', 'repoquery', '--userinstalled'];
      const result = await dnf([...quiet, '--qf', '%{name}\\n'], { wantsOutput: true });
      const { stdout } = requireSuccess(result, 'dnf repoquery');
      const asked = new Set(stdout.split(/\s+/));
      return packages.map((one) => ({ ...one, auto: !asked.has(one.name) }));
    },
    sourceFiles: (sources, how) =>
      renderYumSources(
        sources.filter(({ type }) => type === 'yum'),
        'dnf',
        how,
      ),
    namesSources: (path) => path.endsWith('.repo'),
    async limitTo(sourceFiles) {
      for (const folder of ['repos', 'cache'])
        await ensureDirectory(files, `${directory}/${folder}`, 0o755);
      await replaceFile(files, conf, Buffer.from(dnfConf()), { mode: 0o644, sync: false });
      await limited(sourceFiles);
    },
    finishInterrupted: rpm.repair,
    async update(reporter, signal) {
      const result = await dnf(['-y', 'makecache', '--refresh'], { reporter, signal });
      requireUpdate(result, 'dnf makecache');
    },
    async simulate(request) {
      const args = ['-C', '--assumeno', ...(await argumentsFor(request))];
      return answerOf(await dnf(args, { timeoutMs: QUICK_MS, wantsOutput: true }));
    },
    async download({ install }, reporter, signal) {
      if (install.length === 0) return;
      const args = ['install', '--downloadonly', '--allowerasing', ...install.map(named)];
      const result = await dnf(['-y', ...args], { reporter, signal });
      requireUpdate(result, 'dnf install --downloadonly');
    },
    async carryOut(request, reporter) {
      if (request.install.length + request.remove.length === 0) return;
      const args = ['-y', '-C', ...(await argumentsFor(request))];
      const result = await dnf(args, { reporter, wantsOutput: true });
      requireSound(CANNOT.test(result.output) ? { ...result, code: 1 } : result, 'dnf');
    },
    async mark(auto, manual) {
      for (const [how, names] of [
        ['remove', auto],
        ['install', manual],
      ] as const) {
        if (names.length === 0) continue;
        requireSuccess(await dnf(['-y', '-C', 'mark', how, ...names]), `dnf mark ${how}`);
      }
    },
    findings: rpm.findings,
    fileOf: (one) => findFile(files, `${directory}/cache`, rpmFileName(one)),
    async obtain(one, reporter, signal) {
      await dnf(['-y', 'reinstall', '--downloadonly', named(one)], { reporter, signal });
      return (await findFile(files, `${directory}/cache`, rpmFileName(one))) !== null;
    },
    tidy: (installed) => tidyRpms(files, `${directory}/cache`, installed),
    needsReboot: () => rpmNeedsReboot(host, run),
    putBack: rpm.putBack,
  };
}

/** What `dnf --assumeno` says it would do; that it then stops is no failure. */
function answerOf(result: CommandResult): ToolAnswer {
  const { output, stdout } = result;
  if (result.end !== 'exited' || result.truncated) requireSuccess(result, 'dnf --assumeno');
  if (CANNOT.test(output)) {
    const lines = lastLines(output).filter(
      (line) => !/^(Last metadata|Unable to detect)/.test(line),
    );
    return { kind: 'cannot', lines, unfound: dnfUnfound(output) };
  }
  return { kind: 'would', simulation: parseDnfTransaction(stdout) };
}

function named({ name, arch, version }: AskedPackage): string {
  if (version === null) return arch === '' || !/^\w[\w.+-]*$/.test(name) ? name : `${name}.${arch}`;
  return `${name}-${version.includes(':') ? version : `0:${version}`}.${arch}`;
}

const removed = ({ name, arch }: { name: string; arch: string }): string => `${name}.${arch}`;
