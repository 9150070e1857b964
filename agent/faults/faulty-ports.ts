import type { Command, CommandResult, Commands } from '../system/commands.ts';
import type { Files } from '../system/files.ts';
import type { Pass } from './fault-plan.ts';
import { calls, placeOf, programOf } from './fault-points.ts';

/** The port of files, where every call passes its point first. Of two paths the one that comes to be counts. */
export function createFaultyFiles(
  files: Files,
  pass: Pass,
  where: { root: string; state: string },
): Files {
  const pointOf = (call: string, args: readonly unknown[]): string => {
    const path = call === 'rename' || call === 'link' || call === 'symlink' ? args[1] : args[0];
    return `${call}@${placeOf(String(path), where)}`;
  };
  const faulty: Record<string, unknown> = {};
  for (const call of calls) {
    const real = files[call] as (...args: unknown[]) => unknown;
    if (call === 'readStream') {
      faulty[call] = async function* (...args: unknown[]) {
        await pass(pointOf(call, args));
        yield* real.apply(files, args) as AsyncIterable<Uint8Array>;
      };
    } else {
      faulty[call] = async (...args: unknown[]) => {
        await pass(pointOf(call, args));
        return await real.apply(files, args);
      };
    }
  }
  return faulty as unknown as Files;
}

/** The port to programs, where each passes its point before it is started. */
export function createFaultyCommands(commands: Commands, pass: Pass): Commands {
  return {
    async run(command: Command): Promise<CommandResult> {
      try {
        await pass(`run@${programOf(command.file, command.args)}`);
      } catch (error) {
        const { code = 'EIO' } = error as NodeJS.ErrnoException;
        const nothing = { output: '', stdout: '', truncated: false };
        return { end: 'not-started', code, ...nothing };
      }
      return await commands.run(command);
    },
  };
}
