import { JamesError } from '../../proto/errors.ts';

export type OutputFormat = 'text' | 'json';

/** Throws `usage` for anything else than a format. */
export function formatOf(text: string): OutputFormat {
  if (text === 'text' || text === 'json') return text;
  throw new JamesError('usage', `--output: give text or json, not "${text.slice(0, 40)}".`);
}
