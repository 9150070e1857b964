import { Command, CommanderError } from 'commander';
import { type ErrorCode, JamesError } from '../../proto/errors.ts';
import { type Environment, type Flags, SETTINGS, variableOf } from '../config.ts';
import { AGENT_VERSION } from '../version.ts';
import { addCheckCommand, type CheckRequest } from './check-options.ts';
import { addDriverCommands } from './driver-options.ts';
import type { DriverTestRequest } from './driver-test.ts';
import type { HoldRequest } from './hold-command.ts';
import { addHoldCommands } from './hold-options.ts';
import { formatOf, type OutputFormat } from './output-format.ts';

/** What the commands do; each resolves with the exit status. */
export interface Actions {
  run(flags: Flags, configFile: string | null): Promise<number>;
  facts(format: OutputFormat): Promise<number>;
  status(state: string, format: OutputFormat): Promise<number>;
  packages(place: { root: string; state: string }, format: OutputFormat): Promise<number>;
  check(request: CheckRequest): Promise<number>;
  faults(format: OutputFormat): Promise<number>;
  driverTest(request: DriverTestRequest): Promise<number>;
  hold(request: HoldRequest): Promise<number>;
  release(state: string, name: string): Promise<number>;
  holds(state: string, format: OutputFormat): Promise<number>;
}

export interface ProgramDeps {
  actions: Actions;
  env: Environment;
  writeOut(text: string): void;
  writeError(text: string): void;
}

/** Errors of the person who typed: exit status 2. */
const USAGE_CODES: readonly ErrorCode[] = [
  'usage',
  'bad-config',
  'bad-yaml',
  'unknown-key',
  'duplicate-key',
  'bad-labels',
];

/** Runs the command line; resolves with the exit status: the command's own, 1 failed, 2 usage. */
export async function runProgram(args: readonly string[], deps: ProgramDeps): Promise<number> {
  let status = 0;
  const program = describeProgram(deps, (ended) => {
    status = ended;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof JamesError)) throw error;
    deps.writeError(`jamesc: ${error.message} (${error.code})\n`);
    return USAGE_CODES.includes(error.code) ? 2 : 1;
  }
}

function describeProgram(deps: ProgramDeps, end: (status: number) => void): Command {
  const { actions, env } = deps;
  const program = new Command('jamesc')
    .description('The agent of jamesd: brings this device to its desired state.')
    .version(AGENT_VERSION)
    .exitOverride()
    .configureOutput({ writeOut: deps.writeOut, writeErr: deps.writeError });
  const run = program.command('run').description('converge, and stay connected');
  for (const { flag, argument, about } of SETTINGS)
    run.option(
      argument ? `--${flag} <${argument}>` : `--${flag}`,
      `${about} [${variableOf(flag)}]`,
    );
  run.option('--config <FILE>', 'settings as YAML [JAMESC_CONFIG]');
  run.action(async (options: Record<string, string | true | undefined>) => {
    end(await actions.run(flagsOf(options), fileOf(options, env)));
  });
  const withFormat = (command: Command): Command =>
    command.option('-o, --output <FORMAT>', 'text or json', 'text');
  withFormat(program.command('facts').description('show what is found on this machine')).action(
    async (options: { output: string }) => end(await actions.facts(formatOf(options.output))),
  );
  withFormat(program.command('status').description('show how the agent stands'))
    .option('--state <DIR>', 'the state directory [JAMESC_STATE]')
    .action(async (options: { output: string; state?: string }) => {
      const state = options.state ?? env.JAMESC_STATE ?? '/var/lib/jamesc';
      end(await actions.status(state, formatOf(options.output)));
    });
  addHoldCommands(program, deps, end);
  addCheckCommand(program, { env, check: actions.check }, end);
  addDriverCommands(program, deps, end);
  addPackages(withFormat(program.command('packages')), deps, end);
  withFormat(
    program.command('faults').description('list the points at which JAMESD_FAULT can act'),
  ).action(async (options: { output: string }) =>
    end(await actions.faults(formatOf(options.output))),
  );
  return program;
}

function addPackages(
  command: Command,
  { actions, env }: ProgramDeps,
  end: (status: number) => void,
): void {
  command
    .description("show what the device's package manager has, and what is wrong with it")
    .option('--root <DIR>', 'where packages are installed [JAMESC_ROOT]')
    .option('--state <DIR>', 'the state directory [JAMESC_STATE]')
    .action(async (options: { output: string; root?: string; state?: string }) => {
      const root = options.root ?? env.JAMESC_ROOT ?? '/';
      const state = options.state ?? env.JAMESC_STATE ?? '/var/lib/jamesc';
      end(await actions.packages({ root, state }, formatOf(options.output)));
    });
}

function flagsOf(options: Record<string, string | true | undefined>): Flags {
  return Object.fromEntries(
    SETTINGS.flatMap(({ key }) => {
      const value = options[key];
      return value === undefined ? [] : [[key, value === true ? 'true' : value]];
    }),
  );
}

function fileOf(
  options: Record<string, string | true | undefined>,
  env: Environment,
): string | null {
  const { config } = options;
  return typeof config === 'string' ? config : env.JAMESC_CONFIG || null;
}
