import { canonicalJson } from '../../proto/canonical-json.ts';
import type { MergedField, PolicyChange } from '../../proto/merged-policy.ts';
import { bad, dim, strong, type Text } from './text.ts';
import type { Lines } from './view.ts';

/** A value of a policy: a word as it is, anything else as JSON; `none` where nothing is said. */
export function policyText(value: unknown): string {
  if (value === null) return 'none';
  return typeof value === 'string' ? value : canonicalJson(value);
}

/** `drift: report → repair`; what is long is only named. */
export function policyChangeText({ field, from, to }: PolicyChange): string {
  const long = [from, to].some((value) => typeof value === 'object' && value !== null);
  if (!long) return `${field}: ${policyText(from)} → ${policyText(to)}`;
  return from === null ? `+${field}` : to === null ? `-${field}` : `other ${field}`;
}

/** What holds on a device, a line per field with the specs that say so; nothing where none says anything. */
export function policyLines(fields: readonly MergedField[]): Lines[] {
  if (fields.length === 0) return [];
  const shown = fields.map(({ field, value, specs, priority, conflict }): Text => {
    const by = `${specs.join(', ')}, priority ${priority}`;
    return [
      conflict ? bad('! ') : '  ',
      strong(field),
      `: ${policyText(value)} `,
      dim(conflict ? `(${by}, which contradict each other)` : `(${by})`),
    ];
  });
  return [{ kind: 'lines', wrap: true, lines: ['How the device goes about it:', ...shown] }];
}
