import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { debFlavour, rpmFlavour } from '../../server/resolver/core/rpm/flavour.ts';
import { defaultSettings, type Job, type Settings } from '../../server/resolver/core/rpm/job.ts';
import { createPlan, type Plan } from '../../server/resolver/core/rpm/plan.ts';
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

/** What cases print that solve nothing. */
const unsolved: Readonly<Record<string, string>> = {
  jobs: "prints which packages libsolv's command line means, nothing is solved",
  genid: "prints relations of libsolv's own language, nothing is solved",
  rules: "prints libsolv's own rules, nothing is solved",
  proof: "prints libsolv's own steps to a problem",
  decisions: "prints libsolv's own decisions",
};

const outOfScope = (reason: string): CaseResult => ({ kind: 'out-of-scope', reason });

function runBlock(file: TestFile, block: TestBlock): CaseResult {
  if (block.lines.some((line) => line.startsWith('evrcmp'))) return runComparisons(file, block);
  const results = block.results.filter(({ kinds }) =>
    kinds.some((kind) => kind === 'transaction' || kind === 'problems'),
  );
  if (results.length === 0) return outOfScope(unsolved[block.results[0]?.kinds[0] ?? ''] ?? '');
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
  const plan = createPlan(pool, jobs, settings);
  const solution = solve(pool, plan, { budget: 10_000 });
  const expected = results.flatMap(({ lines }) => lines);
  const isTransaction = results.some(({ kinds }) => kinds.includes('transaction'));
  return compare(pool, plan, solution, { expected, isTransaction }, (id) => names.get(id) ?? '');
}

/** Cases with problems are compared as such: there libsolv's transaction is what is left of the jobs. */
function compare(
  pool: Pool,
  plan: Plan,
  solution: Solution,
  { expected, isTransaction }: { expected: readonly string[]; isTransaction: boolean },
  name: (id: number) => string,
): CaseResult {
  const wantsProblem = expected.some((line) => line.startsWith('problem'));
  const hasProblem = solution.leftOut.length > 0 || solution.broken.length > 0 || solution.gaveUp;
  if (wantsProblem !== hasProblem)
    return {
      kind: 'failed',
      accepted: wantsProblem,
      problem: wantsProblem
        ? `should be impossible, is ${transactionOf(pool, plan, solution, name).join('; ')}`
        : `is impossible: ${JSON.stringify([solution.leftOut, solution.broken])}`,
    };
  if (wantsProblem || !isTransaction) return { kind: 'passed' };
  const steps = /^(install|erase|upgrade|downgrade|change|reinstall) /;
  const want = expected.filter((line) => steps.test(line)).sort();
  const have = transactionOf(pool, plan, solution, name).sort();
  if (want.join('\n') === have.join('\n')) return { kind: 'passed' };
  return { kind: 'failed', problem: `got ${have.join('; ')}, wanted ${want.join('; ')}` };
}

function transactionOf(
  pool: Pool,
  { multiversion }: Plan,
  solution: Solution,
  name: (id: number) => string,
): string[] {
  const gone = new Set(pool.installed.filter((id) => !solution.holds.has(id)));
  const come = [...solution.holds.keys()].filter((id) => !pool.isInstalled(id));
  const lines: string[] = [];
  const unmatched: number[] = [];
  for (const id of come) {
    const namesakes = multiversion.has(id)
      ? []
      : [...gone].filter((old) => pool.name(old) === pool.name(id));
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

const settingFlags: Readonly<Record<string, (isOn: boolean) => Partial<Settings>>> = {
  allowdowngrade: (allowDowngrade) => ({ allowDowngrade }),
  allowarchchange: (allowArchChange) => ({ allowArchChange }),
  allownamechange: (allowNameChange) => ({ allowNameChange }),
  allowuninstall: (allowUninstall) => ({ allowUninstall }),
  keeporphans: (keepOrphans) => ({ keepOrphans }),
  strictrepopriority: (strictPriority) => ({ strictPriority }),
  yumobsoletes: (splitObsoletes) => ({ splitObsoletes }),
  ignorerecommended: (isOn) => ({ follows: () => !isOn }),
  focusinstalled: (isOn) => (isOn ? { focus: 'installed' } : {}),
  focusbest: (isOn) => (isOn ? { focus: 'best' } : {}),
  focusnew: (isOn) => (isOn ? { focus: 'new' } : {}),
  noautotarget: (isOn) => ({ autoTarget: !isOn }),
  noinfarchcheck: (anyArch) => ({ anyArch }),
  addalreadyrecommended: (recommendsOfInstalled) => ({ recommendsOfInstalled }),
  strongrecommends: (strongRecommends) => ({ strongRecommends }),
  dupallowdowngrade: (dupAllowDowngrade) => ({ dupAllowDowngrade }),
  dupallowarchchange: (dupAllowArchChange) => ({ dupAllowArchChange }),
  dupallownamechange: (dupAllowNameChange) => ({ dupAllowNameChange }),
  keepexplicitobsoletes: (obsoletesBeside) => ({ obsoletesBeside }),
  allowvendorchange: () => ({}),
  dupallowvendorchange: () => ({}),
  bestobeypolicy: () => ({}),
  noupdateprovide: () => ({}),
};

function settingsOf(file: TestFile, block: TestBlock): Settings | { unsupported: string } {
  let settings: Settings = {
    ...defaultSettings,
    multilib: file.poolFlags.includes('implicitobsoleteusescolors'),
  };
  for (const flag of block.solverFlags) {
    const change = settingFlags[flag.replace(/^!/, '')];
    if (change === undefined) return { unsupported: `solver flag ${flag}` };
    settings = { ...settings, ...change(!flag.startsWith('!')) };
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
