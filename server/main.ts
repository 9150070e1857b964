import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { JamesError } from '../proto/errors.ts';
import { addResolveCommand } from './commands/resolve.ts';
import { describeFurtherSettings, describeSetting, loadConfig } from './config.ts';
import { createLog } from './log.ts';
import { type Server, startServer } from './server.ts';
import { createSystemClock } from './system/clock.ts';
import { random } from './system/random.ts';
import { SERVER_VERSION } from './version.ts';

/** What `jamesd` takes on the command line. */
const program = new Command('jamesd')
  .description('The server: desired states of a fleet, with an embedded MQTT broker.')
  .version(SERVER_VERSION)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

program
  .command('serve')
  .description(
    'Serve until a signal ends it; one JSON line {http, mqtt} on stdout says when it is ready.',
  )
  .option('--config <file>', 'YAML file with the same settings')
  .option('--data <dir>', describeSetting('data'))
  .option('--http <[host:]port>', describeSetting('http'))
  .option('--mqtt <[host:]port>', describeSetting('mqtt'))
  .option('--token-file <file>', describeSetting('tokenFile'))
  .option('--log-level <level>', describeSetting('logLevel'))
  .option('--insecure', describeSetting('insecure'))
  .addHelpText('after', () => `\n${describeFurtherSettings(flags())}`)
  .action(serve);

addResolveCommand(program);

function flags(): string[] {
  const serve = program.commands.filter((command) => command.name() === 'serve');
  return serve.flatMap(({ options }) => options.map((one) => one.attributeName()));
}

async function serve(flags: Record<string, string | boolean>): Promise<void> {
  const config = loadConfig({ flags, env: process.env });
  const log = createLog(config.logLevel);
  const server = await startServer({
    ...{ config, log, random },
    clock: createSystemClock(),
    version: SERVER_VERSION,
    page: pageFolder(),
    show: (text) => process.stderr.write(`${text}\n`),
  });
  endOnSignal(server, (text) => log.info({}, text));
  process.stdout.write(`${JSON.stringify(server.address)}\n`);
}

/** Beside the built program, or where a checkout builds it. */
function pageFolder(): string {
  const beside = join(import.meta.dirname, 'dashboard');
  const built = join(import.meta.dirname, '..', 'dist', 'dashboard');
  return existsSync(join(beside, 'main.js')) ? beside : built;
}

/** The first signal stops in order; the second at once. */
function endOnSignal(server: Server, say: (text: string) => void): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(1);
    stopping = true;
    say(`${signal}: stopping.`);
    server.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

program.parseAsync().catch((error: unknown) => {
  const isOurs = error instanceof JamesError;
  process.stderr.write(
    `jamesd: ${isOurs ? `${error.message} (${error.code})` : String((error as Error)?.stack ?? error)}\n`,
  );
  const isUsage =
    isOurs &&
    (error.code === 'bad-config' || error.code === 'unknown-key' || error.code === 'usage');
  process.exit(isUsage ? 2 : 1);
});
