import type { OutputFormat } from './output-format.ts';

/** The points at which a fault can be put in, a line each. */
export function showFaults(
  points: readonly string[],
  actions: readonly string[],
  format: OutputFormat,
): string {
  if (format === 'json') return `${JSON.stringify({ points, actions })}\n`;
  const how = `JAMESD_FAULT=POINT#N:ACTION acts at the Nth time; actions: ${actions.join(', ')}.`;
  return `${points.join('\n')}\n${how}\n`;
}
