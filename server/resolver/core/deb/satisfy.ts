import { compareVersions } from '../../../../proto/version.ts';
import type { Pool } from './pool.ts';
import { type DebAlternative, type DebOperator, parseDebRelation } from './relation.ts';

/** What can serve a relation to a name in an architecture. */
export interface Targets {
  /** Versions of the package itself, the highest first. */
  own: readonly number[];
  /** Versions that provide it, in the view's order. */
  provided: readonly number[];
}

/** Finds what serves an alternative; remembers by text. */
export interface Satisfaction {
  /** For a package of an architecture that needs it. */
  positive(alternative: DebAlternative, arch: string): Targets;
  /** What a Conflicts or Breaks hits, in all architectures unless it names one. */
  negative(alternative: DebAlternative): Targets;
}

/** A name and version that a package provides, and where. */
interface Provided {
  arch: string | null;
  version: string;
}

/** The pseudo architecture of `name:any`. */
const ANY = 'any';

/** Over the versions of a pool. */
export function createSatisfaction(pool: Pool): Satisfaction {
  const { view, native } = pool;
  const known = new Map<string, Targets>();
  const providedBy = createProvided(pool);

  function targets({ name, operator, version }: DebAlternative, archs: readonly string[]): Targets {
    const key = `${name} ${operator ?? ''} ${version} ${archs.join()}`;
    let found = known.get(key);
    if (found) return found;
    found = {
      own: own(name, archs, operator, version),
      provided: provided(name, archs)
        .filter((one) => holds(one.version, operator, version))
        .map(({ id }) => id),
    };
    known.set(key, found);
    return found;
  }

  function own(
    name: string,
    archs: readonly string[],
    operator: DebOperator | null,
    wanted: string,
  ): number[] {
    const found: number[] = [];
    for (const pkg of pool.group(name)) {
      if (!archs.includes(pool.arch(pkg))) continue;
      for (const id of pool.versions(pkg))
        if (operator === null || holds(view.version(id), operator, wanted)) found.push(id);
    }
    return found;
  }

  /** By their Provides, and by Multi-Arch: foreign serves every architecture, allowed serves `:any`. */
  function provided(name: string, archs: readonly string[]): { id: number; version: string }[] {
    const found = pool.isMultiArch || archs.includes(ANY) ? implicit(name, archs) : [];
    for (const id of view.providers(name))
      for (const { arch, version } of providedBy(id, name))
        if (arch === null || archs.includes(arch)) found.push({ id, version });
    return found;
  }

  function implicit(name: string, archs: readonly string[]): { id: number; version: string }[] {
    return pool
      .group(name)
      .flatMap((pkg) => pool.versions(pkg))
      .filter((id) => {
        const multiArch = view.universe(id).multiArch(view.index(id));
        if (multiArch === 'allowed') return archs.includes(ANY);
        const arch = pool.arch(pool.packageOf(id));
        return multiArch === 'foreign' && !archs.includes(arch) && view.archs.includes(arch);
      })
      .map((id) => ({ id, version: view.version(id) }));
  }

  return {
    positive(alternative, arch) {
      const { qualifier } = alternative;
      if (qualifier === '') return targets(alternative, [arch]);
      return targets(alternative, [qualifier === 'native' ? native : qualifier]);
    },
    negative(alternative) {
      const { qualifier } = alternative;
      if (qualifier === '' || qualifier === ANY) return targets(alternative, pool.archs);
      return targets(alternative, [qualifier === 'native' ? native : qualifier]);
    },
  };
}

/** What a package provides under a name. `arch` null: in every architecture. */
function createProvided(pool: Pool): (id: number, name: string) => Provided[] {
  const { view } = pool;
  const parsed = new Map<number, DebAlternative[]>();
  const provides = (id: number): DebAlternative[] => {
    const key = view.relationKey(id, 'provides');
    let list = parsed.get(key);
    if (!list) {
      list = parseDebRelation(view.relation(id, 'provides')).flatMap(
        ({ alternatives }) => alternatives,
      );
      parsed.set(key, list);
    }
    return list;
  };
  return (id, name) => {
    const multiArch = view.universe(id).multiArch(view.index(id));
    const arch = view.arch(id) === 'all' ? pool.native : view.arch(id);
    return provides(id)
      .filter((one) => one.name === name)
      .flatMap(({ qualifier, version }): Provided[] => {
        if (qualifier !== '') return [{ arch: qualifier, version }];
        if (multiArch === 'foreign') return [{ arch: null, version }];
        const here = [{ arch, version }];
        return multiArch === 'allowed' ? [...here, { arch: ANY, version }] : here;
      });
  };
}

/** Policy 7.5: what is provided without a version serves no relation with one. */
function holds(actual: string, operator: DebOperator | null, wanted: string): boolean {
  if (operator === null) return true;
  return actual !== '' && comparisons[operator](compareVersions(actual, wanted));
}

const comparisons: Record<DebOperator, (difference: number) => boolean> = {
  '<<': (difference) => difference < 0,
  '<=': (difference) => difference <= 0,
  '=': (difference) => difference === 0,
  '>=': (difference) => difference >= 0,
  '>>': (difference) => difference > 0,
};
