import type { Machine } from './machine.ts';

/** `apt-get satisfy` asks for a package that exists nowhere else and has the relations of the command line. */
export const SATISFY = 'satisfy-command-line';

/** The machine with that package: words are Depends, or Conflicts if they say so; `[arch]` restricts them. */
export function withSatisfy(machine: Machine, words: readonly string[]): Machine {
  const native = machine.archs[0] ?? '';
  const depends: string[] = [];
  const conflicts: string[] = [];
  for (const word of words) {
    const [, field = 'depends', relation = ''] =
      /^(?:\s*(depends|conflicts)\s*:)?(.*)$/is.exec(word) ?? [];
    const list = field.toLowerCase() === 'conflicts' ? conflicts : depends;
    list.push(...relation.split(',').flatMap((group) => groupFor(group, native)));
  }
  const fields = [
    ...(depends.length > 0 ? [`Depends: ${depends.join(', ')}`] : []),
    ...(conflicts.length > 0 ? [`Conflicts: ${conflicts.join(', ')}`] : []),
  ].join('\n');
  const stanza = { name: SATISFY, arch: native, version: '1', fields };
  return { ...machine, releases: new Map([...machine.releases, [SATISFY, [stanza]]]) };
}

function groupFor(group: string, native: string): string[] {
  const kept = group
    .split('|')
    .map((alternative) => alternative.trim())
    .filter((alternative) => alternative !== '' && isFor(alternative, native))
    .map((alternative) => alternative.replace(/\s*\[[^\]]*\]/, ''));
  return kept.length > 0 ? [kept.join(' | ')] : [];
}

/** `[amd64 i386]`, `[!amd64]`, `[linux-any]` (Debian policy 7.1, 11.1). */
function isFor(alternative: string, native: string): boolean {
  const words = /\[([^\]]*)\]/.exec(alternative)?.[1]?.trim().split(/\s+/);
  if (!words) return true;
  const meets = (word: string): boolean =>
    [native, 'any', 'linux-any', `any-${native}`, `linux-${native}`].includes(word);
  const negative = words.every((word) => word.startsWith('!'));
  const found = words.some((word) => meets(word.replace(/^!/, '')));
  return negative ? !found : found;
}
