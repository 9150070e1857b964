import type { Completion } from '../option.ts';
import { type CompletionNode, type CompletionOption, listCommand } from './tree.ts';

/** Completions for fish 3 and later. */
export function fishScript(nodes: readonly CompletionNode[]): string {
  return `# Completion of jamesd-ctl for fish. Put it into ~/.config/fish/completions/jamesd-ctl.fish
function __jamesd_ctl_path
    set -l words (commandline -opc | string match -v -- '-*')
    string join ' ' $words[2..4]
end
function __jamesd_ctl_at
    set -l path (__jamesd_ctl_path)
    test "$path" = "$argv[1]"; or string match -q -- "$argv[1] *" "$path"
end
function __jamesd_ctl_exactly
    test (count (commandline -opc | string match -v -- '-*')) -eq (math (string split ' ' -- $argv[1] | string match -r . | count) + 1)
    and __jamesd_ctl_at $argv[1]
end
complete -c jamesd-ctl -f
${nodes.flatMap(node).join('\n')}
`;
}

function node({ path, words, options, arguments: values }: CompletionNode): string[] {
  const exactly =
    path === '' ? `test -z (__jamesd_ctl_path)` : `__jamesd_ctl_exactly ${quoted(path)}`;
  const at = path === '' ? `test -z (__jamesd_ctl_path)` : `__jamesd_ctl_at ${quoted(path)}`;
  return [
    ...words.map(
      ({ word, about }) =>
        `complete -c jamesd-ctl -n ${doubly(exactly)} -a ${word} -d ${quoted(about)}`,
    ),
    ...options.map((option) => optionLine(option, at)),
    ...[...new Set(values.map(offer))]
      .filter(Boolean)
      .map((text) => `complete -c jamesd-ctl -n ${doubly(at)} ${text}`),
  ];
}

function optionLine({ flags, about, value }: CompletionOption, condition: string): string {
  const names = flags.map((flag) =>
    flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
  );
  const parts = [...names, ...(value === null ? [] : ['-x', offer(value)]), '-d', quoted(about)];
  return `complete -c jamesd-ctl -n ${doubly(condition)} ${parts.filter(Boolean).join(' ').replace('-x -F', '-r -F')}`;
}

function offer(value: Completion): string {
  if (typeof value !== 'string') return `-a ${quoted(value.join(' '))}`;
  const list = listCommand(value);
  if (list) return `-a ${quoted(`(${list})`)}`;
  if (value === 'directory') return `-a ${quoted('(__fish_complete_directories)')}`;
  return value === 'none' ? '' : '-F';
}

const quoted = (text: string): string => `'${text.replaceAll("'", "\\'")}'`;
const doubly = (text: string): string => `"${text.replaceAll('"', '\\"')}"`;
