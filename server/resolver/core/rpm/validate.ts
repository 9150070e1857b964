import type { RelationKind } from '../universe.ts';
import { type Plain, parseRelations, type Relation, rangesMeet, relationText } from './relation.ts';
import { parseEvr } from './version.ts';

/** A package as the validator looks at it: texts as they stand in the index. */
export interface CheckedPackage {
  name: string;
  version: string;
  arch: string;
  relation(kind: RelationKind): string;
  files(): readonly string[];
  /** Obsoletes of what was there before are history. */
  isInstalled: boolean;
  /** It stands beside other versions of its own. */
  isBeside: boolean;
}

/**
 * Whether a set of packages can be on a device together, by their relations alone: all that is needed is there, nothing
 * conflicts or is obsoleted, and of each name there is one for each word size. Independent of how the set was found. Gives a
 * sentence per fault.
 */
export function validateRpm(packages: readonly CheckedPackage[]): string[] {
  const has = createPresence(packages);
  return packages.flatMap((one) => [
    ...unmetNeeds(one, has),
    ...conflicts(one, has),
    ...obsoleted(one, packages),
    ...namesakes(one, packages),
  ]);
}

/** Packages of the set that meet a plain relation. */
type Presence = (relation: Plain) => readonly CheckedPackage[];

function createPresence(packages: readonly CheckedPackage[]): Presence {
  const byName = new Map<string, { provided: Plain; by: CheckedPackage }[]>();
  const add = (name: string, provided: Plain, by: CheckedPackage): void => {
    const list = byName.get(name);
    if (list === undefined) byName.set(name, [{ provided, by }]);
    else list.push({ provided, by });
  };
  for (const one of packages) {
    add(one.name, itself(one), one);
    for (const provided of parseRelations(one.relation('provides')))
      if (provided.kind === 'plain') add(provided.name, provided, one);
    for (const path of one.files())
      add(path, { kind: 'plain', name: path, comparison: null, evr: null }, one);
  }
  return (relation) =>
    (byName.get(relation.name) ?? [])
      .filter(({ provided }) => rangesMeet(provided, relation))
      .map(({ by }) => by);
}

const itself = ({ name, version }: CheckedPackage): Plain => ({
  kind: 'plain',
  name,
  comparison: '=',
  evr: parseEvr(version),
});

function unmetNeeds(one: CheckedPackage, has: Presence): string[] {
  return [...parseRelations(one.relation('preDepends')), ...parseRelations(one.relation('depends'))]
    .filter((relation) => !holds(relation, has))
    .map((relation) => `${label(one)} lacks ${relationText(relation)}`);
}

function conflicts(one: CheckedPackage, has: Presence): string[] {
  const others: Presence = (relation) => has(relation).filter((other) => other !== one);
  return parseRelations(one.relation('conflicts'))
    .filter((relation) => holds(relation, others))
    .map((relation) => `${label(one)} conflicts with ${relationText(relation)}`);
}

function obsoleted(one: CheckedPackage, packages: readonly CheckedPackage[]): string[] {
  if (one.isInstalled) return [];
  return parseRelations(one.relation('obsoletes')).flatMap((relation) =>
    packages
      .filter(
        (other) =>
          other !== one &&
          relation.kind === 'plain' &&
          other.name === relation.name &&
          rangesMeet(itself(other), relation),
      )
      .map((other) => `${label(one)} obsoletes ${label(other)}`),
  );
}

/** Another word size may be there, in whatever version; what depends on no architecture only beside its own version. */
function namesakes(one: CheckedPackage, packages: readonly CheckedPackage[]): string[] {
  return packages
    .filter(
      (other) =>
        other !== one &&
        other.name === one.name &&
        !(one.isInstalled && other.isInstalled) &&
        !(one.isBeside && other.isBeside) &&
        (other.arch === one.arch ||
          (other.version !== one.version && (other.arch === 'noarch' || one.arch === 'noarch'))),
    )
    .map((other) => `${label(one)} is there beside ${label(other)}`);
}

const label = ({ name, version, arch }: CheckedPackage): string => `${name}-${version}.${arch}`;

function holds(relation: Relation, has: Presence): boolean {
  if (relation.kind === 'plain') return has(relation).length > 0;
  const left = (): boolean => holds(relation.left, has);
  const right = (): boolean => holds(relation.right, has);
  switch (relation.operator) {
    case 'and':
      return left() && right();
    case 'or':
      return left() || right();
    case 'if':
      if (right()) return left();
      return relation.otherwise === null || holds(relation.otherwise, has);
    case 'unless':
      if (!right()) return left();
      return relation.otherwise !== null && holds(relation.otherwise, has);
    case 'with':
    case 'without':
      return alone(relation, has).length > 0;
  }
}

function alone(relation: Relation, has: Presence): readonly CheckedPackage[] {
  if (relation.kind === 'plain') return has(relation);
  const left = alone(relation.left, has);
  const right = alone(relation.right, has);
  if (relation.operator === 'with') return left.filter((one) => right.includes(one));
  if (relation.operator === 'without') return left.filter((one) => !right.includes(one));
  return [...left, ...right];
}
