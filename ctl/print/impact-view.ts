import type { Impact } from '../../proto/api.ts';
import type { ApplyResult, ChangeKind } from '../../proto/document-views.ts';
import { problemText } from './device-view.ts';
import { packagesChangeText } from './package-view.ts';
import { labelsText, packetTitle } from './packet-view.ts';
import { policyChangeText } from './policy-view.ts';
import {
  bad,
  dim,
  good,
  join,
  paint,
  type Span,
  strong,
  type Text,
  type Tone,
  warn,
} from './text.ts';
import { type Column, type Lines, lines, type Table, table, type View } from './view.ts';

const changeTones: Record<ChangeKind, Tone> = {
  created: 'good',
  updated: 'warn',
  unchanged: 'dim',
  deleted: 'bad',
};

/** What happened or would happen to each document. */
export function changesTable({ results }: ApplyResult): Table {
  return table(
    [
      { title: 'KIND' },
      { title: 'ID' },
      { title: 'CHANGE' },
      { title: 'REVISION', align: 'right' },
    ],
    results.map(({ kind, id, change, revision }) => [
      kind,
      strong(id),
      { text: change, tone: changeTones[change] },
      revision === null ? '-' : String(revision),
    ]),
    'Nothing was given.',
  );
}

/** The impact in one sentence: `12 devices change: 12 upgrades, 3 removals.` */
export function impactSentence(impact: Impact): Text {
  if (impact.devices === 0) return dim('No device changes.');
  const counts: Span[] = [];
  if (impact.installs > 0) counts.push(good(counted(impact.installs, 'install')));
  if (impact.upgrades > 0) counts.push(warn(counted(impact.upgrades, 'upgrade')));
  const { installs, upgrades, downgrades = 0 } = impact.packages;
  if (installs > 0) counts.push(good(counted(installs, 'package install')));
  if (upgrades > 0) counts.push(warn(counted(upgrades, 'package upgrade')));
  if (downgrades > 0) counts.push(bad(counted(downgrades, 'package downgrade')));
  if (impact.removals > 0) counts.push(bad(counted(impact.removals, 'removal')));
  const what = counts.length > 0 ? [': ', ...asList(join(counts, ', '))] : [];
  const sources = impact.otherSources
    ? ` ${counted(impact.otherSources, 'device')} ${impact.otherSources === 1 ? 'gets' : 'get'} other sources.`
    : '';
  const policy = impact.otherPolicy
    ? ` ${counted(impact.otherPolicy, 'device')} ${impact.otherPolicy === 1 ? 'gets' : 'get'} another policy.`
    : '';
  const emptied =
    impact.devicesEmptied > 0
      ? [' ', bad(`${counted(impact.devicesEmptied, 'device')} would have nothing left.`)]
      : [];
  return [
    `${counted(impact.devices, 'device')} ${impact.devices === 1 ? 'changes' : 'change'}`,
    ...what,
    '.',
    sources,
    policy,
    ...emptied,
  ];
}

/** The same as a view. */
export const impactLine = (impact: Impact): Lines => ({
  ...lines(impactSentence(impact)),
  wrap: true,
});

/** A row per labelset that changes. */
export function impactTable(impact: Impact): Table {
  return withoutEmptyColumns(
    [
      { title: 'DEVICES', align: 'right' },
      { title: 'LABELS', wrap: true },
      { title: 'INSTALLS', wrap: true },
      { title: 'UPGRADES', wrap: true },
      { title: 'REMOVALS', wrap: true },
      { title: 'PACKAGES', wrap: true },
      { title: 'POLICY', wrap: true },
      { title: 'PROBLEMS' },
    ],
    impact.labelsets.map((row) => [
      String(row.devices),
      labelsText(row.labels),
      listed(row.installs.map((packet) => good(packetTitle(packet)))),
      listed(row.upgrades.map(({ from, to }) => warn(upgradeText(from.labels, to)))),
      listed(row.removals.map((packet) => bad(packetTitle(packet)))),
      packagesChangeText(row.packages),
      listed((row.policy ?? []).map((change) => warn(policyChangeText(change)))),
      listed(row.problems.map((problem) => bad(`${problem.name}: ${problem.code}`))),
    ]),
    'No device changes.',
  );
}

/** Kinds of change that no labelset has take no room. */
function withoutEmptyColumns(
  columns: readonly Column[],
  rows: Table['rows'],
  empty: string,
): Table {
  const kept = columns.flatMap((_, index) =>
    rows.some((row) => paint(row[index] ?? '', false) !== '-') ? [index] : [],
  );
  const pick = <Item>(items: readonly Item[]): Item[] =>
    kept.flatMap((index) => {
      const item = items[index];
      return item === undefined ? [] : [item];
    });
  return table(pick(columns), rows.map(pick), empty);
}

/** Table, sentence, and the problems in full. */
export function impactView(impact: Impact): View {
  const problems = new Set(impact.labelsets.flatMap((row) => row.problems.map(problemText)));
  const shown: Lines[] =
    problems.size > 0
      ? [{ kind: 'lines', wrap: true, lines: [...problems].map((text): Text => [bad('! '), text]) }]
      : [];
  return [impactTable(impact), impactLine(impact), ...shown];
}

function upgradeText(
  before: Readonly<Record<string, string>>,
  to: { name: string; labels: Readonly<Record<string, string>> },
): string {
  const [from, into] = [before.version, to.labels.version];
  if (from === into) return packetTitle(to);
  return `${to.name} ${from ?? '?'} → ${into ?? '?'}`;
}

function listed(spans: readonly Span[]): Text {
  return spans.length === 0 ? dim('-') : join(spans, ', ');
}

function asList(text: Text): readonly (string | Span)[] {
  return Array.isArray(text) ? (text as readonly (string | Span)[]) : [text as string | Span];
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
