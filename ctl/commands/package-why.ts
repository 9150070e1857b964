import { JamesError } from '../../proto/errors.ts';
import { defineCommand } from '../command.ts';
import { needs } from '../option.ts';
import { sourceLine, whyView } from '../print/package-view.ts';

export const packageWhy = defineCommand({
  name: 'package why',
  summary: 'say why a device has a package: the chain up to the spec that it is there for',
  arguments: {
    device: needs('device', 'its id', 'device'),
    name: needs('name', 'of the package'),
  },
  options: {},
  examples: ['jamesd-ctl package why buoy-17 libssl3'],
  statuses: { 1: 'failed or the device does not get the package' },
  async run({ device, name }, context) {
    const { packages, problems, sources } = await (await context.client()).explain(device, name);
    const problem = problems.find((one) => one.name === name);
    if (packages.length === 0 && problem)
      throw new JamesError('not-found', `${name} is not on ${device}: ${problem.detail}`);
    if (packages.length === 0)
      throw new JamesError(
        'not-found',
        `Nothing asks for package ${name} on ${device}. "package resolve ${name} --device ${device}" says what it would bring.`,
      );
    const shown = packages.map((one) => whyView(device, one));
    const from = new Set(packages.map(({ source }) => source));
    const serving = sources.filter(({ id }) => from.has(id)).map(sourceLine);
    return {
      data: packages,
      view: [...shown, { kind: 'lines', wrap: true, lines: serving }],
      names: packages.flatMap(({ reason }) => reason.spec ?? []),
    };
  },
});
