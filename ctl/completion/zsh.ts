import type { Completion } from '../option.ts';
import { type CompletionNode, type CompletionOption, listCommand } from './tree.ts';

/** A completion function for zsh, to be put into a directory of `fpath` as `_jamesd-ctl`. */
export function zshScript(nodes: readonly CompletionNode[]): string {
  return `#compdef jamesd-ctl
# Completion of jamesd-ctl for zsh. Put it into a directory of your fpath as _jamesd-ctl.
_jamesd-ctl() {
  local context state line
  typeset -A opt_args
${nodes.map(node).join('\n')}
  _jamesd-ctl-root "$@"
}

_jamesd-ctl "$@"
`;
}

function node({ path, words, options, arguments: values }: CompletionNode): string {
  const specs = options.flatMap(optionSpecs);
  if (words.length === 0) {
    const places = values.map((value, index) =>
      quoted(`${index === values.length - 1 ? '*' : index + 1}:argument:${action(value)}`),
    );
    return wrap(path, [...specs, ...places].join(' \\\n      '), '');
  }
  const verbs = words
    .map(({ word, about }) => quoted(`${word.replaceAll(':', '\\:')}:${about}`))
    .join(' ');
  const cases = words
    .map(({ word }) => `        ${word}) ${functionOf(path === '' ? word : `${path} ${word}`)} ;;`)
    .join('\n');
  const rest = `
    case $state in
      verb) local -a verbs=(${verbs}); _describe command verbs ;;
      rest)
        case $line[1] in
${cases}
        esac ;;
    esac`;
  return wrap(
    path,
    [...specs, "'1:command:->verb'", "'*::argument:->rest'"].join(' \\\n      '),
    rest,
  );
}

function wrap(path: string, parameters: string, rest: string): string {
  return `  ${functionOf(path)}() {
    _arguments -C \\
      ${parameters}${rest}
  }`;
}

function optionSpecs({ flags, about, value }: CompletionOption): string[] {
  const text = about.replace(/[[\]:]/g, ' ');
  return flags.map((flag) =>
    quoted(`${flag}[${text}]${value === null ? '' : `:value:${action(value)}`}`),
  );
}

function action(value: Completion): string {
  if (typeof value !== 'string') return `(${value.join(' ')})`;
  const list = listCommand(value);
  if (list) return `{compadd -- \${(f)"$(${list})"}}`;
  if (value === 'directory') return '_files -/';
  return value === 'none' ? ' ' : '_files';
}

const functionOf = (path: string): string =>
  `_jamesd-ctl-${path === '' ? 'root' : path.replaceAll(' ', '-')}`;
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
