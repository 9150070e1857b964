import { type Fact, fits, type Term } from './validate-facts.ts';

/** What a package offers under a name. */
interface Offer {
  arch: string;
  version: string;
  /** Provided: not the package's own name. */
  isProvided: boolean;
  /** Serves every architecture. */
  isForeign: boolean;
}

/** The rules of Debian policy 7 and of dpkg's Multi-Arch, between two packages of a view. */
export interface Rules {
  /** Whether a package meets a term of what a package of an architecture needs. */
  serves(other: Fact, term: Term, arch: string): boolean;
  /** Whether a package is one that the other excludes by a term. */
  isHit(other: Fact, term: Term, one: Fact): boolean;
  /** Whether two packages of one name can be there together. */
  areInStep(one: Fact, other: Fact): boolean;
}

/** `archs`: those of the view. */
export function createRules(archs: readonly string[]): Rules {
  const isForeign = ({ multiArch, arch }: Fact): boolean =>
    multiArch === 'foreign' && archs.includes(arch);

  function someOffer(fact: Fact, term: Term, holds: (offer: Offer) => boolean): boolean {
    const own = { arch: fact.arch, version: fact.version };
    const isOwn = fact.name === term.name && fits(fact.version, term);
    if (isOwn && holds({ ...own, isProvided: false, isForeign: isForeign(fact) })) return true;
    return fact.provides.some(
      ({ name, arch, version }) =>
        name === term.name &&
        fits(version, term) &&
        holds({
          ...{ version, isProvided: true, arch: arch === '' ? fact.arch : arch },
          isForeign: arch === '' && isForeign(fact),
        }),
    );
  }

  return {
    serves: (other, term, arch) =>
      someOffer(other, term, (offer) => {
        if (term.arch === '') return offer.isForeign || offer.arch === arch;
        if (term.arch === 'any') return other.multiArch === 'allowed';
        return offer.isForeign || offer.arch === term.arch;
      }),
    // Policy 7.4: no package excludes itself, or what packages of its own name provide.
    isHit: (other, term, one) =>
      other.id !== one.id &&
      someOffer(other, term, (offer) => {
        const isAnyArch = term.arch === '' || term.arch === 'any';
        if (!isAnyArch && offer.arch !== term.arch && !offer.isForeign) return false;
        return !(other.name === one.name && (offer.isProvided || one.multiArch === 'same'));
      }),
    areInStep: (one, other) =>
      one.arch !== other.arch &&
      one.multiArch === 'same' &&
      other.multiArch === 'same' &&
      one.version === other.version,
  };
}
