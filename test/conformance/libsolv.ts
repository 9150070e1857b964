import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { debFlavour, rpmFlavour } from '../../server/resolver/core/rpm/flavour.ts';
import { defaultSettings, type Job, type Settings } from '../../server/resolver/core/rpm/job.ts';
import { createPlan } from '../../server/resolver/core/rpm/plan.ts';
import { createPool, type Pool } from '../../server/resolver/core/rpm/pool.ts';
import { type Solution, solve } from '../../server/resolver/core/rpm/solve.ts';
import { obsoletes } from '../../server/resolver/core/rpm/updates.ts';
import { createUniverseBuilder } from '../../server/resolver/core/universe-builder.ts';
import { createView } from '../../server/resolver/core/view.ts';
import { type PackageNumbers, parseJob } from './libsolv-jobs.ts';
import {
  nevraOf,
  readTestcase,
  type TestBlock,
  type TestFile,
  type TestRepository,
} from './libsolv-testcase.ts';
import { type CaseResult, createTally, type SuiteResult } from './suite.ts';

/** libsolv's own cases: each block of jobs is one. */
export function libsolv(folder: string): SuiteResult {
  const root = join(folder, 'libsolv');
  const tally = createTally('libsolv');
  for (const path of testcases(root)) {
    const file = readTestcase(readFileSync(path, 'utf8'));
    for (const [index, block] of file.blocks.entries())
      if (block.results.length > 0)
        tally.add(`${relative(root, path)} ${index + 1}`, runBlock(file, block));
  }
  return tally.result();
}

function testcases(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) return testcases(path);
      return name.endsWith('.t') ? [path] : [];
    });
}

const outOfScope = (reason: string): CaseResult => ({ kind: 'out-of-scope', reason });

function runBlock(file: TestFile, block: TestBlock): CaseResult {
  if (block.lines.some((line) => line.startsWith('evrcmp'))) return runComparisons(file, block);
  const results = block.results.filter(({ kinds }) => kinds.includes('transaction'));
  if (results.length === 0) return outOfScope(`result ${block.results[0]?.kinds.join(',')}`);
  if (file.unknown !== null) return outOfScope(file.unknown);
  const settings = settingsOf(file, block);
  if ('unsupported' in settings) return outOfScope(settings.unsupported);
  const { pool, numbers, names } = poolOf(file);
  const jobs: Job[] = [];
  for (const line of block.lines) {
    const job = parseJob(line, numbers);
    if (job !== null && 'unsupported' in job) return outOfScope(job.unsupported);
    if (job !== null) jobs.push(job);
  }
  const solution = solve(pool, createPlan(pool, jobs, settings), { budget: 10_000 });
  const expected = results.flatMap(({ lines }) => lines);
  return compare(pool, solution, expected, (id) => names.get(id) ?? '');
}

/** Cases with problems are compared as such: there libsolv's transaction is what is left of the jobs. */
function compare(
  pool: Pool,
  solution: Solution,
  expected: readonly string[],
  name: (id: number) => string,
): CaseResult {
  const wantsProblem = expected.some((line) => line.startsWith('problem'));
  const hasProblem = solution.leftOut.length > 0 || solution.broken.length > 0 || solution.gaveUp;
  if (wantsProblem !== hasProblem)
    return {
      kind: 'failed',
      accepted: wantsProblem,
      problem: wantsProblem
        ? `should be impossible, is ${transactionOf(pool, solution, name).join('; ')}`
        : `is impossible: ${JSON.stringify([solution.leftOut, solution.broken])}`,
    };
  if (wantsProblem) return { kind: 'passed' };
  const steps = /^(install|erase|upgrade|downgrade|change|reinstall) /;
  const want = expected.filter((line) => steps.test(line)).sort();
  const have = transactionOf(pool, solution, name).sort();
  if (want.join('\n') === have.join('\n')) return { kind: 'passed' };
  return { kind: 'failed', problem: `got ${have.join('; ')}, wanted ${want.join('; ')}` };
}

function transactionOf(pool: Pool, solution: Solution, name: (id: number) => string): string[] {
  const gone = new Set(pool.installed.filter((id) => !solution.holds.has(id)));
  const come = [...solution.holds.keys()].filter((id) => !pool.isInstalled(id));
  const lines: string[] = [];
  const unmatched: number[] = [];
  for (const id of come) {
    const namesakes = [...gone].filter((old) => pool.name(old) === pool.name(id));
    const old = namesakes.find((one) => pool.arch(one) === pool.arch(id)) ?? namesakes[0];
    if (old === undefined) {
      unmatched.push(id);
      continue;
    }
    gone.delete(old);
    const order = pool.flavour.compare(pool.version(id), pool.version(old));
    if (order === 0 && pool.arch(id) === pool.arch(old)) continue;
    lines.push(
      `${order > 0 ? 'upgrade' : order < 0 ? 'downgrade' : 'change'} ${name(old)} ${name(id)}`,
    );
  }
  for (const id of unmatched) lines.push(`install ${name(id)}`);
  for (const old of gone) {
    const by = come.find((id) => obsoletes(pool, id, old));
    lines.push(`erase ${name(old)}${by === undefined ? '' : ` ${name(by)}`}`);
  }
  return lines;
}

