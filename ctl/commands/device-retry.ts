import { askArguments, askDevices, askOptions, type Question } from '../ask-devices.ts';
import { defineCommand } from '../command.ts';

const retry: Question = {
  ask: (client, device) => client.retryDevice(device),
  spare: ({ converged }) => (converged ? 'it has what is wanted' : null),
  words: 'to try again',
};

export const deviceRetry = defineCommand({
  name: 'device retry',
  summary: 'let devices try again what failed or was undone',
  details:
    'A revision that failed on a device is not tried again by itself; the same state becomes a new revision. With a selector or --all, devices that have converged are passed over.',
  arguments: askArguments,
  options: askOptions,
  examples: ['jamesd-ctl device retry buoy-17', 'jamesd-ctl device retry -l fleet=alpha'],
  statuses: { 1: 'failed, for one device or more' },
  run: (input, context) => askDevices(input, retry, context),
});
