import { isTrue } from './check-xml.ts';
import { pathOf, type ReadFile } from './include.ts';
import { addNotice, type Findings } from './notice.ts';
import type { Scope } from './scope.ts';
import type { SourceDraft } from './source-draft.ts';
import { placeOf } from './source-parts.ts';
import type { XmlElement } from './xml-tree.ts';

/** A `<Source>` of `Packages/sources.xml`; null, with a notice, for kinds that there are not here. */
export function readNewSource(
  element: XmlElement,
  scope: Scope,
  read: ReadFile,
  found: Findings,
): SourceDraft | null {
  const attribute = (name: string): string | undefined => element.attributes.get(name);
  const type = attribute('type') ?? '';
  if (type !== 'apt' && type !== 'yum') {
    addNotice(found, element, `sources of type ${type} are not supported; it is left out`);
    return null;
  }
  if (attribute('pulp_id') !== undefined) {
    addNotice(found, element, 'a Pulp server is not asked; give the address. It is left out');
    return null;
  }
  const place = {
    url: attribute('url'),
    rawUrl: attribute('rawurl'),
    version: attribute('version'),
  };
  const signedBy = keysOf(element, read, found);
  const options = optionsOf(element, type, found);
  return {
    scope,
    position: element.position,
    source: {
      type,
      ...placeOf(element, place, found),
      ...(isTrue(attribute('recommended')) && { recommended: true }),
      ...(attribute('essential') !== undefined &&
        !isTrue(attribute('essential')) && { essential: false }),
      ...(isTrue(attribute('debsrc')) && { debsrc: true }),
      ...(signedBy !== '' && { signedBy }),
      ...(Object.keys(options).length > 0 && { options }),
    },
  };
}

/** The keys that stand in files of the folder; what is elsewhere is not fetched. */
function keysOf(element: XmlElement, read: ReadFile, found: Findings): string {
  const texts = element.children
    .filter(({ name }) => name === 'GPGKey')
    .map((child) => {
      const path = pathOf(child.text, child.position.file ?? '');
      const text = path === null ? undefined : read(path);
      if (text === undefined)
        addNotice(
          found,
          child,
          'the key is no file of this folder; fetch it and give it as signedBy',
        );
      return text ?? '';
    });
  return texts.filter((text) => text !== '').join('\n');
}

/** Options for clients; Bcfg2 gives them to yum alone. */
function optionsOf(element: XmlElement, type: string, found: Findings): Record<string, string> {
  const options: Record<string, string> = {};
  for (const child of element.children.filter(({ name }) => name === 'Options')) {
    if (type !== 'yum') addNotice(found, child, 'options are for yum alone and left out');
    else if (isTrue(child.attributes.get('serveronly')))
      addNotice(found, child, 'options for the server alone are left out');
    else
      for (const [name, value] of child.attributes)
        if (name !== 'serveronly' && name !== 'clientonly') options[name] = value;
  }
  return options;
}
