import { resolve } from 'node:path';
import type { LocalChange, LocalOptions } from '../agent/local.ts';
import type { Context } from './command.ts';
import { text } from './option.ts';
import { packetTitle } from './print/packet-view.ts';
import { good, strong } from './print/text.ts';
import { lines } from './print/view.ts';
import type { Result } from './result.ts';

/** Where on this machine: as for the agent. */
export const localOptions = {
  root: text('--root <dir>', 'where to install; / if left out (or JAMESC_ROOT)', 'directory'),
  state: text('--state <dir>', 'the agent’s state directory (or JAMESC_STATE)', 'directory'),
};

export type Place = LocalOptions;

/** Flags before environment before the agent's defaults; what scripts write goes to stderr. */
export function placeOf(
  given: { root: string | undefined; state: string | undefined },
  { env, cwd, warn }: Pick<Context, 'env' | 'cwd' | 'warn'>,
): Place {
  const root = given.root ?? (env.JAMESC_ROOT || undefined);
  const state = given.state ?? (env.JAMESC_STATE || undefined);
  return {
    ...(root !== undefined && { root: resolve(cwd, root) }),
    ...(state !== undefined && { state: resolve(cwd, state) }),
    ...(env.JAMESC_DRIVERS && { drivers: resolve(cwd, env.JAMESC_DRIVERS) }),
    onLog: ({ source, lines: written }) => {
      for (const line of written) warn(`${source}: ${line}`);
    },
  };
}

/** What was changed, as a result: the packet and what became of it. */
export function localChangeResult({ packet, change }: LocalChange): Result {
  return {
    data: { ...packet, change },
    view: lines([strong(packetTitle(packet)), '  ', good(change)]),
    names: [packet.name],
  };
}
