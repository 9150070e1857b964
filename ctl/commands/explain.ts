import { defineCommand } from '../command.ts';
import { may, needs } from '../option.ts';
import { explanationView } from '../print/explanation-view.ts';

export const explain = defineCommand({
  name: 'explain',
  summary: 'say why a device gets what it gets',
  details:
    'Which spec and which labels chose a packet, why the runners-up lost, and where nothing fits, which label is missing on the nearest packets.',
  arguments: {
    device: needs('device', 'its id', 'device'),
    name: may('name', 'of an app or packet; all if left out'),
  },
  options: {},
  examples: ['jamesd-ctl explain buoy-17', 'jamesd-ctl explain buoy-17 logger'],
  async run({ device, name }, context) {
    const explanation = await (await context.client()).explain(device, name);
    return {
      data: explanation,
      view: explanationView(explanation, name),
      names: explanation.apps.flatMap(({ chosen }) => (chosen ? [chosen.id] : [])),
    };
  },
});
