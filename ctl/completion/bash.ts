import type { Completion } from '../option.ts';
import { type CompletionNode, listCommand } from './tree.ts';

/** A completion function for bash 4 and later. */
export function bashScript(nodes: readonly CompletionNode[]): string {
  return `# Completion of jamesd-ctl for bash. Load it with: source <(jamesd-ctl completion bash)
_jamesd_ctl() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]}
  local path='' count=0 skip='' i word words='' kind=''
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ -n $skip ]]; then skip=''; continue; fi
    case "$path $word" in
      ${valuePatterns(nodes)}) skip=1; continue ;;
    esac
    [[ $word == -* ]] && continue
    case "$path $word" in
${pathCases(nodes)}
      *) count=$((count + 1)) ;;
    esac
  done
  case "$path $prev" in
${valueCases(nodes)}
  esac
  if [[ -z $kind ]]; then
    if [[ $cur == -* ]]; then
      case "$path" in
${nodes.map((node) => `        ${quoted(node.path)}) words=${quoted(flagsOf(node))} ;;`).join('\n')}
      esac
    else
      case "$path $count" in
${argumentCases(nodes)}
      esac
    fi
  fi
  case "$kind" in
    file) COMPREPLY=($(compgen -f -- "$cur")); compopt -o filenames 2>/dev/null ;;
    directory) COMPREPLY=($(compgen -d -- "$cur")); compopt -o filenames 2>/dev/null ;;
    spec | source | device | token) words=$(jamesd-ctl "$kind" list -o name 2>/dev/null) ;;
    secret) words=$(${listCommand('secret')}) ;;
    none) ;;
  esac
  [[ -n $words ]] && COMPREPLY=($(compgen -W "$words" -- "$cur"))
  return 0
}
complete -F _jamesd_ctl jamesd-ctl
`;
}

/** Options that take the next word. */
function valuePatterns(nodes: readonly CompletionNode[]): string {
  return nodes
    .flatMap(({ path, options }) =>
      options
        .filter(({ value }) => value !== null)
        .flatMap(({ flags }) => flags.map((flag) => quoted(`${path} ${flag}`))),
    )
    .join(' | ');
}

function pathCases(nodes: readonly CompletionNode[]): string {
  return nodes
    .flatMap(({ path, words }) =>
      words.map(
        ({ word }) =>
          `      ${quoted(`${path} ${word}`)}) path=${quoted(path === '' ? word : `${path} ${word}`)} ;;`,
      ),
    )
    .join('\n');
}

function valueCases(nodes: readonly CompletionNode[]): string {
  return nodes
    .flatMap(({ path, options }) =>
      options.flatMap(({ flags, value }) =>
        value === null
          ? []
          : [
              `    ${flags.map((flag) => quoted(`${path} ${flag}`)).join(' | ')}) ${offer(value)} ;;`,
            ],
      ),
    )
    .join('\n');
}

function argumentCases(nodes: readonly CompletionNode[]): string {
  return nodes
    .flatMap(({ path, words, arguments: values }) => {
      if (words.length > 0)
        return [
          `        ${quoted(`${path} 0`)}) words=${quoted(words.map(({ word }) => word).join(' '))} ;;`,
        ];
      return values.map((value, index) => {
        const pattern =
          index === values.length - 1 ? `${quoted(`${path} `)}*` : quoted(`${path} ${index}`);
        return `        ${pattern}) ${offer(value)} ;;`;
      });
    })
    .join('\n');
}

function offer(value: Completion): string {
  if (typeof value !== 'string') return `kind=none words=${quoted(value.join(' '))}`;
  if (listCommand(value)) return `kind=${value}`;
  return `kind=${value === 'packet' ? 'file' : value}`;
}

function flagsOf({ options }: CompletionNode): string {
  return [...options.flatMap(({ flags }) => flags), '-h', '--help'].join(' ');
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
