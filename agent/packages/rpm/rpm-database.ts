import { onHost } from '../../core/device-path.ts';
import type { PresentPackage } from '../core/present-package.ts';
import { parseRpmQuery, RPM_QUERY } from '../core/rpm-query.ts';
import type { FileFinding } from '../core/verify-output.ts';
import { findingsByPackage, type NamedPackage } from '../findings-by-package.ts';
import type { PackageReporter } from '../package-driver.ts';
import type { WayBack } from '../package-tool.ts';
import { createRunTool, requireSuccess, type ToolHost } from '../tool-run.ts';

const RPM = '/usr/bin/rpm';
const QUERY_MS = 300_000;
const INSTALL_MS = 3_600_000;

/** What rpm says of a database that an interrupted transaction left damaged. */
const DAMAGED =
  /DB_RUNRECOVERY|rpmdb.*(?:damaged|corrupt|malformed)|disk image is malformed|Thread died in Berkeley DB/i;

/** What dnf and zypper share: rpm's database below a root. */
export interface RpmDatabase {
  available(): Promise<boolean>;
  /** Without marks: rpm has none. A database that is damaged is rebuilt first. */
  present(): Promise<PresentPackage[]>;
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
    requireSuccess(await run({ file: RPM, args: [...below, ...args], ...rest }), `rpm ${args[0]}`);
  };

  return {
    available: async () => (await files.lstat(RPM)) !== undefined,
    async present() {
      const args = [...below, '-qa', '--qf', RPM_QUERY];
      const query = { file: RPM, args, timeoutMs: QUERY_MS, wantsOutput: true };
      let result = await run(query);
      if (DAMAGED.test(result.output)) {
        await run({ file: RPM, args: [...below, '--rebuilddb'], timeoutMs: INSTALL_MS });
        result = await run(query);
      }
      return parseRpmQuery(requireSuccess(result, 'rpm -qa').stdout);
    },
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

/** How a package's file is called. */
export const rpmFileName = (one: { name: string; version: string; arch: string }): string =>
  `${one.name}-${one.version.replace(/^\d+:/, '')}.${one.arch}.rpm`;
