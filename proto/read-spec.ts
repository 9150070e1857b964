import {
  checkTarget,
  documentFault,
  type Locate,
  nowhere,
  refuseKeys,
  requireShape,
} from './document-fault.ts';
import { checkLine, checkPackageLines, requirePackageShapes } from './document-lines.ts';
import { packageWish } from './package-line.ts';
import { policyFaults } from './policy-rules.ts';
import { requirePolicyShapes } from './policy-shapes.ts';
import { type Spec, Spec as SpecSchema, UNSUPPORTED_SPEC_KEYS } from './spec.ts';

/** A spec, checked, from a value that JSON or YAML gave. Throws with the place of the fault, if `locate` knows it. */
export function readSpec(value: unknown, locate: Locate = nowhere): Spec {
  refuseKeys(value, UNSUPPORTED_SPEC_KEYS, 'spec', locate);
  requirePackageShapes(value, 'spec', locate);
  requirePolicyShapes(value, 'spec', locate);
  requireShape(SpecSchema, value, 'spec', locate);
  const { kind: _kind, ...spec } = value as Spec & { kind?: string };
  checkTarget(spec.target, locate);
  for (const [index, app] of (spec.apps ?? []).entries()) checkLine(app, `/apps/${index}`, locate);
  checkPackageLines(spec.packages ?? [], '/packages', locate);
  if (spec.version === 'auto') refuseVersions(spec, locate);
  for (const { at, sentence } of policyFaults(spec))
    throw documentFault('bad-document', sentence, at, locate);
  return spec;
}

/** Under `version: auto` the device picks versions, so a line cannot. */
function refuseVersions({ packages }: Spec, locate: Locate): void {
  const index = (packages ?? []).findIndex((line) => packageWish(line).version !== undefined);
  if (index < 0) return;
  const sentence =
    'under "version: auto" the device picks versions; leave this one out, or put the line into a spec of its own';
  throw documentFault('bad-document', sentence, `/packages/${index}/version`, locate);
}
