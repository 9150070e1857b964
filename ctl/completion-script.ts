import type { Command } from './command.ts';
import { bashScript } from './completion/bash.ts';
import { fishScript } from './completion/fish.ts';
import { completionTree } from './completion/tree.ts';
import { zshScript } from './completion/zsh.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

const writers = { bash: bashScript, zsh: zshScript, fish: fishScript } satisfies Record<
  Shell,
  unknown
>;

/** The completion script for a shell, made from the command table. */
export function completionScript(shell: Shell, commands: readonly Command[]): string {
  return writers[shell](completionTree(commands));
}
