import { labelProblem } from '../../proto/labels.ts';
import { changeOf, changeOptions } from '../change-options.ts';
import { defineCommand } from '../command.ts';
import { any, needs, usage } from '../option.ts';
import { labelTable } from '../print/device-details.ts';

export const deviceLabels = defineCommand({
  name: 'device labels',
  summary: 'show the labels of a device, set and remove the operator’s',
  arguments: {
    device: needs('device', 'its id', 'device'),
    changes: any('change', 'key=value sets, key- removes a label of the operator'),
  },
  options: changeOptions,
  examples: [
    'jamesd-ctl device labels buoy-17',
    'jamesd-ctl device labels buoy-17 ring=canary site-',
  ],
  async run({ device: id, changes, ...change }, context) {
    const labels = labelChanges(changes);
    const client = await context.client();
    const device =
      changes.length === 0
        ? await client.device(id)
        : await client.patchDevice(id, { labels }, changeOf(change));
    return {
      data: { id: device.id, labels: device.labels, labelSources: device.labelSources },
      view: labelTable(device),
      names: Object.entries(device.labels).map(([key, value]) => `${key}=${value}`),
    };
  },
});

/** `key=value` and `key-` as a patch; null removes. */
export function labelChanges(changes: readonly string[]): Record<string, string | null> {
  const labels: Record<string, string | null> = {};
  for (const text of changes) {
    const [key, value] = splitChange(text);
    const problem = labelProblem(key, value ?? '');
    if (problem) throw usage(`${JSON.stringify(text)}: ${problem}.`);
    if (Object.hasOwn(labels, key)) throw usage(`The key "${key}" stands twice.`);
    labels[key] = value;
  }
  return labels;
}

function splitChange(text: string): [key: string, value: string | null] {
  const at = text.indexOf('=');
  if (at >= 0) return [text.slice(0, at), text.slice(at + 1)];
  if (text.endsWith('-')) return [text.slice(0, -1), null];
  throw usage(
    `${JSON.stringify(text)} is neither key=value nor key- (with a hyphen at the end, which removes it).`,
  );
}
