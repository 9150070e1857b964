import type { DeviceView } from '../../proto/api.ts';
import type { ReportedPacket } from '../../proto/reported.ts';
import {
  endText,
  onlineText,
  phaseText,
  problemText,
  REBOOT_PENDING,
  standing,
  statusTones,
} from './device-view.ts';
import { bad, dim, type Span, strong, type Text, warn } from './text.ts';
import { ageOf } from './time.ts';
import { fields, type Lines, type Table, table, type View } from './view.ts';

/** A device in full; `titles` names packets by id where they are known. */
export function deviceDetails(
  device: DeviceView,
  titles: ReadonlyMap<string, string>,
  now: number,
): View {
  const head = fields([
    ['id', strong(device.id)],
    [
      'state',
      device.state === 'pending' ? warn('pending: its id was claimed again') : standing(device),
    ],
    ['phase', phaseField(device)],
    ...(device.reported?.rebootPending ? [['reboot', warn(REBOOT_PENDING)] as const] : []),
    [
      'online',
      [...asSpans(onlineText(device)), device.since ? dim(` for ${ageOf(device.since, now)}`) : ''],
    ],
    ['desired', device.desired ? `revision ${device.desired.revision}` : 'not planned yet'],
    ['installed', installedText(device)],
    ...packagesField(device),
    ['enrolled', `${ageOf(device.enrolledAt, now)} ago`],
    ['last seen', device.lastSeenAt === null ? 'never' : `${ageOf(device.lastSeenAt, now)} ago`],
    ['agent', device.reported?.agent ?? '-'],
  ]);
  return [
    head,
    labelTable(device),
    packetRows(device.reported?.packets ?? [], titles),
    ...wrongPackages(device),
    ...problemLines(device),
  ];
}

/** The phase with its reason, what the device adds to it, and when it may end. */
function phaseField(device: DeviceView): Text {
  const { phase, reason, reported } = device;
  const detail = reason !== null && reason === reported?.reason ? reported.detail : undefined;
  const said = detail === reason ? undefined : detail?.replace(/\.$/, '');
  const more = [reason, said, endText(device)].filter(Boolean);
  return [phaseText(phase), dim(more.length > 0 ? ` (${more.join('; ')})` : '')];
}

/** Every label with where it comes from; one that a later source overrides is shown as such. */
export function labelTable({
  labels,
  labelSources,
}: Pick<DeviceView, 'labels' | 'labelSources'>): Table {
  const sources = ['facts', 'config', 'join', 'operator'] as const;
  const rows = Object.keys(labels)
    .sort()
    .map((key): Text[] => {
      const from = sources.filter((source) => Object.hasOwn(labelSources[source], key));
      const winner = from.at(-1);
      const beaten = from
        .filter((source) => labelSources[source][key] !== labels[key])
        .map((source) => `${source}: ${labelSources[source][key]}`);
      return [strong(key), labels[key] ?? '', winner ?? '-', dim(beaten.join(', '))];
    });
  return table(
    [{ title: 'LABEL' }, { title: 'VALUE' }, { title: 'FROM' }, { title: 'INSTEAD OF' }],
    rows,
    'The device has no labels.',
  );
}

function packetRows(
  packets: readonly ReportedPacket[],
  titles: ReadonlyMap<string, string>,
): Table {
  return table(
    [{ title: 'PACKET' }, { title: 'STATUS' }, { title: 'ERROR' }],
    packets.map(({ name, id, status, error }) => [
      strong(titles.get(id ?? '') ?? name),
      { text: status, tone: statusTones[status] ?? 'plain' },
      error ?? '',
    ]),
    '',
  );
}

/** Nothing where the device has no packages to report. */
function packagesField({ reported }: DeviceView): (readonly [string, Text])[] {
  const packages = reported?.packages;
  if (!packages || packages.installed + packages.wrong.length === 0) return [];
  const wrong = packages.wrong.length;
  const right = `${packages.installed} as wanted`;
  return [['packages', wrong === 0 ? right : [right, ', ', bad(`${wrong} not`)]]];
}

function wrongPackages({ reported }: DeviceView): Table[] {
  const wrong = reported?.packages.wrong ?? [];
  if (wrong.length === 0) return [];
  return [
    table(
      [{ title: 'PACKAGE' }, { title: 'STATUS' }, { title: 'ERROR' }],
      wrong.map(({ name, status, error }) => [
        strong(name),
        { text: status, tone: statusTones[status] ?? 'plain' },
        error ?? '',
      ]),
      '',
    ),
  ];
}

function problemLines(device: DeviceView): Lines[] {
  const problems = device.desired?.problems ?? [];
  if (problems.length === 0) return [];
  return [
    {
      kind: 'lines',
      wrap: true,
      lines: [
        strong('Problems of its plan'),
        ...problems.map((problem) => [bad('! '), problemText(problem)]),
      ],
    },
  ];
}

function installedText({ reported }: DeviceView): string {
  if (!reported) return 'nothing reported yet';
  return reported.installed ? `revision ${reported.installed.revision}` : 'nothing';
}

function asSpans(text: Text): (string | Span)[] {
  return typeof text === 'string' || 'tone' in text ? [text as string | Span] : [...text];
}
