import { defineCommand } from '../command.ts';
import { completionScript, shells } from '../completion-script.ts';
import { needs, oneOf } from '../option.ts';
import { lines } from '../print/view.ts';

export const completion = defineCommand({
  name: 'completion',
  summary: 'print a script that completes command lines in your shell',
  details:
    'bash: source <(jamesd-ctl completion bash)\nzsh:  jamesd-ctl completion zsh > ~/.zfunc/_jamesd-ctl   (a directory of your fpath)\nfish: jamesd-ctl completion fish > ~/.config/fish/completions/jamesd-ctl.fish',
  arguments: { shell: needs('shell', 'bash, zsh or fish', shells) },
  options: {},
  examples: ['source <(jamesd-ctl completion bash)'],
  async run({ shell }, { commands }) {
    const text = completionScript(oneOf(shell, shells), commands);
    return { data: text, view: lines(...text.trimEnd().split('\n')) };
  },
});
