import { withoutZeroEpoch } from './present-package.ts';
import type { ToolChange, ToolSimulation } from './tool-simulation.ts';

const SECTIONS: Readonly<Record<string, ToolChange['kind']>> = {
  'to-install': 'install',
  'to-upgrade': 'upgrade',
  'to-upgrade-change-arch': 'upgrade',
  'to-change-arch': 'upgrade',
  'to-downgrade': 'downgrade',
  'to-downgrade-change-arch': 'downgrade',
  'to-reinstall': 'reinstall',
  'to-remove': 'remove',
};

/** Reads the `install-summary` of `zypper --xmlout`; null if there is none, as after an error. */
export function parseZypperSummary(text: string): ToolSimulation | null {
  const [, head = '', body = ''] =
    /<install-summary([^>]*)>([\s\S]*?)<\/install-summary>/.exec(text) ?? [];
  if (head === '') return null;
  const changes: ToolChange[] = [];
  for (const [, section = '', content = ''] of body.matchAll(
    /<(to-[a-z-]+)[^>]*>([\s\S]*?)<\/\1>/g,
  )) {
    const kind = SECTIONS[section];
    if (kind === undefined) continue;
    for (const [, attributes = ''] of content.matchAll(/<solvable\b([^>]*)>/g)) {
      const change = changeOf(kind, attributesOf(attributes));
      if (change) changes.push(change);
    }
  }
  const sizes = attributesOf(head);
  return {
    changes,
    downloadBytes: Number(sizes.get('download-size') ?? 0) || 0,
    diskBytes: Number(sizes.get('space-usage-diff') ?? 0) || 0,
  };
}

/** What it says in `message` and problem descriptions, as lines. */
export function zypperMessages(text: string): string[] {
  const found = text.matchAll(
    /<message type="(?:error|warning)">([\s\S]*?)<\/message>|<description>((?:Problem|\d+ Problems?)[\s\S]*?)<\/description>/g,
  );
  return [...found]
    .flatMap(([, message, problem]) => decode(message ?? problem ?? '').split('\n'))
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** What it says it knows no package for, with its sentence. */
export function zypperUnfound(text: string): ReadonlyMap<string, string> {
  const said = zypperMessages(text).map((line) => [
    /^No provider of '(.+)' found\.$/.exec(line)?.[1],
    line,
  ]);
  return new Map(said.flatMap(([word, line = '']) => (word === undefined ? [] : [[word, line]])));
}

function changeOf(
  kind: ToolChange['kind'],
  attributes: ReadonlyMap<string, string>,
): ToolChange | null {
  const [name, edition] = [attributes.get('name'), attributes.get('edition')];
  if (attributes.get('type') !== 'package' || name === undefined || edition === undefined)
    return null;
  const version = withoutZeroEpoch(edition);
  const old = attributes.get('edition-old');
  const goes = kind === 'remove';
  return {
    kind,
    name,
    arch: attributes.get('arch') ?? null,
    from: goes ? version : old === undefined ? null : withoutZeroEpoch(old),
    to: goes ? null : version,
  };
}

function attributesOf(text: string): ReadonlyMap<string, string> {
  const found = text.matchAll(/([a-z-]+)="([^"]*)"/g);
  return new Map([...found].map(([, name = '', value = '']) => [name, decode(value)]));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&amp;': '&',
};

const decode = (text: string): string =>
  text.replace(/&(?:lt|gt|quot|apos|amp);/g, (entity) => ENTITIES[entity] ?? entity);
