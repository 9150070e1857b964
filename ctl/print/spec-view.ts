import type { MergedSpec } from '../../proto/api.ts';
import type { SpecView } from '../../proto/document-views.ts';
import { formatLabels } from '../../proto/labels.ts';
import { formatSelector } from '../../proto/selector.ts';
import type { App } from '../../proto/spec.ts';
import { packageLineText } from './packet-view.ts';
import { policyText } from './policy-view.ts';
import { strong } from './text.ts';
import { ageOf } from './time.ts';
import { type Table, table, type View } from './view.ts';

/** `logger 1.0.0`, `shell >=2 <3`, `tool (ring=canary)`. */
export function appText({ name, labels = {}, version }: App): string {
  const { version: exact, ...others } = labels;
  const rest = formatLabels(others);
  return [name, exact ?? version, rest && `(${rest})`].filter(Boolean).join(' ');
}

export function specTable(specs: readonly SpecView[], now: number): Table {
  return table(
    [
      { title: 'ID', keep: true },
      { title: 'TARGET', wrap: true },
      { title: 'APPS', wrap: true },
      { title: 'PACKAGES', wrap: true },
      {
        title: 'PRIORITY',
        align: 'right',
        wide: specs.every(({ priority = 0 }) => priority === 0),
      },
      { title: 'REVISION', align: 'right' },
      { title: 'CHANGED', align: 'right' },
      { title: 'BY', wide: true },
      { title: 'MESSAGE', wide: true },
    ],
    specs.map((spec) => [
      strong(spec.id),
      formatSelector(spec.target) || 'all devices',
      (spec.apps ?? []).map(appText).join(', ') || '-',
      (spec.packages ?? []).map(packageLineText).join(', ') || '-',
      String(spec.priority ?? 0),
      String(spec.revision),
      ageOf(spec.updatedAt, now),
      spec.author,
      spec.message ?? '-',
    ]),
    'There are no specs. Write one and say: jamesd-ctl apply -f FILE',
  );
}

/** The specs that apply to a labelset, merged. */
export function mergedSpecView(spec: MergedSpec | null): View {
  const apps = spec?.apps ?? [];
  const packages = spec?.packages?.wants ?? [];
  const policy = spec?.policy ?? [];
  return table(
    [
      { title: 'NAME' },
      { title: 'KIND' },
      { title: 'WANTED' },
      { title: 'SPEC' },
      { title: 'PRIORITY', align: 'right' },
    ],
    [
      ...apps.map((app) => [
        strong(app.name),
        'app',
        [app.version, app.labels && formatLabels(app.labels)].filter(Boolean).join(' ') || 'any',
        app.spec,
        String(app.priority),
      ]),
      ...packages.map(({ name, arch, version, spec: by }) => [
        strong(arch === undefined ? name : `${name}:${arch}`),
        'package',
        version ?? 'any',
        by,
        '-',
      ]),
      ...policy.map(({ field, value, specs, priority }) => [
        strong(field),
        'policy',
        policyText(value),
        specs.join(', '),
        String(priority),
      ]),
    ],
    spec === null ? 'No spec applies to these labels.' : 'The specs that apply want nothing.',
  );
}
