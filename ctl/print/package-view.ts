import type {
  PackageOffer,
  PackageRef,
  PackagesChange,
  PlannedPackage,
  ResolveAnswer,
  SourceExplanation,
} from '../../proto/package-views.ts';
import { formatBytes } from '../core/duration.ts';
import { bad, dim, good, join, type Span, strong, type Text, warn } from './text.ts';
import { fields, type Lines, lines, type Table, table, type View } from './view.ts';

/** The packages that a device gets, each with the chain that it is there for. */
export function packageRows(packages: readonly PlannedPackage[], empty: string): Table {
  return table(
    [
      { title: 'PACKAGE', keep: true },
      { title: 'VERSION', keep: true },
      { title: 'ARCH' },
      { title: 'SOURCE' },
      { title: 'SIZE', align: 'right' },
      { title: 'NEEDED BY', wrap: true },
    ],
    packages.map((one) => [
      one.auto ? one.name : strong(one.name),
      one.version ?? dim('auto'),
      one.arch,
      one.source ?? '-',
      formatBytes(one.size),
      neededByText(one),
    ]),
    empty,
  );
}

/** `nginx > libnginx (base)`: from the wanted package down, then the spec. */
function neededByText({ reason: { spec, packets, neededBy } }: PlannedPackage): string {
  const chain = [...packets, ...neededBy].join(' > ');
  const asker = spec ?? (neededBy.length > 0 ? '' : 'essential or asked for here');
  return [chain, chain && asker ? `(${asker})` : asker].filter(Boolean).join(' ');
}

/** Counts and bytes in one sentence. */
export function packageSum(packages: readonly PlannedPackage[]): string {
  const sum = (of: (one: PlannedPackage) => number): number =>
    packages.reduce((total, one) => total + of(one), 0);
  const auto = packages.filter((one) => one.auto).length;
  const what = `${packages.length - auto} wanted, ${auto} with them`;
  return `${what}; ${formatBytes(sum(({ size }) => size))} to download, ${formatBytes(sum(({ installedSize }) => installedSize))} on the device.`;
}

/** The answer of the resolver: its steps if there are any, packages, what is left out and why. */
export function resolveView(answer: ResolveAnswer, debug: boolean): View {
  const { packages, unresolved, type, trace } = answer;
  const rest: View[] = [problemLines(answer), sourceLines(answer)];
  if (!debug) return [packageRows(packages, 'Nothing is to be installed.'), ...rest];
  const names = packages.map(({ name }) => name);
  const result = fields([
    ['packages', names.join(' ') || dim('none')],
    ['unresolved', unresolved.length > 0 ? bad(unresolved.join(' ')) : dim('none')],
    ['type', type ?? dim('none')],
  ]);
  return [{ kind: 'lines', wrap: true, lines: trace }, result, ...rest];
}

function problemLines({ problems }: ResolveAnswer): Lines {
  const texts = problems.flatMap(({ code, name, sentences, hint }): Text[] => [
    [bad('! '), strong(name), `: ${code}`],
    ...sentences.map((sentence): Text => `    ${sentence}`),
    ...(hint === null ? [] : [[dim('    Hint: '), hint] as Text]),
  ]);
  return { kind: 'lines', wrap: true, lines: texts };
}

/** Where no source served, why not; a problem that is about the sources says so itself. */
function sourceLines({ sources, packages, problems }: ResolveAnswer): Lines {
  if (packages.length > 0 || problems.some(({ code }) => code === 'no-source')) return lines();
  return { kind: 'lines', wrap: true, lines: sources.map(sourceLine) };
}

/** Whether a source applies, or what keeps it from the device. */
export function sourceLine({ id, applies, archs, unmet }: SourceExplanation): Text {
  if (!applies) return [dim('✗ '), strong(id), ` does not apply: it ${unmet.join(' and it ')}.`];
  const but = unmet.length > 0 ? `; but it ${unmet.join(' and it ')}` : '';
  const what = archs.length > 0 ? archs.join(', ') : 'packages for any architecture only';
  return [good('✓ '), strong(id), ` applies: ${what}${but}.`];
}

/** The chain from a package up to the spec, one step a line. */
export function whyView(device: string, one: PlannedPackage): Lines {
  const { reason } = one;
  const head: Text = [strong(packageTitle(one)), ` is on ${device}`];
  const from = one.source === null ? '' : ` from source ${one.source}`;
  const steps: Text[] = [...reason.neededBy].reverse().map((name, index): Text => {
    const said =
      index === 0 && reason.relation ? ` (${reason.relation.kind}: ${reason.relation.text})` : '';
    return ['  needed by ', strong(name), dim(said)];
  });
  const packets: Text[] = [...reason.packets]
    .reverse()
    .map((name) => ['  needed by packet ', strong(name)]);
  const end: Text =
    reason.spec === null
      ? '  wanted by nobody: it is essential to the system'
      : ['  wanted by spec ', strong(reason.spec), ` (revision ${reason.revision})`];
  return {
    kind: 'lines',
    wrap: true,
    lines: [[...spans(head), `${from}:`], ...steps, ...packets, end],
  };
}

function spans(text: Text): readonly (string | Span)[] {
  return Array.isArray(text) ? (text as readonly (string | Span)[]) : [text as string | Span];
}

export function packageTitle({ name, version, arch }: PackageRef): string {
  return [name, version ?? '(version picked by the device)', arch].join(' ');
}

/** What sources offer. */
export function offerTable(offers: readonly PackageOffer[], summaries: boolean): Table {
  return table(
    [
      { title: 'PACKAGE', keep: true },
      { title: 'VERSION', keep: true },
      { title: 'ARCH' },
      { title: 'SOURCE' },
      { title: 'PIN', align: 'right' },
      summaries ? { title: 'SUMMARY' } : { title: 'WHY NOT', wrap: true },
    ],
    offers.map((one) => [
      one.chosen ? strong(one.name) : one.name,
      one.version,
      one.arch,
      one.source,
      String(one.priority),
      summaries ? one.summary : one.chosen ? good('would be installed') : (one.why ?? '-'),
    ]),
    'No source offers it.',
  );
}

const SHOWN = 8;

/** What changes among packages, in few words: `+nginx 1.22 ~curl 7 → 8 -vim`. */
export function packagesChangeText(change: PackagesChange): Text {
  const texts = packageChangeTexts(change);
  const more = texts.length - SHOWN;
  if (texts.length === 0) return dim('-');
  return join([...texts.slice(0, SHOWN), ...(more > 0 ? [dim(`and ${more} more`)] : [])], ', ');
}

/** A text for each package that changes. */
export function packageChangeTexts(change: PackagesChange): Span[] {
  const { installs, upgrades, downgrades = [], removals } = change;
  return [
    ...installs.map(({ name, version }) =>
      good(`+${name}${version === null ? '' : ` ${version}`}`),
    ),
    ...upgrades.map(({ from, to }) =>
      warn(`${to.name} ${from.version ?? 'auto'} → ${to.version ?? 'auto'}`),
    ),
    ...downgrades.map(({ from, to }) =>
      bad(`${to.name} ${from.version} → ${to.version} (downgrade)`),
    ),
    ...removals.map(({ name }) => bad(`-${name}`)),
  ];
}
