import {
  checkTarget,
  documentFault,
  type Locate,
  nowhere,
  requireShape,
} from './document-fault.ts';
import { type Source, Source as SourceSchema } from './source.ts';
import { sourceRules } from './source-rules.ts';

/**
 * A source, checked, from a value that JSON or YAML gave; `version` comes out as `suite`. Throws with the place of the
 * fault, if `locate` knows it. No sentence repeats an address, for it may hold a password.
 */
export function readSource(value: unknown, locate: Locate = nowhere): Source {
  requireShape(SourceSchema, value, 'source', locate);
  const written = value as Source & { kind: 'Source'; version?: string };
  for (const rule of sourceRules) {
    const fault = rule(written);
    if (fault) throw documentFault('bad-document', `source: ${fault.sentence}`, fault.at, locate);
  }
  checkTarget(written.target, locate);
  const { kind: _kind, version, ...source } = written;
  return version === undefined ? source : { ...source, suite: version };
}
