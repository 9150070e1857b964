import { defineCommand } from '../command.ts';
import { needs, oneOf } from '../option.ts';
import { lines } from '../print/view.ts';

const modes = ['on', 'off', 'toggle'] as const;

export const sourceDebug = defineCommand({
  name: 'source debug',
  summary: 'switch the resolver’s steps in the log of the running server',
  arguments: { mode: needs('mode', 'on, off or toggle', modes) },
  options: {},
  examples: ['jamesd-ctl source debug on', 'jamesd-ctl source debug toggle'],
  async run({ mode }, context) {
    const { debug } = await (await context.client()).resolverDebug(oneOf(mode, modes));
    const state = debug ? 'on' : 'off';
    return { data: { debug }, view: lines(state), names: [state] };
  },
});
