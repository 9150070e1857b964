import type { View } from './view.ts';

/** What locks tell of a package of a view. There is one object for each, however many answers have it. */
export interface ViewPackage {
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  /** The id of the source. */
  readonly source: string;
  readonly size: number;
  readonly installedSize: number;
  /** `name:arch`. */
  readonly key: string;
  /** Texts that were made of it, by what else they depend on; to be filled by whoever makes them. */
  readonly texts: (SharedText | undefined)[];
}

/** A text that many answers have in common. */
export interface SharedText {
  readonly text: string;
  /** The number that it was given last, and by whom; to be filled by whoever numbers texts. */
  number: number;
  numberedBy: object | null;
}

/** A text that nobody numbered yet. */
export function sharedText(text: string): SharedText {
  return { text, number: 0, numberedBy: null };
}

/** The packages of a view by their numbers; each is described once. */
export function createViewPackages(view: View): (id: number) => ViewPackage {
  const known = new Array<ViewPackage | undefined>(view.count + 1).fill(undefined);
  return (id) => {
    const found = known[id] ?? viewPackage(view, id);
    known[id] = found;
    return found;
  };
}

function viewPackage(view: View, id: number): ViewPackage {
  const universe = view.universe(id);
  const index = view.index(id);
  return toViewPackage({
    name: view.name(id),
    version: view.version(id),
    arch: view.arch(id),
    source: view.source(id).id,
    size: universe.size(index),
    installedSize: universe.installedSize(index),
  });
}

/** The object for a package that has no number in a view. */
export function toViewPackage(one: Omit<ViewPackage, 'key' | 'texts'>): ViewPackage {
  const { name, version, arch, source, size, installedSize } = one;
  const key = `${name}:${arch}`;
  return { name, version, arch, source, size, installedSize, key, texts: [] };
}
