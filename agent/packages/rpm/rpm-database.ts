import { JamesError } from '../../../proto/errors.ts';
import { onHost } from '../../core/device-path.ts';
import type { CommandResult } from '../../system/commands.ts';
import type { PresentPackage } from '../core/present-package.ts';
import { parseRpmQuery, RPM_QUERY } from '../core/rpm-query.ts';
import type { FileFinding } from '../core/verify-output.ts';
import { findingsByPackage, type NamedPackage } from '../findings-by-package.ts';
import type { PackageReporter } from '../package-driver.ts';
import type { WayBack } from '../package-tool.ts';
import { createRunTool, requireSuccess, saidBy, type ToolHost } from '../tool-run.ts';

const RPM = '/usr/bin/rpm';
const RPMDB = '/usr/bin/rpmdb';
const QUERY_MS = 300_000;
const INSTALL_MS = 3_600_000;

/** What rpm says of a database that an interrupted transaction left damaged. */
const DAMAGED =
  /DB_RUNRECOVERY|rpmdb.*(?:damaged|corrupt|malformed)|disk image is malformed|Thread died in Berkeley DB/i;

/** The table of the packages themselves; all others can be made from it. */
const LOST = /'Packages'.*malformed|malformed.*'Packages'/;

/** What dnf and zypper share: rpm's database below a root. */
export interface RpmDatabase {
  available(): Promise<boolean>;
  /** Without marks: rpm has none. A database that is damaged is repaired first. */
  present(): Promise<PresentPackage[]>;
  /**
   * Rebuilds a database that is damaged. Throws `package-failed`, with nothing changed, where the packages themselves cannot
   * be read: rpm would make an empty one of it.
   */
  repair(reporter?: PackageReporter): Promise<void>;
  findings(packages: readonly NamedPackage[]): Promise<ReadonlyMap<string, readonly FileFinding[]>>;
  putBack(way: WayBack, reporter: PackageReporter): Promise<void>;
}

/** The files that rpm locks, wherever the distribution keeps its database. */
export const rpmLockFiles = (root: string): string[] =>
  ['/var/lib/rpm', '/usr/lib/sysimage/rpm', '/.rpmdb'].map((folder) =>
    onHost(root, `${folder}/.rpm.lock`),
  );

export const RPM_LOCKED = /create transaction lock on|cannot get .* lock on/;

export function createRpmDatabase(host: ToolHost): RpmDatabase {
  const { files, root } = host;
  const isLocked = ({ output }: { output: string }): boolean => RPM_LOCKED.test(output);
  const run = createRunTool(host, { isLocked, lockFiles: rpmLockFiles(root) });
  const below = root === '/' ? [] : ['--root', root];

  const change = async (args: readonly string[], reporter: PackageReporter): Promise<void> => {
    const rest = { timeoutMs: INSTALL_MS, reporter };
    requireSound(await run({ file: RPM, args: [...below, ...args], ...rest }), `rpm ${args[0]}`);
  };
  const list = (): Promise<CommandResult> =>
    run({
      file: RPM,
      args: [...below, '-qa', '--qf', RPM_QUERY],
      ...{ timeoutMs: QUERY_MS, wantsOutput: true },
    });
  const verify = async (reporter?: PackageReporter): Promise<CommandResult | null> => {
    if (!(await files.lstat(RPMDB))) return null;
    const args = [...below, '--verifydb'];
    return await run({ file: RPMDB, args, timeoutMs: QUERY_MS, ...(reporter && { reporter }) });
  };

  async function repair(reporter?: PackageReporter): Promise<void> {
    const found = await verify(reporter);
    if (found === null || found.end !== 'exited' || found.code === 0) return;
    const listed = await list();
    if (LOST.test(listed.output)) throw lost(found);
    reporter?.log(['The database of rpm is damaged: rpm --rebuilddb.', saidBy(found)]);
    const args = [...below, '--rebuilddb'];
    requireSound(await run({ file: RPM, args, timeoutMs: INSTALL_MS }), 'rpm --rebuilddb');
    const again = await verify();
    if (again) requireSuccess(again, 'rpmdb --verifydb');
  }

  return {
    available: async () => (await files.lstat(RPM)) !== undefined,
    async present() {
      let result = await list();
      if (DAMAGED.test(result.output)) {
        await repair();
        result = await list();
      }
      return parseRpmQuery(requireSound(result, 'rpm -qa').stdout);
    },
    repair,
    findings: (packages) =>
      findingsByPackage(packages, rpmName, async (some) => {
        const args = [...below, '-V', '--nodeps', ...some];
        return (await run({ file: RPM, args, timeoutMs: INSTALL_MS, wantsOutput: true })).stdout;
      }),
    async putBack({ files: packages, remove }, reporter) {
      if (packages.length > 0)
        await change(['-U', '--oldpackage', '--replacepkgs', ...packages], reporter);
      if (remove.length > 0) await change(['-e', ...remove.map(rpmName)], reporter);
    },
  };
}

const rpmName = ({ name, arch }: NamedPackage): string => `${name}.${arch}`;

/** As `requireSuccess`; rpm may end with 0 though its database is damaged, so what it says counts too. */
export const requireSound = (result: CommandResult, doing: string): CommandResult =>
  requireSuccess(DAMAGED.test(result.output) ? { ...result, code: 1 } : result, doing);

const lost = (found: CommandResult): JamesError =>
  new JamesError(
    'package-failed',
    `The database of rpm is damaged beyond what rpm --rebuilddb can repair; put a copy of it back: ${saidBy(found)}`,
  );

/** How a package's file is called. */
export const rpmFileName = (one: { name: string; version: string; arch: string }): string =>
  `${one.name}-${one.version.replace(/^\d+:/, '')}.${one.arch}.rpm`;
