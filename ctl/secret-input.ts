import type { Surroundings } from './surroundings.ts';

const MOST_BYTES = 8192;

/** What a person types without it being shown, or the first line of stdin where that is no terminal. */
export async function readSecret(
  question: string,
  { stdin, askSecret }: Pick<Surroundings, 'stdin' | 'askSecret'>,
): Promise<string> {
  if (stdin.isTTY) return await askSecret(question);
  let text = '';
  for await (const chunk of stdin) {
    text += Buffer.from(chunk).toString('utf8');
    if (text.includes('\n') || text.length > MOST_BYTES) break;
  }
  return (text.split('\n')[0] ?? '').trim();
}
