import { canonicalJson } from '../canonical-json.ts';
import { digestOf } from '../digest.ts';
import { JamesError, type Position } from '../errors.ts';
import type { Source } from '../source.ts';
import { describe } from '../yaml.ts';
import type { Findings } from './notice.ts';
import { targetOf, wordsOf } from './scope.ts';
import type { SourceDraft } from './source-draft.ts';

/** A source with its id, and where it comes from. */
export interface IdentifiedSource {
  source: Source;
  position: Position;
}

/**
 * The sources with ids, sorted by them. An id follows from type, groups, address, version and architectures alone, so
 * that importing again, and in another order, gives the same; components count only where two sources have all that in
 * common. Sources that say the same are one; two that differ in more than that are an error.
 */
export function withIds(drafts: readonly SourceDraft[], found: Findings): IdentifiedSource[] {
  const shared = new Map<string, SourceDraft[]>();
  for (const draft of drafts) {
    const key = keyOf(draft, false);
    const namesakes = shared.get(key) ?? [];
    if (!namesakes.some((other) => textOf(other) === textOf(draft)))
      shared.set(key, [...namesakes, draft]);
  }
  const sources = new Map<string, IdentifiedSource>();
  for (const namesakes of shared.values()) {
    for (const draft of namesakes) {
      const id = idOf(draft, namesakes.length > 1);
      const { type, ...rest } = draft.source;
      const source = { id, type, target: targetOf(draft.scope), ...rest };
      const { position } = draft;
      if (sources.has(id)) found.errors.push(standsTwice(position));
      else sources.set(id, { source, position });
    }
  }
  return [...sources.values()].sort((a, b) => (a.source.id < b.source.id ? -1 : 1));
}

function standsTwice(position: Position): JamesError {
  const sentence = `${describe(position)}: a source with these groups, this address, version, architecture and components stands here already, and says otherwise.`;
  return new JamesError('bad-document', sentence, { position });
}

function idOf(draft: SourceDraft, withComponents: boolean): string {
  const key = keyOf(draft, withComponents);
  const digest = digestOf(key).slice('sha256:'.length, 'sha256:'.length + 8);
  const slug = slugOf(draft).slice(0, 100);
  return slug === '' ? digest : `${slug}-${digest}`;
}

/** What a person can tell it by: the group (or host), what is in it, the architecture if it is one. */
function slugOf({ scope, source }: SourceDraft): string {
  const { rawUrl, url, suite, archs = [] } = source;
  const [group = hostOf(url ?? rawUrl ?? '')] = wordsOf(scope);
  const what = rawUrl?.split('/').filter(Boolean).at(-1) ?? suite ?? '';
  const words = [group, group.endsWith(what) ? '' : what, archs.length === 1 ? archs[0] : ''];
  return words
    .filter(Boolean)
    .join('-')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '');
}

/** What tells a source from others. No user and no password is part of it. */
function keyOf({ scope, source }: SourceDraft, withComponents: boolean): string {
  const { type, url, rawUrl, suite, archs = [], components = [] } = source;
  const address = withoutUser(url ?? rawUrl ?? '');
  const parts = [type, wordsOf(scope), address, rawUrl !== undefined, suite ?? null];
  const more = withComponents ? [[...components].sort()] : [];
  return canonicalJson([...parts, [...archs].sort(), ...more]);
}

function textOf({ scope, source }: SourceDraft): string {
  return canonicalJson({ ...source, target: targetOf(scope) });
}

const withoutUser = (url: string): string => url.replace(/^([a-z]+:\/\/)[^/]*@/i, '$1');

function hostOf(url: string): string {
  return /^[a-z]+:\/\/(?:[^/]*@)?([^/:]+)/i.exec(url)?.[1] ?? 'local';
}
