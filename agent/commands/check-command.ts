import { sayDifference } from '../core/difference.ts';
import type { Found } from '../drift/packet-drift.ts';
import { checkLocal } from '../local.ts';
import type { CheckRequest } from './check-options.ts';
import type { OutputFormat } from './output-format.ts';

/**
 * Looks at everything that is installed and shows what is not as it was installed: a line per path, or one JSON object.
 * The exit status is 1 if there is anything.
 */
export async function check(
  { root, state, format }: CheckRequest,
  writeOut: (text: string) => void,
): Promise<number> {
  const found = await checkLocal({ state, ...(root !== undefined && { root }) });
  writeOut(showFound(found, format));
  return found.packets.length + found.packages.length === 0 ? 0 : 1;
}

/** What a check found, as text or as one JSON object. */
export function showFound(found: Found, format: OutputFormat): string {
  if (format === 'json') return `${JSON.stringify(found, null, 2)}\n`;
  const packets = found.packets.flatMap(({ name, count, paths }) => [
    ...paths.map((one) => `${name}: ${sayDifference(one)}`),
    ...(count > paths.length ? [`${name}: and ${count - paths.length} more paths`] : []),
  ]);
  const packages = found.packages.map(
    ({ name, status, error }) => `package ${name}: ${error ?? status}`,
  );
  return [...packets, ...packages].map((line) => `${line}\n`).join('');
}
