import type { Command } from 'commander';
import { parseDuration } from '../../proto/duration.ts';
import type { DriverTestRequest } from './driver-test.ts';
import { formatOf } from './output-format.ts';
import type { ProgramDeps } from './program.ts';

interface Options {
  packet: string[];
  root?: string;
  timeout: string;
  only: string;
  verbose?: true;
  output: string;
}

/** What authors of drivers need. */
export function addDriverCommands(
  program: Command,
  { actions }: Pick<ProgramDeps, 'actions'>,
  end: (status: number) => void,
): void {
  const driver = program.command('driver').description('for authors of drivers');
  driver
    .command('test <FILE>')
    .description('ask a driver everything that an agent can ask, and say which promises it keeps')
    .requiredOption('--packet <FILE>', 'a packet of the driver; give a second one to upgrade', add)
    .option('--root <DIR>', 'the root that the driver is told; an empty directory if not given')
    .option('--timeout <DURATION>', 'how long each verb may take', '1m')
    .option('--only <TEXT>', 'only the promises with this text in them', '')
    .option('--verbose', 'show what the driver writes')
    .option('-o, --output <FORMAT>', 'text or json', 'text')
    .action(async (file: string, options: Options) =>
      end(await actions.driverTest(requestOf(file, options))),
    );
}

const add = (value: string, given: string[] = []): string[] => [...given, value];

const requestOf = (file: string, options: Options): DriverTestRequest => ({
  file,
  packets: options.packet,
  root: options.root ?? null,
  timeoutMs: parseDuration(options.timeout),
  only: options.only,
  verbose: options.verbose === true,
  format: formatOf(options.output),
});
