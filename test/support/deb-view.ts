import type { Request, Resolution } from '../../server/resolver/core/resolution.ts';
import { resolve } from '../../server/resolver/core/resolve.ts';
import type { Universe } from '../../server/resolver/core/universe.ts';
import { createUniverseBuilder } from '../../server/resolver/core/universe-builder.ts';
import { createView, type View, type ViewSource } from '../../server/resolver/core/view.ts';
import { readDebPackages } from '../../server/sources/core/deb-packages.ts';

/**
 * A universe of packages in short: stanzas apart by an empty line, each `name version [arch]` and then fields as they stand
 * in Packages. The architecture is amd64 if none is said.
 */
export function debUniverse(text: string): Universe {
  const builder = createUniverseBuilder('deb');
  const stanzas = text
    .trim()
    .split(/\n\s*\n/)
    .filter((stanza) => stanza.trim() !== '')
    .map(toStanza);
  readDebPackages(new TextEncoder().encode(stanzas.join('\n\n')), builder.add);
  return builder.build();
}

function toStanza(stanza: string): string {
  const [head = '', ...fields] = stanza.split('\n').map((line) => line.trim());
  const [name, version = '1', arch = 'amd64'] = head.split(/\s+/);
  const lines = [`Package: ${name}`, `Version: ${version}`, `Architecture: ${arch}`];
  return [...lines, 'Priority: optional', ...fields].join('\n');
}

/** A source of one universe, given in short. */
export function debSource(text: string, options: Partial<ViewSource> = {}): ViewSource {
  return {
    ...{ id: 'main', universes: [debUniverse(text)], priority: 500 },
    ...{ recommended: false, essential: true, include: [], exclude: [] },
    ...{ onlyIndependent: false, notAutomatic: false, butAutomaticUpgrades: false },
    ...options,
  };
}

/** A view of sources; a text is a source of its own. */
export function debView(
  sources: string | readonly ViewSource[],
  archs: readonly string[] = ['amd64'],
): View {
  const list = typeof sources === 'string' ? [debSource(sources)] : sources;
  return createView({ family: 'deb', archs, sources: list });
}

export const plainRequest: Request = {
  wants: [],
  policy: 'apt',
  recommends: null,
  essential: false,
  installed: [],
  locked: new Map(),
  prerequisites: true,
  downgrade: false,
  remove: false,
  upgrade: 'needed',
};

/** Asks for names (`name`, `name=version`, `name:arch`), with changes to a plain request. */
export function ask(
  view: View,
  names: string | readonly string[],
  changes: Partial<Request> = {},
): Resolution {
  const list = typeof names === 'string' ? names.split(' ').filter(Boolean) : names;
  const wants = list.map((word) => {
    const [named = '', version] = word.split('=');
    const [name = '', arch] = named.split(':');
    return { name, ...(arch && { arch }), ...(version && { version }) };
  });
  return resolve(view, { ...plainRequest, wants, ...changes });
}

/** What comes, as `name=version`, with the architecture where it is not the first; removals as `-name`. */
export function outcome(answer: Resolution, native = 'amd64'): string {
  const shown = (name: string, arch: string): string =>
    arch === native || arch === 'all' ? name : `${name}:${arch}`;
  const came = answer.packages.map(({ name, arch, version }) => `${shown(name, arch)}=${version}`);
  const went = answer.removed.map(({ name, arch }) => `-${shown(name, arch)}`);
  return [...came, ...went].join(' ');
}
