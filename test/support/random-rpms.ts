import type { Random } from '../../proto/clock.ts';
import type { PackageRecord, RelationKind } from '../../server/resolver/core/universe.ts';

const LETTERS = [...'abcdefghij'];
const CAPABILITIES = ['cap1', 'cap2', 'cap3'];
const VERSIONS = ['1-1', '2-1', '2-2', '3~rc1-1'];

/** What a random repository and a request to it look like. */
export interface RandomRpms {
  available: PackageRecord[];
  installed: PackageRecord[];
  wants: string[];
}

export interface RandomShape {
  /** With rich dependencies, weak ones, a second word size, packages that are there already. */
  rich: boolean;
  weak: boolean;
  multilib: boolean;
  installed: boolean;
  /** Of one name several versions may stand side by side. */
  kernels?: boolean;
  /** What is there came with all that it needs, and the sources may not have it any more. Absent: it needs nothing. */
  grown?: (available: readonly PackageRecord[], wants: readonly string[]) => PackageRecord[];
}

/** A small repository in which much depends on much, and a request. */
export function randomRpms(random: Random, shape: RandomShape): RandomRpms {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const names = shape.kernels ? LETTERS.map((one) => (one === 'c' ? 'kernel' : one)) : LETTERS;
  const chance = (share: number): boolean => random() < share;

  const relation = (): string => {
    const name = chance(0.75) ? pick(names) : pick(CAPABILITIES);
    return chance(0.6)
      ? name
      : `${name} ${pick(['=', '>=', '<', '<='])} ${pick(['1', '2', '2-2'])}`;
  };
  const rich = (): string =>
    `(${relation()} ${pick(['or', 'and', 'if', 'or'])} ${chance(0.2) ? rich() : relation()})`;
  const either = (): string => (shape.rich && chance(0.25) ? rich() : relation());
  const some = (most: number, make: () => string): string =>
    Array.from({ length: Math.floor(random() * (most + 1)) }, make).join('\n');

  function record(name: string, version: string, arch: string): PackageRecord {
    const capabilities = some(1.4, () => {
      const capability = pick(CAPABILITIES);
      return chance(0.5) ? capability : `${capability} = ${pick(['1', '2'])}`;
    });
    const relations: Partial<Record<RelationKind, string>> = {
      provides: [`${name} = ${version}`, ...(capabilities === '' ? [] : [capabilities])].join('\n'),
      depends: some(2, either),
    };
    if (chance(0.2)) relations.conflicts = relation();
    if (chance(0.08)) relations.obsoletes = pick(names.filter((other) => other !== name));
    if (shape.weak && chance(0.3)) relations.recommends = either();
    if (shape.weak && chance(0.15)) relations.supplements = either();
    return { name, version, arch, relations };
  }

  const available = names.flatMap((name) => {
    const archs = shape.multilib && chance(0.5) ? ['x86_64', 'i686'] : [pick(['noarch', 'x86_64'])];
    const versions = VERSIONS.filter(() => chance(0.4));
    return (versions.length > 0 ? versions : ['1-1']).flatMap((version) =>
      archs.map((arch) => record(name, version, arch)),
    );
  });
  const wants = names.filter((_, index) => index < 1 || chance(0.15));
  if (shape.grown !== undefined) {
    const installed = shape.grown(
      available.filter(() => chance(0.7)),
      names.filter(() => chance(0.25)),
    );
    const isLeft = (one: PackageRecord): boolean => !installed.includes(one) || chance(0.8);
    return { available: available.filter(isLeft), wants, installed };
  }
  return { available, wants, installed: shape.installed ? installedOf(available, random) : [] };
}

/** Packages that can be there together: taken in turn, if what they need is there and nothing stands against them. */
function installedOf(available: readonly PackageRecord[], random: Random): PackageRecord[] {
  const plain = available.filter(
    ({ relations }) => !relations.depends && !relations.conflicts && !relations.obsoletes,
  );
  const taken = new Set<string>();
  return plain.filter(({ name }) => {
    if (taken.has(name) || random() < 0.4) return false;
    taken.add(name);
    return true;
  });
}
