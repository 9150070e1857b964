import type { Command } from './command.ts';

/** What stands below the options in a command's help: examples, exit statuses. */
export function helpText(command: Command): string {
  const parts: string[] = [];
  if (command.examples.length > 0)
    parts.push(['Examples:', ...command.examples.map((line) => `  ${line}`)].join('\n'));
  parts.push(`Exit status: ${statusesOf(command)}`);
  return `\n${parts.join('\n\n')}`;
}

/** The exit statuses of a command in one line. */
export function statusesOf(command: Command): string {
  if (command.later) return '2, as it is not supported by this release';
  const { statuses = {} } = command;
  const said = ['0 done', `1 ${statuses[1] ?? 'failed'}`, '2 usage'];
  return [...said, ...(statuses[3] ? [`3 ${statuses[3]}`] : [])].join(', ');
}

/** What the program's help says of verbs that it does not show. */
export function laterText(commands: readonly Command[]): string {
  const nouns = new Set(commands.map(({ name }) => nounOf(name)));
  const built = new Set(commands.filter(({ later }) => !later).map(({ name }) => nounOf(name)));
  const later = [...nouns].filter((noun) => !built.has(noun));
  return later.length === 0 ? '' : `\nA later release brings: ${later.join(', ')}.`;
}

const nounOf = (name: string): string => name.split(' ')[0] as string;
