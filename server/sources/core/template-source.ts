import type { DesiredSource } from '../../../proto/desired-source.ts';
import type { Selector } from '../../../proto/selector.ts';

/** A source as a template sees it. */
export interface TemplateSource {
  id: string;
  type: string;
  /** Where the repository begins, with a slash at its end; without credentials. */
  url: string;
  /** The suite, under both names; '' where there is none. */
  version: string;
  suite: string;
  /** The names of the groups that a device must be in: `g` for the line `group.g: {exists: true}` of `target`. */
  groups: readonly string[];
  components: readonly string[];
  archs: readonly string[];
  /** Every index: the address with its component and architecture, '' where the layout has none. */
  urls: readonly { url: string; component: string; arch: string }[];
  flat: boolean;
  debsrc: boolean;
  trusted: boolean;
  priority: number;
  include: readonly string[];
  exclude: readonly string[];
  options: Readonly<Record<string, string>>;
}

const GROUP = 'group.';

/** What a template sees of a source whose `target` is given. */
export function templateSource(source: DesiredSource, target: Selector): TemplateSource {
  const { id, type, base, suite, components, archs, urls } = source;
  const { flat, debsrc, trusted, priority, include, exclude, options } = source;
  return {
    ...{ id, type, url: base, version: suite ?? '', suite: suite ?? '' },
    groups: groupsOf(target),
    ...{ components, archs },
    urls: urls.map(({ url, component, arch }) => ({
      ...{ url, component: component ?? '', arch: arch ?? '' },
    })),
    ...{ flat, debsrc, trusted, priority, include, exclude, options },
  };
}

function groupsOf(target: Selector): string[] {
  return Object.entries(target)
    .filter(([key, wanted]) => key.startsWith(GROUP) && mustExist(wanted))
    .map(([key]) => key.slice(GROUP.length));
}

function mustExist(wanted: Selector[string]): boolean {
  return typeof wanted === 'object' && 'exists' in wanted && wanted.exists === true;
}
