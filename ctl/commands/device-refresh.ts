import { askArguments, askDevices, askOptions, type Question } from '../ask-devices.ts';
import { defineCommand } from '../command.ts';

const refresh: Question = {
  ask: (client, device) => client.refreshDevice(device),
  spare: () => null,
  words: 'to look again',
};

export const deviceRefresh = defineCommand({
  name: 'device refresh',
  summary: 'let devices look now at what is installed, and report it',
  details: 'A device that is away does so when it is back.',
  arguments: askArguments,
  options: askOptions,
  examples: ['jamesd-ctl device refresh buoy-17 buoy-18', 'jamesd-ctl device refresh --all'],
  statuses: { 1: 'failed, for one device or more' },
  run: (input, context) => askDevices(input, refresh, context),
});
