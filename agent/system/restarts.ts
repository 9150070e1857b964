import type { Log } from '../../proto/log.ts';
import type { Restarting } from '../core/journal-entry.ts';
import type { Commands } from './commands.ts';

export interface RestartsOptions {
  commands: Commands;
  log: Log;
  /** The shell command that restarts the machine; null: a person does. */
  reboot: string | null;
  /** Ends the agent; whoever supervises it starts it again. */
  endAgent(): void;
}

const REBOOT_TIMEOUT_MS = 60_000;

/** Asks for a restart; resolves when it was asked for. A command that fails is logged: the time limit sees to the rest. */
export function createRestarts({ commands, log, reboot, endAgent }: RestartsOptions) {
  return async (of: Restarting): Promise<void> => {
    if (of === 'agent') return endAgent();
    if (reboot === null) return log.warn({}, 'The machine must be restarted; nobody said how.');
    log.warn({ command: reboot }, 'The machine restarts.');
    const { end, code, output } = await commands.run({
      file: '/bin/sh',
      args: ['-c', reboot],
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/' },
      cwd: '/',
      timeoutMs: REBOOT_TIMEOUT_MS,
    });
    if (end !== 'exited' || code !== 0)
      log.error({ end, code, output }, 'The machine could not be restarted.');
  };
}
