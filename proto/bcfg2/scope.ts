import { labelProblem } from '../labels.ts';
import type { Condition, Selector } from '../selector.ts';
import { isTrue } from './check-xml.ts';
import { addError, addNotice, type Findings } from './notice.ts';
import type { XmlElement } from './xml-tree.ts';

/** The groups and clients around an element; all of them must hold. */
export interface Scope {
  groups: ReadonlyMap<string, boolean>;
  /** Hosts that alone count; null: all. */
  only: string | null;
  not: readonly string[];
}

export const everywhere: Scope = { groups: new Map(), only: null, not: [] };

/** The scope inside a `<Group>` or `<Client>`; null if nothing can be in it. */
export function within(scope: Scope, element: XmlElement, found: Findings): Scope | null {
  const name = element.attributes.get('name') ?? '';
  const holds = !isTrue(element.attributes.get('negate'));
  const inner =
    element.name === 'Group' ? inGroup(scope, name, holds) : ofClient(scope, name, holds);
  if (inner === null) addNotice(found, element, 'no device can be here, so all below is left out');
  else if (element.name === 'Group') checkGroup(name, element, found);
  return inner;
}

/** The scope with one more group; null if it contradicts those around it. */
export function inGroup(scope: Scope, name: string, holds: boolean): Scope | null {
  const known = scope.groups.get(name);
  if (known !== undefined && known !== holds) return null;
  return { ...scope, groups: new Map([...scope.groups, [name, holds]]) };
}

function ofClient(scope: Scope, name: string, holds: boolean): Scope | null {
  if (!holds) return scope.only === name ? null : { ...scope, not: [...scope.not, name] };
  if ((scope.only ?? name) !== name || scope.not.includes(name)) return null;
  return { ...scope, only: name };
}

/** Groups become labels, so their names must be able to. */
export function checkGroup(name: string, element: XmlElement, found: Findings): void {
  const problem = labelProblem(labelOf(name), '');
  if (problem) addError(found, element, `the group cannot become a label: ${problem}`);
}

export const labelOf = (group: string): string => `group.${group}`;

/** `<Group>g</Group>` is `group.g: {exists: true}`, a client is its hostname. */
export function targetOf({ groups, only, not }: Scope): Selector {
  const target: Record<string, Condition> = {};
  for (const name of [...groups.keys()].sort())
    target[labelOf(name)] = { exists: groups.get(name) === true };
  const hosts = [...new Set(not)].sort();
  if (only !== null) target.hostname = only;
  else if (hosts.length > 0)
    target.hostname = { not: hosts.length === 1 ? (hosts[0] as string) : hosts };
  return target;
}

/** The scope in a few words, for ids: `web`, `not-web`, `host-a`. */
export function wordsOf({ groups, only, not }: Scope): string[] {
  return [
    ...[...groups].map(([name, holds]) => (holds ? name : `not-${name}`)),
    ...(only === null ? [] : [`host-${only}`]),
    ...(only === null ? not.map((host) => `not-host-${host}`) : []),
  ].sort();
}
