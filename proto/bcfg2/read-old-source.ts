import { isTrue } from './check-xml.ts';
import type { Findings } from './notice.ts';
import { checkGroup, inGroup, type Scope } from './scope.ts';
import type { SourceDraft } from './source-draft.ts';
import { listOf, placeOf } from './source-parts.ts';
import type { XmlElement } from './xml-tree.ts';

/** An `<APTSource>` or `<YUMSource>` of `Packages/config.xml`; a device must be in every `<Group>` of it. */
export function readOldSource(
  element: XmlElement,
  around: Scope,
  found: Findings,
): SourceDraft | null {
  let scope: Scope | null = around;
  for (const child of element.children.filter(({ name }) => name === 'Group')) {
    checkGroup(child.text, child, found);
    scope = scope && inGroup(scope, child.text, true);
  }
  if (!scope) return null;
  const one = (name: string): string | undefined => listOf(element, name)[0];
  const place = { url: one('URL'), rawUrl: one('RawURL'), version: one('Version') };
  return {
    scope,
    position: element.position,
    source: {
      type: element.name === 'APTSource' ? 'apt' : 'yum',
      ...placeOf(element, place, found),
      ...(isTrue(one('Recommended')) && { recommended: true }),
    },
  };
}
