import type { DeviceView, PlanProblem } from '../../proto/api.ts';
import { formatLabels, type Labels } from '../../proto/labels.ts';
import type { PacketStatus, Phase } from '../../proto/reported.ts';
import { bad, dim, good, type Span, strong, type Text, type Tone, warn } from './text.ts';
import { ageOf, shortTime } from './time.ts';
import { type Column, type Lines, type Table, table } from './view.ts';

const phaseTones: Record<Phase, Tone> = {
  idle: 'plain',
  waiting: 'warn',
  downloading: 'accent',
  verified: 'accent',
  applying: 'accent',
  rebooting: 'accent',
  checking: 'accent',
  'rolling-back': 'warn',
  'rolled-back': 'bad',
  failed: 'bad',
  conflict: 'bad',
};

export const statusTones: Record<PacketStatus, Tone> = {
  installed: 'good',
  missing: 'warn',
  'wrong-version': 'warn',
  modified: 'warn',
  extra: 'warn',
  failed: 'bad',
  manual: 'accent',
};

export const phaseText = (phase: Phase): Span => ({
  text: phase,
  tone: phaseTones[phase] ?? 'plain',
});

/** Where a device stands in a word: `converged`, or its phase, or `behind` if it is idle with something older. */
export function standing(device: Pick<DeviceView, 'converged' | 'phase'>): Span {
  if (device.converged) return good('converged');
  return device.phase === 'idle' ? warn('behind') : phaseText(device.phase);
}

export function onlineText(device: Pick<DeviceView, 'online' | 'transport'>): Text {
  return device.online ? (device.transport ?? 'online') : dim('offline');
}

const columns = (packages: readonly Column[]): Column[] => [
  { title: 'ID', keep: true },
  { title: 'STATE', keep: true },
  { title: 'ONLINE' },
  { title: 'PACKETS' },
  ...packages,
  { title: 'LABELS' },
  { title: 'REVISION', align: 'right', wide: true },
  { title: 'SEEN', align: 'right', wide: true },
  { title: 'AGENT', wide: true },
  { title: 'REASON', wide: true },
  { title: 'FACTS', wide: true },
];

/**
 * Rows of devices. Labels given by people come first, then the architecture; all other facts are for the wide table.
 * `versions` has the versions of packets by id, where they are known. Packages have a column where some device has some.
 */
export function deviceTable(
  devices: readonly DeviceView[],
  versions: ReadonlyMap<string, string>,
  now: number,
): Table {
  const withPackages = devices.some((device) => packagesText(device) !== null);
  return table(
    columns(withPackages ? [{ title: 'PACKAGES' }] : []),
    devices.map((device) => [
      strong(device.id),
      device.state === 'pending' ? warn('pending') : standing(device),
      onlineText(device),
      packetsText(device, versions),
      ...(withPackages ? [packagesText(device) ?? dim('-')] : []),
      labelsText(device),
      device.desired ? String(device.desired.revision) : '-',
      ageOf(device.lastSeenAt, now),
      device.reported?.agent ?? '-',
      reasonOf(device) ?? '-',
      dim(formatLabels(labelsOf(device).facts) || '-'),
    ]),
    'There are no devices. A device joins with: jamesc run --server URL --join-token TOKEN',
  );
}

const MAX_EXPLAINED = 50;

/** Of devices that do not go on by themselves at the moment, why, and until when. */
export function stoppedLines(devices: readonly DeviceView[]): Lines[] {
  const stopped = devices.filter(({ phase, reason }) => isStopped.has(phase) && reason !== null);
  if (stopped.length === 0) return [];
  const shown = stopped
    .slice(0, MAX_EXPLAINED)
    .map(
      (device): Text => [phaseText(device.phase), ' ', strong(device.id), `: ${reasonOf(device)}`],
    );
  const more = stopped.length - shown.length;
  const rest = more > 0 ? [dim(`and ${more} more; device list --phase and -l show fewer`)] : [];
  return [{ kind: 'lines', wrap: true, lines: [...shown, ...rest] }];
}