const settingFlags: Readonly<Record<string, Partial<Settings>>> = {
  allowdowngrade: { allowDowngrade: true },
  allowarchchange: { allowArchChange: true },
  allowuninstall: { allowUninstall: true },
  keeporphans: { keepOrphans: true },
  strictrepopriority: { strictPriority: true },
  yumobsoletes: { splitObsoletes: true },
  ignorerecommended: { follows: () => false },
  focusbest: { focus: 'best' },
  focusnew: { focus: 'new' },
  noautotarget: { autoTarget: false },
  addalreadyrecommended: { recommendsOfInstalled: true },
  strongrecommends: { strongRecommends: true },
  '!dupallowdowngrade': { dupAllowDowngrade: false },
  '!dupallowarchchange': { dupAllowArchChange: false },
  allowvendorchange: {},
  '!dupallowvendorchange': {},
  keepexplicitobsoletes: {},
  bestobeypolicy: {},
};

function settingsOf(file: TestFile, block: TestBlock): Settings | { unsupported: string } {
  let settings: Settings = {
    ...defaultSettings,
    multilib: file.poolFlags.includes('implicitobsoleteusescolors'),
  };
  for (const flag of block.solverFlags) {
    const change = settingFlags[flag];
    if (change === undefined) return { unsupported: `solver flag ${flag}` };
    settings = { ...settings, ...change };
  }
  return settings;
}

const archLists: Readonly<Record<string, readonly string[]>> = {
  x86_64: ['x86_64', 'i686', 'i586', 'i486', 'i386'],
  i686: ['i686', 'i586', 'i486', 'i386'],
  i586: ['i586', 'i486', 'i386'],
};

function poolOf(file: TestFile): {
  pool: Pool;
  numbers: PackageNumbers;
  names: ReadonlyMap<number, string>;
} {
  const isInstalled = ({ name }: TestRepository) => name === file.system?.repository;
  const counted = file.repositories.map((repository) => ({
    ...repository,
    records: repository.records.filter((one) => !file.disabled.has(nevraOf(one, repository.name))),
  }));
  const available = counted.filter((repository) => !isInstalled(repository));
  const installed = counted.filter(isInstalled);
  const arch = file.system?.arch ?? null;
  const archs = arch === null ? null : (archLists[arch] ?? [arch]);
  const every = counted.flatMap(({ records }) => records.map((record) => record.arch));
  const view = createView({
    family: 'rpm',
    archs: archs ?? [...new Set(every)],
    sources: available.map((repository) => ({ ...plainSource, ...sourceOf(repository) })),
  });
  const records = installed.flatMap((repository) => repository.records);
  const pool = createPool({
    view,
    flavour: file.system?.family === 'deb' ? debFlavour : rpmFlavour,
    installed: records,
    archs,
  });
  const listed = [...available, ...installed].flatMap(({ name, records: list }) =>
    list.map((record) => nevraOf(record, name)),
  );
  const names = new Map(listed.map((nevra, index) => [index + 1, nevra]));
  return { pool, names, numbers: new Map(listed.map((nevra, index) => [nevra, index + 1])) };
}

const plainSource = {
  recommended: true,
  essential: false,
  include: [],
  exclude: [],
  onlyIndependent: false,
  notAutomatic: false,
  butAutomaticUpgrades: false,
};

/** Priorities of the cases may be negative, which would hide a source. */
function sourceOf({ name, priority, records }: TestRepository) {
  const builder = createUniverseBuilder('rpm');
  for (const record of records) builder.add(record);
  return { id: name, priority: 10_000 + priority, universes: [builder.build()] };
}

/** `evrcmp A B` lines, and the comparisons that should come of them. */
function runComparisons(file: TestFile, block: TestBlock): CaseResult {
  const { compare: order } = file.system?.family === 'deb' ? debFlavour : rpmFlavour;
  const have = block.lines.map((line) => {
    const [, a = '', b = ''] = line.split(/\s+/);
    const sign = order(a, b);
    return `job noop provides ${a} ${sign < 0 ? '<' : sign > 0 ? '>' : '='} ${b}`;
  });
  const want = block.results.flatMap(({ lines }) => lines);
  const wrong = have.find((line, index) => line !== want[index]);
  return wrong === undefined ? { kind: 'passed' } : { kind: 'failed', problem: `got ${wrong}` };
}
