import './system/lean-engine.ts';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { JamesError } from '../proto/errors.ts';
import { type Log, silentLog } from '../proto/log.ts';
import { type Actions, runProgram } from './commands/program.ts';
import { showFacts, showStatus } from './commands/show.ts';
import { showPackages } from './commands/show-packages.ts';
import { type Config, type Flags, readConfig } from './config.ts';
import { factsOf } from './core/facts.ts';
import { createExternalDrivers } from './external/create-external-drivers.ts';
import { createDriversDirectory, DRIVERS_DIRECTORY } from './external/drivers-directory.ts';
import { readMachine } from './facts/machine.ts';
import { createDeviceZone } from './gates/device-zone.ts';
import { openDevice } from './open-device.ts';
import { runAgent } from './run.ts';
import { readStatus } from './status-file.ts';
import { createClock } from './system/clock.ts';
import { type Commands, createCommands } from './system/commands.ts';
import type { Files } from './system/files.ts';
import { keepProcessAlive } from './system/keep-alive.ts';
import { createLogger } from './system/logger.ts';
import { createNodeFiles } from './system/node-files.ts';
import { createNotifier } from './system/notify.ts';
import { readOwnProgram } from './system/own-program.ts';
import { processIsAlive } from './system/process.ts';
import { systemRandom } from './system/random.ts';
import { randomId } from './system/random-id.ts';
import { createRestarts } from './system/restarts.ts';
import { currentUser } from './system/user.ts';

/* The composition root of `jamesc`: the only file that knows all parts. */
const clock = createClock();
const files = createNodeFiles();
const writeOut = (text: string): void => void process.stdout.write(text);
const writeError = (text: string): void => void process.stderr.write(text);

const shell = { clock, writeOut, writeError };

const actions: Actions = {
  async run(flags, configFile) {
    const config = await loadConfig(flags, configFile);
    const log = createLogger({
      clock,
      level: config.logLevel,
      pretty: process.stderr.isTTY === true,
      write: writeError,
    });
    const letEnd = keepProcessAlive();
    return await run(config, log).finally(letEnd);
  },
  async facts(format) {
    const directory = resolve(process.env.JAMESC_DRIVERS || DRIVERS_DIRECTORY);
    const where = { files, directory, user: currentUser(), log: silentLog };
    const drivers = await createDriversDirectory(where).names();
    writeOut(showFacts(factsOf(await readMachine(), undefined, drivers), format));
    return 0;
  },
  async status(state, format) {
    const status = await readStatus(files, state);
    if (status === null) {
      writeError(`jamesc: No agent has run on ${state}.\n`);
      return 1;
    }
    writeOut(showStatus(status, processIsAlive(status.pid), format));
    return 0;
  },
  async faults(format) {
    const [{ allPoints }, { faultActions }, { showFaults }] = await Promise.all([
      import('./faults/fault-points.ts'),
      import('./faults/fault-plan.ts'),
      import('./commands/show-faults.ts'),
    ]);
    writeOut(showFaults(allPoints(), faultActions, format));
    return 0;
  },
  async driverTest(request) {
    const { driverTest } = await import('./commands/driver-test.ts');
    const ports = { files, clock, commands: createCommands({ clock }) };
    return await driverTest(request, { ...shell, ...ports, user: currentUser(), newId: randomId });
  },
  async check(request) {
    return await (await import('./commands/check-command.ts')).check(request, writeOut);
  },
  async hold(request) {
    return (await holdCommand()).hold({ ...request, state: resolve(request.state) }, shell);
  },
  async release(state, name) {
    return (await holdCommand()).release(resolve(state), name, shell);
  },
  async holds(state, format) {
    return (await holdCommand()).showHolds(resolve(state), format, shell);
  },
  async packages(place, format) {
    const { lookAtPackages } = await import('./packages/look-at-packages.ts');
    const view = await lookAtPackages('auto', {
      root: resolve(place.root),
      state: resolve(place.state),
      files,
      clock,
      commands: createCommands({ clock }),
      user: currentUser(),
    });
    if (view === null) {
      writeError('jamesc: This device has no package manager that the agent knows.\n');
      return 1;
    }
    writeOut(showPackages(view, format));
    return 0;
  },
};

/** What speaks with a running agent is loaded only for that. */
const holdCommand = () => import('./commands/hold-command.ts');

async function loadConfig(flags: Flags, path: string | null): Promise<Config> {
  if (path === null) return readConfig(flags, process.env, {});
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new JamesError('bad-config', `${path} cannot be read: ${cause.message}.`, { cause });
  });
  // A device seldom has such a file; what reads YAML is loaded only then.
  const { readConfigFile } = await import('./config-file.ts');
  return readConfig(flags, process.env, readConfigFile(path, text));
}

async function run(config: Config, log: Log): Promise<number> {
  const [machine, bootId, machineId] = await Promise.all([
    readMachine(),
    readText(config.bootId),
    readText('/etc/machine-id'),
  ]);
  const stopping = untilSignal();
  const { files, commands } = await portsFor(config);
  const deviceZone = createDeviceZone({ files, root: config.root, env: process.env });
  const { root, state, drivers: directory } = config;
  const where = { directory, root, state, user: currentUser() };
  const external = createExternalDrivers({ files, commands, clock, log, ...where });
  const endAgent = (): void => stopping.abort(new Error('restarting'));
  return await runAgent({
    config,
    clock,
    random: systemRandom,
    files,
    log,
    facts: factsOf(machine, config, await external.names()),
    bootId: bootId.trim(),
    machineId,
    pid: process.pid,
    supervisor: createNotifier({
      env: process.env,
      commands: createCommands({ clock }),
      clock,
      log,
    }),
    zone: async () => (await deviceZone()).zone,
    openDevice: (downloads, server, reachable) =>
      openDevice(
        {
          root: config.root,
          packages: config.packages,
          state: config.state,
          files,
          commands,
          clock,
          log,
          pid: process.pid,
          user: currentUser(),
          newId: randomId,
          env: process.env,
          surroundings: {
            external,
            moment: { boot: bootId.trim(), run: randomId() },
            restart: createRestarts({ commands, log, reboot: config.reboot, endAgent }),
            program: readOwnProgram(process.argv, process.env),
          },
        },
        downloads,
        server,
        reachable,
      ),
    stopping: stopping.signal,
  });
}

/** The machine's files and programs; faults are put in only where the environment asks for them. */
async function portsFor({ root, state }: Config): Promise<{ files: Files; commands: Commands }> {
  const ports = { files, commands: createCommands({ clock }) };
  const { JAMESD_FAULT, JAMESD_FAULT_TRACE } = process.env;
  if (!JAMESD_FAULT && !JAMESD_FAULT_TRACE) return ports;
  const { faultyPorts } = await import('./faults/ports.ts');
  return faultyPorts(ports, process.env, { root, state });
}

/** Aborted when the process is asked to end; asked twice, it ends at once. */
function untilSignal(): AbortController {
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => stopping.abort(new Error(`ended by ${signal}`)));
  return stopping;
}

/** The text of a small file of the machine; empty if it cannot be read. */
const readText = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');

process.exitCode = await runProgram(process.argv.slice(2), {
  actions,
  env: process.env,
  writeOut,
  writeError,
});
