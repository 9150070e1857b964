import type { Command } from 'commander';
import type { Environment } from '../config.ts';
import { formatOf, type OutputFormat } from './output-format.ts';

/** Where to look: below the root of a running agent if none is given. */
export interface CheckRequest {
  root: string | undefined;
  state: string;
  format: OutputFormat;
}

/** The command that looks for what was changed. */
export function addCheckCommand(
  program: Command,
  { env, check }: { env: Environment; check(request: CheckRequest): Promise<number> },
  end: (status: number) => void,
): void {
  program
    .command('check')
    .description('look for installed files that were changed or are missing')
    .option('--root <DIR>', 'where packets are installed [JAMESC_ROOT]')
    .option('--state <DIR>', 'the state directory [JAMESC_STATE]')
    .option('-o, --output <FORMAT>', 'text or json', 'text')
    .action(async (options: { output: string; root?: string; state?: string }) => {
      const root = options.root ?? env.JAMESC_ROOT;
      const state = options.state ?? env.JAMESC_STATE ?? '/var/lib/jamesc';
      end(await check({ root, state, format: formatOf(options.output) }));
    });
}
