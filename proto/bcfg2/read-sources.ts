import type { ReadFile } from './include.ts';
import type { Findings } from './notice.ts';
import { readNewSource } from './read-new-source.ts';
import { readOldSource } from './read-old-source.ts';
import { everywhere, type Scope, within } from './scope.ts';
import type { SourceDefaults, SourceDraft } from './source-draft.ts';
import type { XmlElement } from './xml-tree.ts';

/** The sources below `<Sources>`, of both generations, in the order of the file. The tree was checked. */
export function readSources(root: XmlElement, read: ReadFile, found: Findings): SourceDraft[] {
  const drafts: SourceDraft[] = [];
  const defaults: SourceDefaults = { resolver: true, metadata: true };
  const walk = (element: XmlElement, scope: Scope): void => {
    for (const child of element.children) {
      if (child.name === 'Config') configure(child, defaults);
      else if (child.name === 'Sources') walk(child, scope);
      else if (child.name === 'Group' || child.name === 'Client') {
        const inner = within(scope, child, found);
        if (inner) walk(child, inner);
      } else {
        const draft =
          child.name === 'Source'
            ? readNewSource(child, scope, read, found)
            : readOldSource(child, scope, found);
        if (draft) drafts.push(draft);
      }
    }
  };
  walk(root, everywhere);
  return drafts.map((draft) => ({ ...draft, source: withDefaults(draft.source, defaults) }));
}

function configure(element: XmlElement, defaults: SourceDefaults): void {
  for (const name of ['resolver', 'metadata'] as const)
    if (element.attributes.get(name)?.toLowerCase() === 'disabled') defaults[name] = false;
}

/** No metadata implies that nothing is resolved. */
function withDefaults(
  source: SourceDraft['source'],
  { resolver, metadata }: SourceDefaults,
): SourceDraft['source'] {
  return {
    ...source,
    ...(!metadata && { metadata }),
    ...(!resolver && metadata && { resolver }),
  };
}
