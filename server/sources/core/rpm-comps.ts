import type { PackageRecord } from '../../resolver/core/universe.ts';
import { childrenOf, childText, readXml, type XmlElement } from './read-xml.ts';

/**
 * Reads a comps.xml: each group and environment becomes a record that is no package of its own. Its name is `@` and the
 * group's id; what is mandatory is in `depends`, what comes by default in `recommends`, what is optional in `suggests`; a
 * conditional package is recommended if the one that it is for is there. An environment depends on its groups.
 */
export function readRpmComps(text: string): PackageRecord[] {
  const root = readXml(text, 'comps.xml');
  return [
    ...childrenOf(root, 'group').map((group) => recordOf(group, membersOf(group))),
    ...childrenOf(root, 'environment').map((one) => recordOf(one, groupsOf(one))),
  ].filter(({ name }) => name !== '@');
}

interface Members {
  depends: string[];
  recommends: string[];
  suggests: string[];
}

function recordOf(element: XmlElement, members: Members): PackageRecord {
  const relations: PackageRecord['relations'] = {};
  for (const kind of ['depends', 'recommends', 'suggests'] as const)
    if (members[kind].length > 0) relations[kind] = members[kind].join('\n');
  return {
    name: `@${childText(element, 'id')}`,
    version: '0',
    arch: 'noarch',
    relations,
    summary: childText(element, 'name'),
  };
}

function membersOf(group: XmlElement): Members {
  const members: Members = { depends: [], recommends: [], suggests: [] };
  for (const one of childrenOf(childrenOf(group, 'packagelist')[0], 'packagereq')) {
    const name = one.text.trim();
    const { type, requires } = one.attributes;
    if (name === '' || /\s/.test(name)) continue;
    if (type === 'mandatory') members.depends.push(name);
    else if (type === 'optional') members.suggests.push(name);
    else if (type === 'conditional' && requires)
      members.recommends.push(`(${name} if ${requires})`);
    else members.recommends.push(name);
  }
  return members;
}

function groupsOf(environment: XmlElement): Members {
  const ids = (list: string): string[] =>
    childrenOf(childrenOf(environment, list)[0], 'groupid').map((one) => `@${one.text.trim()}`);
  return { depends: ids('grouplist'), recommends: [], suggests: ids('optionlist') };
}
