import { addNotice, type Findings } from './notice.ts';
import type { SourceDraft } from './source-draft.ts';
import type { XmlElement } from './xml-tree.ts';

/** The texts of children of a name, in order, each once. */
export function listOf(element: XmlElement, name: string): string[] {
  const texts = element.children.filter((child) => child.name === name).map(({ text }) => text);
  return [...new Set(texts)];
}

/** Where a source is and what it offers. */
interface Place {
  url: string | undefined;
  rawUrl: string | undefined;
  version: string | undefined;
}

/** Address, suite, components, architectures and lists of names: what both generations say alike. */
export function placeOf(
  element: XmlElement,
  { url, rawUrl, version }: Place,
  found: Findings,
): Omit<SourceDraft['source'], 'type'> {
  const components = listOf(element, 'Component');
  if (rawUrl !== undefined && (version !== undefined || components.length > 0))
    addNotice(found, element, 'a raw address has no version and no components; they are left out');
  const archs = listOf(element, 'Arch');
  const include = listOf(element, 'Whitelist');
  const exclude = listOf(element, 'Blacklist');
  return {
    ...(rawUrl !== undefined
      ? { rawUrl: directory(rawUrl) }
      : {
          ...(url !== undefined && { url: directory(url) }),
          ...(version !== undefined && { suite: version }),
          ...(components.length > 0 && { components }),
        }),
    ...(archs.length > 0 && { archs }),
    ...(include.length > 0 && { include }),
    ...(exclude.length > 0 && { exclude }),
  };
}

/** An address of a directory ends with a slash. */
function directory(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}
