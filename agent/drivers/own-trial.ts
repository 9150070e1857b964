import { parseDuration } from '../../proto/duration.ts';
import { HEALTH_DEFAULTS as SPEC_DEFAULTS } from '../../proto/health.ts';
import { onHost } from '../core/device-path.ts';
import { HEALTH_DEFAULTS, type Manifest } from '../core/manifest.ts';
import type { Operation } from '../core/operation.ts';
import type { Device } from './device.ts';

/** Beside what health may take: to end, to start, and to reach the server. */
const TRIAL_SECONDS = 300;

/** An agent that was replaced must reach the server: tries of 30 s, the last one two minutes or more after the first. */
export const SERVER_REACHABLE = {
  checks: [{ server: 'reachable' as const }],
  timeout: '30s',
  retries: 24,
  interval: '5s',
};

/** Whether the program of the running agent is among the files that are put in place. */
export function replacesAgent(
  { program, root }: Pick<Device, 'program' | 'root'>,
  operations: readonly Pick<Operation, 'kind' | 'path'>[],
): boolean {
  if (program === null) return false;
  return operations.some(({ kind, path }) => kind === 'put' && onHost(root, path) === program.path);
}

/** Before the agent's own program is replaced: keeps it, and lets the launcher watch over the new one. */
export async function beginTrial(
  device: Device,
  operations: readonly Pick<Operation, 'kind' | 'path'>[],
  asked: {
    health: { timeout?: string; retries?: number; interval?: string } | null;
    packets: readonly Pick<Manifest, 'health'>[];
  },
): Promise<void> {
  if (device.program === null || !replacesAgent(device, operations)) return;
  const { timeout, retries, interval } = { ...SPEC_DEFAULTS, ...asked.health };
  const ofSpecs = (retries + 1) * (parseDuration(timeout) + parseDuration(interval));
  const ofPackets = asked.packets.map(({ health = HEALTH_DEFAULTS }) => longest(health));
  const healthMs = Math.max(asked.health === null ? 0 : ofSpecs, ...ofPackets);
  await device.trial.begin(device.program.path, TRIAL_SECONDS + Math.ceil(healthMs / 1000));
}

const longest = (tries: { retries: number; timeoutMs: number; intervalMs: number }): number =>
  (tries.retries + 1) * (tries.timeoutMs + tries.intervalMs);

/** A transaction has ended: nothing is on trial. Where another program stands now than the one that runs, the agent restarts. */
export async function endTrial(device: Device): Promise<void> {
  const wasOnTrial = await device.trial.end();
  if (wasOnTrial && device.program?.isReplaced()) await device.restart('agent');
}
