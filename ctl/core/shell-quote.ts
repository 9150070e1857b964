/** The words as a line for a POSIX shell; words that need it are put in quotes, `$NAME` words in double ones. */
export function quoteCommand(words: readonly string[]): string {
  return words.map(quoteWord).join(' ');
}

function quoteWord(word: string): string {
  if (/^(--[a-z-]+=)?\$[A-Z_]+$/.test(word)) return `"${word}"`;
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}
