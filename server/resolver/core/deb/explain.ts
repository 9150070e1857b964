import { hintForName } from '../hidden-hint.ts';
import type { Want } from '../resolution.ts';
import type { View } from '../view.ts';
import type { Fact } from './model.ts';
import type { Pool } from './pool.ts';
import type { Session } from './session.ts';
import type { Missing } from './wanted.ts';

/** `name version`, with the architecture where it is a foreign one. */
export function shown(pool: Pool, version: number): string {
  const { view } = pool;
  const arch = view.arch(version);
  const foreign = arch === 'all' || arch === pool.native ? '' : `:${arch}`;
  return `${view.name(version)}${foreign} ${view.version(version)}`;
}

/** A fact as a sentence. */
export function sentenceOf({ pool, request }: Session, fact: Fact): string {
  const show = (version: number): string => shown(pool, version);
  switch (fact.kind) {
    case 'want':
      return `${fact.name} is asked for: ${show(fact.version)}.`;
    case 'essential':
      return `${show(fact.version)} is essential.`;
    case 'needs':
      return needSentence(pool, fact);
    case 'excludes': {
      const verb = fact.group.kind === 'breaks' ? 'breaks' : 'conflicts with';
      return `${show(fact.version)} ${verb} ${fact.group.text}: that is ${show(fact.other)}.`;
    }
    case 'one-version':
      return `${show(fact.version)} and ${show(fact.other)} cannot be there together.`;
    case 'stays':
      return `${show(pool.current(fact.pkg))} is installed and ${whyItStays[fact.why]}.`;
    case 'prefers':
      return `${show(pool.current(fact.pkg))} is installed.`;
    case 'goes':
      return `${pool.name(fact.pkg)} is to be removed${request.wants.length > 0 ? ' by the request' : ''}.`;
  }
}

const whyItStays = {
  hold: 'on hold',
  essential: 'essential',
  'no-removal': 'must not be removed',
} as const;

const MANY = 4;

function needSentence(pool: Pool, fact: Extract<Fact, { kind: 'needs' }>): string {
  const head = `${shown(pool, fact.version)} needs ${fact.group.text}`;
  if (fact.solutions.length === 0) return `${head}, ${whatThereIs(pool, fact)}.`;
  const names = fact.solutions.slice(0, MANY).map((version) => shown(pool, version));
  const more = fact.solutions.length - names.length;
  return `${head}: that is ${names.join(' or ')}${more > 0 ? ` or ${more} others` : ''}.`;
}

/** What the sources have in place of what is needed. */
function whatThereIs(pool: Pool, { group }: Extract<Fact, { kind: 'needs' }>): string {
  const names = [...new Set(group.alternatives.map(({ name }) => name))];
  const others = names.flatMap((name) => pool.group(name).flatMap((pkg) => pool.versions(pkg)));
  if (others.length === 0) return 'which no source offers';
  const list = others.slice(0, MANY).map((version) => shown(pool, version));
  return `of which the sources offer only ${list.join(', ')}`;
}

/** A sentence for a want that means no package that could come. */
export function missingSentence(session: Session, want: Want, why: Missing): string {
  const { pool } = session;
  const { view } = pool;
  const where = want.arch === undefined ? '' : ` for ${want.arch}`;
  const all = pool.group(want.name).flatMap((pkg) => pool.versions(pkg));
  const offered = all.map((version) => shown(pool, version)).slice(0, 8);
  switch (why) {
    case 'unknown':
      return `No source of these devices offers ${want.name}${where}.`;
    case 'ambiguous': {
      const names = new Set(view.providers(want.name).map((id) => view.name(id)));
      return `${want.name} is provided by several packages: ${[...names].sort().slice(0, 8).join(', ')}.`;
    }
    case 'version':
      return `${want.name}${where} is asked for in version ${want.version}; the sources offer ${offered.join(', ')}.`;
    case 'downgrade':
      return `${want.name} is asked for in version ${want.version}, which is lower than what is installed.`;
    case 'no-candidate':
      return `${want.name}${where} is offered as ${offered.join(', ')}, and no version of it may be installed.`;
  }
}

/** What may help with names that are missing: a source that excludes them, another architecture, a pin. */
export function hintFor(view: View, names: readonly string[]): string | null {
  for (const name of names) {
    const hint = hintForName(view, name, `No source has ${name}: is a source missing?`);
    if (hint !== null) return hint;
  }
  return null;
}
