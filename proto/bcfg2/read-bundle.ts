import type { Position } from '../errors.ts';
import type { PackageType, PackageWish } from '../package-line.ts';
import { isTrue } from './check-xml.ts';
import { addError, addNotice, type Findings } from './notice.ts';
import { everywhere, type Scope, within } from './scope.ts';
import type { XmlElement } from './xml-tree.ts';

/** A package that a bundle names. */
export interface PackageDraft {
  scope: Scope;
  position: Position;
  line: PackageWish;
  /** As it is said; null: not at all. */
  priority: number | null;
  /** The device's package manager is to pick the version. */
  auto: boolean;
}

/** The packages of a bundle, in the order of the file. The tree was checked. */
export function readBundle(root: XmlElement, found: Findings): PackageDraft[] {
  const drafts: PackageDraft[] = [];
  const walk = (element: XmlElement, scope: Scope): void => {
    for (const child of element.children) {
      if (child.uri !== '') continue;
      if (child.name === 'Group' || child.name === 'Client') {
        const inner = within(scope, child, found);
        if (inner) walk(child, inner);
      } else if (child.name === 'Package') drafts.push(ofPackage(child, scope, found));
      else if (child.name === 'BoundPackage') drafts.push(...ofBoundPackage(child, scope, found));
    }
  };
  walk(root, everywhere);
  return drafts;
}

/** `<Package group="web">` is the group of yum's comps that `@web` names. */
function ofPackage(element: XmlElement, scope: Scope, found: Findings): PackageDraft {
  const group = element.attributes.get('group');
  if (group !== undefined && element.attributes.get('type') !== undefined)
    addNotice(found, element, 'of a group the package manager takes what is mandatory and default');
  const line: PackageWish = { name: nameOf(element), ...(group !== undefined && { type: 'rpm' }) };
  return {
    scope,
    position: element.position,
    line: { ...line, ...flagsOf(element) },
    priority: null,
    auto: false,
  };
}

const types: Readonly<Record<string, PackageType>> = {
  yum: 'rpm',
  rpm: 'rpm',
  apt: 'deb',
  deb: 'deb',
};

function ofBoundPackage(element: XmlElement, scope: Scope, found: Findings): PackageDraft[] {
  const said = element.attributes.get('type')?.toLowerCase();
  const type = said === undefined || !Object.hasOwn(types, said) ? undefined : types[said];
  if (said !== undefined && type === undefined) {
    addNotice(found, element, `packages of type ${said} are not supported; it is left out`);
    return [];
  }
  const instances = element.children.filter(({ name }) => name === 'Instance');
  return (instances.length > 0 ? instances : [element]).map((instance) => {
    const version = versionOf(instance) ?? versionOf(element);
    const arch = instance.attributes.get('arch');
    const line: PackageWish = {
      name: nameOf(element),
      ...(version !== undefined && version !== 'auto' && { version }),
      ...(type !== undefined && { type }),
      ...(arch !== undefined && { arch }),
      ...flagsOf(element),
      ...flagsOf(instance),
    };
    const priority = priorityOf(element, found);
    return { scope, position: element.position, line, priority, auto: version === 'auto' };
  });
}

function nameOf({ attributes }: XmlElement): string {
  return attributes.get('name') ?? `@${attributes.get('group') ?? ''}`;
}

/** Epoch, version and release as package managers write them; `any` asks for none, `auto` leaves it to the device. */
function versionOf({ attributes }: XmlElement): string | undefined {
  const version = attributes.get('version');
  if (version === undefined || version === 'any') return undefined;
  if (version === 'auto') return version;
  const [epoch, release] = [attributes.get('epoch'), attributes.get('release')];
  return `${epoch === undefined ? '' : `${epoch}:`}${version}${release === undefined ? '' : `-${release}`}`;
}

function flagsOf({ attributes }: XmlElement): Partial<PackageWish> {
  const off = (name: string): boolean => attributes.has(name) && !isTrue(attributes.get(name));
  const recommended = attributes.get('recommended');
  return {
    ...((off('verify') || off('pkg_checks')) && { verify: false }),
    ...(recommended !== undefined && { recommended: isTrue(recommended) }),
  };
}

function priorityOf(element: XmlElement, found: Findings): number | null {
  const text = element.attributes.get('priority');
  if (text === undefined) return null;
  if (/^-?\d{1,6}$/.test(text)) return Number(text);
  addError(found, element, 'the attribute "priority" must be a whole number');
  return null;
}
