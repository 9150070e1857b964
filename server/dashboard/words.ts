import type { DeviceRow } from '../../proto/messages.ts';
import type { Phase } from '../../proto/reported.ts';

/** How a phase is shown: its tone picks the colour. */
export type Tone = 'good' | 'busy' | 'wait' | 'bad';

export const toneOfPhase: Record<Phase, Tone> = {
  idle: 'good',
  waiting: 'wait',
  downloading: 'busy',
  verified: 'busy',
  applying: 'busy',
  rebooting: 'busy',
  checking: 'busy',
  'rolling-back': 'bad',
  'rolled-back': 'bad',
  failed: 'bad',
  conflict: 'bad',
};

/** The labels that agents find by themselves; the details show them. */
const FACTS = new Set([
  'os',
  'os.like',
  'os.version',
  'os.codename',
  'arch.foreign',
  'libc',
  'libc.version',
  'kernel',
  'hostname',
  'packages',
]);

/** At most `room` labels as `key=value`: those that people gave, then `arch`; facts count among the `hidden` ones. */
export function labelChips(
  labels: Readonly<Record<string, string>>,
  room: number,
): { chips: string[]; hidden: number } {
  const weight = (key: string): number => (key === 'arch' ? 1 : 0);
  const keys = Object.keys(labels);
  const shown = keys
    .filter((key) => !FACTS.has(key))
    .sort((a, b) => weight(a) - weight(b) || a.localeCompare(b))
    .slice(0, room);
  return { chips: shown.map((key) => `${key}=${labels[key]}`), hidden: keys.length - shown.length };
}

/** Why a device does not go on, and when that may end; null where nothing is in its way. `timeText` writes a timestamp. */
export function noteOf(
  row: Pick<DeviceRow, 'phase' | 'reason' | 'retryAt' | 'rebootPending'>,
  timeText: (timestamp: string) => string = (timestamp) => new Date(timestamp).toLocaleString(),
): string | null {
  if (row.reason === null) return row.rebootPending ? 'a reboot is left to a person' : null;
  if (row.retryAt === undefined) return row.reason;
  const end =
    row.phase === 'waiting' ? 'may end' : row.phase === 'rebooting' ? 'until' : 'tries again';
  return `${row.reason}, ${end} ${timeText(row.retryAt)}`;
}

/** What a person wants to know first of a device. */
export function stateOf(row: Pick<DeviceRow, 'phase' | 'converged' | 'problems'>): {
  text: string;
  tone: Tone;
} {
  if (row.phase === 'idle' && row.converged) {
    return row.problems > 0
      ? { text: 'converged', tone: 'wait' }
      : { text: 'converged', tone: 'good' };
  }
  if (row.phase === 'idle') return { text: 'not yet', tone: 'wait' };
  return { text: row.phase, tone: toneOfPhase[row.phase] };
}