const isStopped: ReadonlySet<Phase> = new Set(['waiting', 'rolled-back', 'failed', 'conflict']);

/** What is in the way of a device, and how long, if anything is. */
export function reasonOf(device: DeviceView): string | null {
  const problem = device.desired?.problems[0];
  if (device.state === 'pending') return 'its id was claimed again; approve it or let it be';
  if (device.reason !== null)
    return [sentenceOf(device, device.reason), endText(device)].filter(Boolean).join('; ');
  if (device.reported?.rebootPending) return REBOOT_PENDING;
  return problem ? problemText(problem) : null;
}

export const REBOOT_PENDING = 'what it installed asks for a reboot, which is left to a person';

/** The reason in words, with what the device adds to it. */
function sentenceOf({ phase, reported }: DeviceView, reason: string): string {
  if (phase !== 'waiting') return reason;
  const detail = reason === reported?.reason ? reported.detail : undefined;
  const known = waitingReasons[reason];
  if (known === undefined || detail === undefined) return known ?? detail ?? reason;
  return `${known}: ${detail.replace(/\.$/, '')}`;
}

/** When what keeps the device from going on may end, or when it tries again; null where nobody knows. */
export function endText({ phase, reason, reported }: DeviceView): string | null {
  const retryAt = reported?.phase === phase && reported.reason === reason ? reported.retryAt : null;
  if (retryAt === null) return null;
  if (phase === 'waiting') return `may end at ${shortTime(retryAt)}`;
  return `${phase === 'rebooting' ? 'until' : 'tries again at'} ${shortTime(retryAt)}`;
}

/** The reasons of the phase `waiting`, with what to do. */
const waitingReasons: Readonly<Record<string, string>> = {
  report: 'waits for its first report',
  window: 'waits for its window',
  blackout: 'waits until its days without changes are over',
  approval: 'waits for an approval',
  inhibited: 'is inhibited',
  removal: 'waits until its removals are approved: jamesd-ctl device approve-removal',
  source: 'waits for a source',
};

export const problemText = ({ code, name, detail }: PlanProblem): string =>
  `${name}: ${detail} (${code})`;

function packetsText({ reported }: DeviceView, versions: ReadonlyMap<string, string>): Text {
  const packets = reported?.packets ?? [];
  if (packets.length === 0) return dim('-');
  return packets.flatMap(({ name, id, status }, index): (string | Span)[] => {
    const title = [name, versions.get(id ?? '')].filter(Boolean).join(' ');
    const tone = statusTones[status] ?? 'plain';
    const text = status === 'installed' ? title : { text: `${title} (${status})`, tone };
    return [index === 0 ? '' : ', ', text];
  });
}

/** How many packages are as wanted, and how many are not; null where the device has none to report. */
function packagesText({ reported }: DeviceView): Text | null {
  const { installed, wrong } = reported?.packages ?? { installed: 0, wrong: [] };
  if (installed + wrong.length === 0) return null;
  return wrong.length === 0 ? String(installed) : [`${installed} `, bad(`${wrong.length} wrong`)];
}

function labelsText(device: DeviceView): Text {
  const { given, arch } = labelsOf(device);
  const before = Object.keys(given).length > 0 && Object.keys(arch).length > 0 ? ',' : '';
  return [formatLabels(given), dim(`${before}${formatLabels(arch)}`)];
}

/** The labels of a device, split: given by people, the architecture if it is a fact, other facts. */
function labelsOf({
  labels,
  labelSources,
}: DeviceView): Record<'given' | 'arch' | 'facts', Labels> {
  const given: Record<string, string> = {};
  const arch: Record<string, string> = {};
  const facts: Record<string, string> = {};
  for (const [key, value] of Object.entries(labels)) {
    const isGiven = (['config', 'join', 'operator'] as const).some((source) =>
      Object.hasOwn(labelSources[source], key),
    );
    (isGiven ? given : key === 'arch' ? arch : facts)[key] = value;
  }
  return { given, arch, facts };
}
