import { defineCommand } from '../command.ts';
import { any, flag, labels, text, usage } from '../option.ts';
import { packageSum, resolveView } from '../print/package-view.ts';

export const packageResolve = defineCommand({
  name: 'package resolve',
  summary: 'work out packages with all that they need, for a device or for labels',
  details:
    'Without a name all that the specs ask of the device. NAME=VERSION asks for a version or range. Nothing is changed. --debug prints the steps: what each package adds, and who provides what is only provided.',
  arguments: { names: any('name', 'of packages; all that the specs want if left out') },
  options: {
    device: text('-d, --device <device>', 'the device', 'device'),
    labels: labels('-l, --labels <k=v,…>', 'labels of a device, real or not'),
    debug: flag('--debug', 'print the steps of the resolver'),
  },
  examples: [
    'jamesd-ctl package resolve --device buoy-17',
    'jamesd-ctl package resolve openssh-server -l os=debian,arch=amd64,packages=apt --debug',
  ],
  statuses: { 1: 'failed or a package cannot be resolved' },
  async run({ names, device, labels, debug }, context) {
    if ((device === undefined) === (labels === undefined))
      throw usage('Give --device or --labels, one of them.');
    const answer = await (await context.client()).resolve({
      ...(device !== undefined && { device }),
      ...(labels !== undefined && { labels }),
      ...(names.length > 0 && { names: [...names] }),
      debug,
    });
    return {
      data: answer,
      view: resolveView(answer, debug),
      names: answer.packages.map(({ name }) => name),
      notes: answer.packages.length > 0 ? [packageSum(answer.packages)] : [],
      ...(answer.unresolved.length > 0 && { status: 1 as const }),
    };
  },
});
