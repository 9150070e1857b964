import { defineCommand } from '../command.ts';
import { needed, needs, text, usage } from '../option.ts';
import { lines } from '../print/view.ts';
import { readSecret } from '../secret-input.ts';

export const sourceSecretSet = defineCommand({
  name: 'source secret set',
  summary: 'set a user and a password for sources, under a name',
  details:
    'A source names it as auth (or proxyAuth). The password comes from a question on the terminal or a line of stdin, never from the command line. Nobody can read it again; devices whose sources name it get it.',
  arguments: { name: needs('name', 'of the secret', 'secret') },
  options: { user: needed(text('-u, --user <name>', 'the user')) },
  examples: [
    'jamesd-ctl source secret set mirror --user reader',
    'jamesd-ctl source secret set mirror --user reader < password-file',
  ],
  async run({ name, user }, context) {
    const password = await readSecret(`Password of ${user}: `, context);
    if (password === '') throw usage('Give the password on the terminal or as a line of stdin.');
    const secret = await (await context.client()).putSecret(name, { username: user, password });
    return { data: secret, view: lines(name), names: [name] };
  },
});
