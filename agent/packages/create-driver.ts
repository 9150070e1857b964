import { JamesError } from '../../proto/errors.ts';
import type { LockedPackage } from '../../proto/lock.ts';
import type { Files } from '../system/files.ts';
import { choosePossible } from './choose-possible.ts';
import { findingsOf, keyOf } from './core/findings.ts';
import { type Choice, isFree, narrowed, wholePlan } from './core/left-out.ts';
import { isThere, type PackagePlan, planPackages } from './core/package-plan.ts';
import { installedOf, isSamePlace, type PresentPackage } from './core/present-package.ts';
import { simulationOf } from './core/simulation.ts';
import type { ToolSimulation } from './core/tool-simulation.ts';
import type { FileFinding } from './core/verify-output.ts';
import { wayBack } from './core/way-back.ts';
import { holdFiles } from './hold-files.ts';
import type {
  PackageDriver,
  PackageReporter,
  PackageTarget,
  Simulation,
} from './package-driver.ts';
import type { PackageTool, ToolRequest } from './package-tool.ts';
import { secretReporter } from './secret-reporter.ts';
import type { SourceStore } from './source-store.ts';

export interface DriverParts {
  tool: PackageTool;
  sources: SourceStore;
  files: Files;
  root: string;
}

/** What the package manager said to a target. */
interface Asked {
  target: PackageTarget;
  /** Without what it cannot install. */
  plan: PackagePlan;
  choice: Choice;
  simulation: Simulation;
}

const nothing: ToolSimulation = { changes: [], downloadBytes: 0, diskBytes: 0 };

/** On each file system this much must stay free. */
const SPARE_BYTES = 16 * 1024 * 1024;

/** The driver of one package manager: decides by the pure plan, and lets the tool act. */
export function createPackageDriver({ tool, sources, files, root }: DriverParts): PackageDriver {
  const planned = async (target: PackageTarget) => {
    const present = await tool.present({ marks: true });
    return { present, plan: planPackages({ present, ...target }) };
  };
  /** The simulation that was asked for last. Nothing was changed since, or it is not asked again. */
  let last: Asked | null = null;

  async function asked(target: PackageTarget): Promise<Asked> {
    const { present, plan: whole } = await planned(target);
    const { plan, answer, differences, choice } = await choosePossible(tool, whole, target.policy);
    const found = answer.kind === 'would' ? answer.simulation : nothing;
    const simulation = {
      ...simulationOf(found, present, plan),
      differences: [...plan.refusals, ...differences],
    };
    last = { target, plan, choice, simulation };
    return last;
  }
  const lastOr = async (target: PackageTarget): Promise<Asked> =>
    last?.target === target ? last : await asked(target);

  /** Why what is missing cannot be installed; where the package manager cannot be asked, nothing is known of it. */
  async function leftOutOf(target: PackageTarget, plan: PackagePlan): Promise<Choice['leftOut']> {
    if (!plan.install.some(isFree)) return wholePlan.leftOut;
    const { choice } = await lastOr(target).catch((error: unknown) => {
      if (error instanceof JamesError) return { choice: wholePlan };
      throw error;
    });
    return choice.leftOut;
  }

  /** What installs, with those removals that it cannot do without. */
  async function installRequest(plan: PackagePlan): Promise<ToolRequest> {
    const { install } = requestOf(plan);
    if (plan.remove.length === 0 || install.length === 0) return { install, remove: [] };
    const alone = await tool.simulate({ install, remove: [] });
    if (alone.kind === 'cannot') return requestOf(plan);
    const goes = new Set(
      alone.simulation.changes.flatMap(({ kind, name }) => (kind === 'remove' ? [name] : [])),
    );
    return { install, remove: plan.remove.filter(({ name }) => goes.has(name)) };
  }

  return {
    manager: tool.manager,
    type: tool.type,
    supportsAuto: tool.supportsAuto,
    available: () => tool.available(),
    installed: async () => (await tool.present({ marks: true })).map(installedOf),
    async writeSources({ sources: wanted, secrets }) {
      await sources.write(tool.sourceFiles(wanted, { secrets }));
      const onHost = tool.sourceFiles(wanted, { secrets, ...(root !== '/' && { root }) });
      await tool.limitTo(onHost.filter(({ path }) => tool.namesSources(path)));
    },
    restoreSources: () => sources.restore(),
    keepSources: () => sources.keep(),
    async update(reporter, signal) {
      await tool.finishInterrupted(reporter);
      await tool.update(reporter, signal);
    },
    simulate: async (target) => (await asked(target)).simulation,
    async download(target, reporter, signal) {
      const { simulation, plan } = await lastOr(target);
      if (plan.install.length === 0) return;
      const { downloadBytes, diskBytes } = simulation;
      await requireSpace(files, tool.cache, downloadBytes, 'the packages');
      await requireSpace(files, root, diskBytes, 'what the packages hold');
      await tool.download(requestOf(plan), secretReporter(reporter, target.secrets), signal);
    },
    async holdWayBack(target, reporter, signal) {
      const { simulation } = await lastOr(target);
      const { upgrade, downgrade, remove } = simulation;
      const goes = [...upgrade, ...downgrade].map(({ from }) => from).concat(remove);
      return await holdFiles(tool, goes, secretReporter(reporter, target.secrets), signal);
    },
    async apply(target, reporter) {
      const safe = secretReporter(reporter, target.secrets);
      await tool.finishInterrupted(safe);
      const { choice } = await lastOr(target);
      const plan = narrowed((await planned(target)).plan, choice);
      if (plan.install.length > 0) {
        await tool.carryOut(await installRequest(plan), safe);
        requireThere(await tool.present({ marks: false }), plan.install);
      }
      await tool.mark(plan.markAuto, plan.markManual);
    },
    async remove(target, reporter) {
      if (!mayRemove(target)) return;
      const { plan } = await planned(target);
      if (plan.remove.length > 0) {
        const request = { install: [], remove: plan.remove };
        await tool.carryOut(request, secretReporter(reporter, target.secrets));
        requireGone(await tool.present({ marks: false }), plan.remove);
      }
      const asked = plan.released.filter(({ auto }) => !auto).map(({ name }) => name);
      if (asked.length > 0) await tool.mark(asked, []);
    },
    undo: (before, reporter) => undo(tool, before, reporter),
    forgetWayBack: async () => tool.tidy(await tool.present({ marks: false })),
    needsReboot: () => tool.needsReboot(),
    async verify(target) {
      const { present, plan } = await planned(target);
      const { lock } = target;
      const there = lock.packages.filter((one) => one.verify && isThere(present, one));
      const findings = await fileFindings(tool, present, there);
      const extra = target.policy.unmanaged === 'remove' ? plan.remove : [];
      const leftOut = await leftOutOf(target, plan);
      return findingsOf({ present, lock, findings, extra, leftOut });
    },
  };
}

