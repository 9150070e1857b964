/** A table of architectures: the repository's word, then every other word for the same. */
export type ArchitectureWords = readonly (readonly [word: string, ...others: string[]])[];

/** dpkg's words. */
export const aptArchitectures: ArchitectureWords = [
  ['amd64', 'x86_64'],
  ['i386', 'i486', 'i586', 'i686'],
  ['armel', 'armv5tel', 'armv6l'],
  ['armhf', 'armv7l', 'armv7hl', 'armhfp', 'armv8l'],
  ['arm64', 'aarch64'],
  ['ppc64el', 'ppc64le'],
  ['loong64', 'loongarch64'],
  ['all', 'noarch'],
];

/** rpm's words; for 32-bit x86 the one that directories have. */
export const rpmArchitectures: ArchitectureWords = [
  ['x86_64', 'amd64'],
  ['i386', 'i486', 'i586', 'i686'],
  ['armv6hl', 'armv6l'],
  ['armv7hl', 'armv7l', 'armhf', 'armhfp', 'armv8l'],
  ['aarch64', 'arm64'],
  ['ppc64le', 'ppc64el'],
  ['loongarch64', 'loong64'],
  ['noarch', 'all'],
];

/** The table's word for an architecture; the word itself if the table does not know it. */
export function architectureWord(table: ArchitectureWords, word: string): string {
  return table.find((words) => words.includes(word))?.[0] ?? word;
}
