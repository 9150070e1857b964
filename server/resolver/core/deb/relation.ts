/** Debian policy 7.1; `<` and `>` mean `<=` and `>=` as of old. */
export type DebOperator = '<<' | '<=' | '=' | '>=' | '>>';

/** `name[:qualifier] [(op version)]`, with what only source packages have. */
export interface DebAlternative {
  name: string;
  /** `any`, `native`, an architecture, or '' for none. */
  qualifier: string;
  operator: DebOperator | null;
  version: string;
  /** Architectures, `!` before one that is excluded; only in source packages. */
  archs: readonly string[];
  /** Build profiles: one list of terms per `<…>`. */
  profiles: readonly (readonly string[])[];
  text: string;
}

/** Alternatives of which one must hold: `a | b`. */
export interface DebGroup {
  alternatives: readonly DebAlternative[];
  text: string;
}

const ALTERNATIVE =
  /^([A-Za-z0-9][A-Za-z0-9+._-]*)(?::([A-Za-z0-9][A-Za-z0-9-]*))?\s*(?:\(\s*(<<|<=|=|>=|>>|<|>)\s*([^\s()]+)\s*\))?\s*(?:\[([^\]]*)\])?\s*((?:<[^>]*>\s*)*)$/;

const OPERATORS: Record<string, DebOperator> = { '<': '<=', '>': '>=' };

/**
 * Parses the text of a relation field (deb-control(5)). What is no alternative becomes one with the whole text as its
 * name, which no package has: a malformed relation is not satisfiable, and says so by itself.
 */
export function parseDebRelation(text: string): DebGroup[] {
  const groups: DebGroup[] = [];
  for (const part of text.split(',')) {
    const trimmed = part.trim();
    if (trimmed === '') continue;
    const alternatives = trimmed.split('|').map((one) => parseAlternative(one.trim()));
    groups.push({ alternatives, text: trimmed.replace(/\s+/g, ' ') });
  }
  return groups;
}

function parseAlternative(text: string): DebAlternative {
  const match = ALTERNATIVE.exec(text);
  const plain = { qualifier: '', operator: null, version: '', archs: [], profiles: [], text };
  if (!match) return { ...plain, name: text };
  const [, name = '', qualifier = '', operator, version = '', archs, profiles = ''] = match;
  return {
    name,
    qualifier,
    operator: operator ? (OPERATORS[operator] ?? (operator as DebOperator)) : null,
    version,
    archs: archs ? archs.trim().split(/\s+/) : [],
    profiles: [...profiles.matchAll(/<([^>]*)>/g)].map(([, terms = '']) =>
      terms.trim().split(/\s+/),
    ),
    text,
  };
}

/**
 * Whether `[amd64 !i386]` lets the alternative count for an architecture (Debian policy 7.1). The first word that meets it
 * decides; without one it counts if a word is negative. `linux-any`, `any-amd64` and `any` are wildcards (policy 11.1).
 */
export function isForArch({ archs }: DebAlternative, arch: string): boolean {
  if (archs.length === 0) return true;
  const decisive = archs.find((word) => meetsArch(word.replace(/^!/, ''), arch));
  return decisive === undefined
    ? archs.some((word) => word.startsWith('!'))
    : !decisive.startsWith('!');
}

function meetsArch(pattern: string, arch: string): boolean {
  if (pattern === arch || pattern === 'any') return true;
  const [os, cpu] = arch.includes('-') ? arch.split('-') : ['linux', arch];
  return [`${os}-any`, `any-${cpu}`, `${os}-${cpu}`].includes(pattern);
}