/** Whether there can be anything to remove at all. */
function mayRemove({ lock, managed, policy }: PackageTarget): boolean {
  const wanted = new Set(lock.packages.map(({ name }) => name));
  return policy.unmanaged === 'remove' || [...managed].some((name) => !wanted.has(name));
}

/** By the keys of what is wanted; the package manager is asked by the architectures that are installed. */
async function fileFindings(
  tool: PackageTool,
  present: readonly PresentPackage[],
  wanted: readonly LockedPackage[],
): Promise<ReadonlyMap<string, readonly FileFinding[]>> {
  const pairs = wanted.map((one) => {
    const there = present.find((other) => other.name === one.name && other.arch === one.arch);
    return [one, there ?? present.find((other) => isSamePlace(other, one)) ?? one] as const;
  });
  const found = await tool.findings(pairs.map(([, { name, arch }]) => ({ name, arch })));
  return new Map(pairs.map(([one, there]) => [keyOf(one), found.get(keyOf(there)) ?? []]));
}

const requestOf = ({ install, remove }: PackagePlan): ToolRequest => ({ install, remove });

async function requireSpace(
  files: Files,
  path: string,
  bytes: number,
  what: string,
): Promise<void> {
  const free = await files.freeSpace(path);
  const needed = Math.max(0, bytes) + SPARE_BYTES;
  if (free.bytes >= needed) return;
  throw new JamesError(
    'no-space',
    `For ${what} ${needed} bytes are needed at ${path}, but ${free.bytes} are free; make room.`,
  );
}

function requireThere(present: readonly PresentPackage[], wanted: readonly LockedPackage[]): void {
  const missing = wanted.filter((one) => !one.name.startsWith('@') && !isThere(present, one));
  if (missing.length === 0) return;
  const names = missing.map(({ name, version }) => `${name} ${version ?? ''}`.trim());
  throw new JamesError(
    'package-failed',
    `The package manager ended well, but did not install ${names.slice(0, 20).join(', ')}.`,
  );
}

function requireGone(present: readonly PresentPackage[], remove: readonly PresentPackage[]): void {
  const left = remove.filter((one) =>
    present.some(({ name, arch }) => name === one.name && arch === one.arch),
  );
  if (left.length === 0) return;
  throw new JamesError(
    'package-failed',
    `The package manager ended well, but did not remove ${left.map(({ name }) => name).join(', ')}.`,
  );
}

async function undo(
  tool: PackageTool,
  before: Parameters<PackageDriver['undo']>[0],
  reporter: PackageReporter,
): Promise<string[]> {
  await tool.finishInterrupted(reporter);
  const { restore, remove } = wayBack(before, await tool.present({ marks: false }));
  const sentences: string[] = [];
  const files: string[] = [];
  for (const one of restore) {
    const file = await tool.fileOf(one);
    if (file !== null) files.push(file);
    else
      sentences.push(
        `${one.name} could not be put back to ${one.version}: its file is not at hand.`,
      );
  }
  await tool
    .putBack({ files, remove }, reporter)
    .catch((error: Error) => sentences.push(`Packages could not be put back: ${error.message}`));
  const now = await tool.present({ marks: true });
  const marks = wayBack(before, now);
  await tool.mark(marks.markAuto, marks.markManual);
  return sentences;
}
