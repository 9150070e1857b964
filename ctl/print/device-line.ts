import type { DeviceView } from '../../proto/api.ts';
import { canonicalJson } from '../../proto/canonical-json.ts';
import { onlineText, reasonOf, standing } from './device-view.ts';
import { dim, type Span, spansOf, strong, type Text } from './text.ts';
import { widthOf } from './width.ts';

/** What of a device makes a change worth a line: not when it was last heard of. */
export function deviceState({
  phase,
  reason,
  converged,
  online,
  transport,
  desired,
  reported,
  labels,
  state,
}: DeviceView): string {
  return canonicalJson({
    state,
    phase,
    reason,
    converged,
    online,
    transport,
    revision: desired?.revision ?? null,
    problems: desired?.problems ?? [],
    packets: reported?.packets ?? [],
    ...(phase === 'waiting' && { until: reported?.retryAt ?? null }),
    rebootPending: reported?.rebootPending === true,
    labels,
  });
}

/** A device in one line of a stream. `now` in ms since 1970. */
export function deviceLine(device: DeviceView, now: number): Text {
  const packets = (device.reported?.packets ?? []).map(({ name, status }) =>
    status === 'installed' ? name : `${name} (${status})`,
  );
  const reason = reasonOf(device);
  return [
    dim(new Date(now).toISOString().slice(11, 19)),
    '  ',
    ...padded(strong(device.id), 20),
    ...padded(standing(device), 12),
    ...padded(onlineText(device), 8),
    ...padded(dim(device.desired ? `r${device.desired.revision}` : '-'), 5),
    packets.join(', ') || dim('nothing'),
    ...(reason === null ? [] : [dim(`  ${reason}`)]),
  ];
}

function padded(text: Text, width: number): Span[] {
  const blank = ' '.repeat(Math.max(width - widthOf(text), 0) + 2);
  return [...spansOf(text), { text: blank, tone: 'plain' }];
}
