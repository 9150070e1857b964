import type { Impact } from '../../proto/api.ts';
import { JamesError } from '../../proto/errors.ts';
import { needsConfirmation } from '../core/impact.ts';

/** What goes unconfirmed, and what was confirmed. */
export interface Confirmation {
  /** All devices that are enrolled. */
  devices: number;
  /** Up to this percentage of all devices may lose packets unconfirmed. */
  percent: number;
  /** The number of removals that a person confirmed. */
  confirmed: number | undefined;
}

/**
 * Refuses a change by a person that removes too much: `removals-unconfirmed` with the numbers, until it is repeated
 * with exactly that number of removals.
 */
export function refuseUnconfirmed(
  impact: Impact,
  { devices, percent, confirmed }: Confirmation,
): void {
  const { removals, devicesLosing, devicesEmptied } = impact;
  if (confirmed === removals || !needsConfirmation(impact, devices, percent)) return;
  const emptied =
    devicesEmptied > 0 ? ` and leave ${count(devicesEmptied, 'device')} with nothing` : '';
  const wrong = confirmed === undefined ? '' : `, not ${confirmed}`;
  throw new JamesError(
    'removals-unconfirmed',
    `This would take ${count(removals, impact.packages.removals > 0 ? 'package' : 'packet')} without a successor from ${count(devicesLosing, 'device')} of ${devices}${emptied}. If that is meant, repeat it and confirm ${count(removals, 'removal')}${wrong}: --confirm-removals ${removals}, or ?confirmRemovals=${removals}.`,
    { members: { removals, devices: devicesLosing } },
  );
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
