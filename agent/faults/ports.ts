import type { Environment } from '../config.ts';
import type { Commands } from '../system/commands.ts';
import type { Files } from '../system/files.ts';
import { createPass, parseFault } from './fault-plan.ts';
import { createFaultyCommands, createFaultyFiles } from './faulty-ports.ts';

export interface Ports {
  files: Files;
  commands: Commands;
}

/** The ports as `JAMESD_FAULT` and `JAMESD_FAULT_TRACE` say. */
export function faultyPorts(
  { files, commands }: Ports,
  env: Environment,
  where: { root: string; state: string },
): Ports {
  const fault = env.JAMESD_FAULT ? parseFault(env.JAMESD_FAULT) : null;
  const pass = createPass({ fault, trace: env.JAMESD_FAULT_TRACE || null });
  return {
    files: createFaultyFiles(files, pass, where),
    commands: createFaultyCommands(commands, pass),
  };
}
