import { phases } from '../../proto/reported.ts';
import { defineCommand } from '../command.ts';
import { choice, selector } from '../option.ts';
import { deviceTable } from '../print/device-view.ts';

export const deviceList = defineCommand({
  name: 'device list',
  summary: 'list the devices',
  arguments: {},
  options: {
    selector: selector('-l, --selector <selector>', 'only devices whose labels it accepts'),
    phase: choice('--phase <phase>', `only devices in this phase: ${phases.join(', ')}`, phases),
  },
  examples: [
    'jamesd-ctl device list',
    "jamesd-ctl device list -l 'fleet=alpha,!retired' -o wide",
    'jamesd-ctl device list --phase failed -o name',
  ],
  async run({ selector, phase }, context) {
    const devices = await (await context.client()).devices({ selector, phase });
    return {
      data: devices,
      view: deviceTable(devices, context.clock.now()),
      names: devices.map(({ id }) => id),
    };
  },
});
