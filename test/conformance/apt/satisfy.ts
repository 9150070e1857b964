import { isForArch, parseDebRelation } from '../../../server/resolver/core/deb/relation.ts';
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
  const kept = parseDebRelation(group)
    .flatMap(({ alternatives }) => alternatives)
    .filter((alternative) => isForArch(alternative, native))
    .map(({ text }) => text.replace(/\s*\[[^\]]*\]/, ''));
  return kept.length > 0 ? [kept.join(' | ')] : [];
}
