import type { Labels } from '../../proto/labels.ts';
import type { Status } from '../status-file.ts';
import type { OutputFormat } from './output-format.ts';

/** Facts as lines `key=value`, or as one JSON object. */
export function showFacts(facts: Labels, format: OutputFormat): string {
  if (format === 'json') return `${JSON.stringify(facts, null, 2)}\n`;
  return Object.entries(facts)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

/** The status as lines for people, or as one JSON object with `running`. */
export function showStatus(status: Status, running: boolean, format: OutputFormat): string {
  if (format === 'json') {
    const { schema: _schema, ...rest } = status;
    return `${JSON.stringify({ running, ...rest }, null, 2)}\n`;
  }
  const packets = status.packets.map(
    ({ name, status: how, error }) => `  ${name} ${how}${error === null ? '' : `: ${error}`}`,
  );
  return [
    `device     ${status.device ?? '(not enrolled)'}`,
    `agent      ${running ? `running, process ${status.pid}` : `ended, last seen ${status.at}`}`,
    `phase      ${status.phase}${status.reason === null ? '' : `: ${status.reason}`}`,
    `connected  ${status.transport ?? 'no'}`,
    `revision   ${status.installed?.revision ?? 'none'} of ${status.seen?.revision ?? 'none'}`,
    ...(status.retryAt === null ? [] : [`next try   ${status.retryAt}`]),
    ...(packets.length === 0 ? [] : ['packets', ...packets]),
    '',
  ].join('\n');
}
