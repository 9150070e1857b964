import type { TokenRequest } from '../../proto/api.ts';
import { defineCommand } from '../command.ts';
import { count, duration, flag, labels, text, usage } from '../option.ts';
import { lines } from '../print/view.ts';

export const tokenCreate = defineCommand({
  name: 'token create',
  summary: 'make a token, for joining or for an operator; prints it',
  details: 'The token is shown this once; the server keeps only its digest.',
  arguments: {},
  options: {
    join: flag('--join', 'devices enrol with it'),
    operator: flag('--operator', 'an operator uses it'),
    labels: labels('-l, --labels <k=v,…>', 'labels that devices get by joining with it'),
    uses: count('--uses <n>', 'how many devices may join with it', 1),
    expires: duration('--expires <time>', 'how long it is good for, such as 24h'),
    description: text('--description <text>', 'what it is for'),
  },
  examples: [
    'jamesd-ctl token create --join --labels site=berlin --uses 10 --expires 24h',
    'jamesd-ctl token create --operator --description "Ada’s laptop"',
  ],
  async run({ join, operator, labels, uses, expires, description }, context) {
    if (join === operator) throw usage('Say what the token is for: --join or --operator.');
    if (operator && (labels || uses !== undefined))
      throw usage('--labels and --uses go with --join.');
    const request: TokenRequest = {
      kind: join ? 'join' : 'operator',
      ...(labels && { labels }),
      ...(uses !== undefined && { uses }),
      ...(expires !== undefined && { expiresIn: Math.max(1, Math.round(expires / 1000)) }),
      ...(description !== undefined && { description }),
    };
    const created = await (await context.client()).createToken(request);
    return {
      data: created,
      view: lines(created.token),
      names: [created.id],
      notes: [`This is token ${created.id}; keep it now, it is not shown again.`],
    };
  },
});
