import type {
  SpecLockEntry,
  SpecLockView,
  SpecUpdateRow,
  SpecUpdatesView,
} from '../../proto/package-views.ts';
import { problemText } from './device-view.ts';
import { counted, impactLine } from './impact-view.ts';
import { packagesChangeText } from './package-view.ts';
import { labelsText, packetTitle } from './packet-view.ts';
import { bad, dim, good, join, type Span, strong, type Text, warn } from './text.ts';
import { ageOf } from './time.ts';
import { fields, type Lines, lines, type Table, table, type View } from './view.ts';

/** What a spec chose: a row for each kind of device. */
export function specLockView(lock: SpecLockView, now: number): View {
  const head = fields([
    ['spec', strong(lock.spec)],
    ['lock', lock.revision === 0 ? 'none yet' : `${lock.revision} (${lock.cause})`],
    ['for', `revision ${lock.specRevision}`],
    ['made', lock.at === null ? '-' : `${ageOf(lock.at, now)} ago by ${lock.author}`],
    ['updates', lock.updates],
  ]);
  const rows = table(
    [
      { title: 'DEVICES', align: 'right' },
      { title: 'LABELS' },
      { title: 'KIND' },
      { title: 'CHOSEN', keep: true },
    ],
    lock.rows.flatMap((row) => {
      const chosen: [string, Text][] = [
        ...Object.values(row.packets).map((one): [string, Text] => ['packet', packetTitle(one)]),
        ...row.packages.map(({ name, version, arch }): [string, Text] => [
          'package',
          [name, ' ', version ?? dim('auto'), dim(` ${arch}`)],
        ]),
      ];
      return chosen.map(([kind, text], index): Text[] =>
        index === 0
          ? [String(row.devices), labelsText(row.labels), kind, text]
          : ['', '', kind, text],
      );
    }),
    'The spec has chosen nothing.',
  );
  return [head, rows];
}

/** All locks of a spec, newest first. */
export function lockTable(locks: readonly SpecLockEntry[], now: number): Table {
  return table(
    [
      { title: 'LOCK', align: 'right' },
      { title: 'AGE', align: 'right' },
      { title: 'CAUSE' },
      { title: 'BY' },
      { title: 'SPEC REVISION', align: 'right' },
      { title: 'ROWS', align: 'right' },
    ],
    locks.map(({ revision, at, cause, author, specRevision, rows }) => [
      strong(String(revision)),
      ageOf(at, now),
      cause,
      author,
      String(specRevision),
      String(rows),
    ]),
    'The spec has no lock.',
  );
}

/** What a fresh plan would choose otherwise, and what that does to the fleet. */
export function updatesView(updates: SpecUpdatesView): View {
  if (updates.rows.length === 0 && !updates.held) return lines(nothingProposed(updates));
  const rows = table(
    [
      { title: 'DEVICES', align: 'right' },
      { title: 'LABELS', wrap: true },
      { title: 'PACKETS', wrap: true },
      { title: 'PACKAGES', wrap: true },
    ],
    updates.rows.map((row) => [
      String(row.devices),
      labelsText(row.labels),
      packetChanges(row.packets),
      packagesChangeText(row.packages),
    ]),
    '',
  );
  return [...held(updates), rows, impactLine(updates.impact), ...problems(updates)];
}

function held({ spec, held: hold, impact }: SpecUpdatesView): Lines[] {
  if (!hold) return [];
  const lost = `${counted(impact.removals, 'removal')} on ${counted(impact.devicesLosing, 'device')}`;
  const text = ` takes updates by itself, but this one is held: it means ${lost}. Devices keep what they have.`;
  return [{ kind: 'lines', wrap: true, lines: [[warn('! '), strong(spec), text]] }];
}

function nothingProposed({ spec, updates }: SpecUpdatesView): Text {
  if (updates === 'auto') return [strong(spec), ' takes updates by itself (updates: auto).'];
  return [strong(spec), ' has no proposed update: a fresh plan chooses what its lock says.'];
}

function packetChanges(changes: SpecUpdateRow['packets']): Text {
  return changes.length === 0 ? dim('-') : join(packetChangeTexts(changes), ', ');
}

/** A text for each packet that changes. */
export function packetChangeTexts(changes: SpecUpdateRow['packets']): Span[] {
  return changes.map(({ name, from, to }) => {
    if (!from) return good(`+${to ? packetTitle(to) : name}`);
    if (!to) return bad(`-${name}`);
    const [before, after] = [from.labels.version, to.labels.version];
    return warn(`${name} ${before ?? '?'} → ${after ?? '?'}`);
  });
}

function problems({ rows }: SpecUpdatesView): Lines[] {
  const found = new Set(rows.flatMap((row) => row.problems.map(problemText)));
  if (found.size === 0) return [];
  return [{ kind: 'lines', wrap: true, lines: [...found].map((text) => [bad('! '), text]) }];
}

/** What a promotion did, of the update or of an earlier lock, for a person. */
export function promotedNote({ spec, impact }: SpecUpdatesView, lock?: number): string {
  const follow = `${counted(impact.devices, 'device')} will follow.`;
  if (lock === undefined) return `The update of ${spec} is its lock now; ${follow}`;
  return `${spec} has what its lock ${lock} chose again; ${follow}`;
}
