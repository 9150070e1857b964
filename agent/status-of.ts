import type { Standing } from './core/report.ts';
import type { EnrolWaiting } from './identity.ts';
import type { Status } from './status-file.ts';
import type { LinkState } from './transports/transport.ts';

interface About {
  device: string;
  pid: number;
  /** Wall-clock time in ms. */
  now: number;
}

/** The status of an agent that has an identity. */
export function statusOf(
  standing: Standing,
  link: LinkState | null,
  { device, pid, now }: About,
): Omit<Status, 'schema'> {
  const { phase, reason, retryAt, seen, installed } = standing;
  return {
    device,
    pid,
    at: new Date(now).toISOString(),
    phase,
    reason,
    retryAt: retryAt === null ? null : new Date(retryAt).toISOString(),
    transport: link?.kind === 'connected' ? link.transport : null,
    seen,
    installed,
    packets: [...standing.packets],
  };
}

/** The status of an agent that waits for its identity. */
export function enrollingStatus(
  why: EnrolWaiting,
  { device, pid, now }: About,
): Omit<Status, 'schema'> {
  return {
    device,
    pid,
    at: new Date(now).toISOString(),
    phase: 'waiting',
    reason: why === 'approval' ? 'approval' : `enrolment: ${why}`,
    retryAt: null,
    transport: null,
    seen: null,
    installed: null,
    packets: [],
  };
}
