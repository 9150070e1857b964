import { JamesError } from '../proto/errors.ts';
import { overlay } from '../proto/labels.ts';
import { deviceIdOf } from './core/device-id.ts';
import { type EnrolWaiting, enrol, type Identity, loadIdentity } from './identity.ts';
import type { OpenDevice, RunParts } from './run-parts.ts';
import { createSavedDesired } from './saved-desired.ts';
import type { StatusFile } from './status-file.ts';
import { enrollingStatus } from './status-of.ts';
import type { HttpClient } from './transports/http-client.ts';

interface Joining {
  http: HttpClient;
  device: OpenDevice;
  status: StatusFile;
}

/**
 * The identity of an earlier run, or a new one, however long that takes; an exit status if `--once` cannot wait for it.
 * Throws `usage` if there is neither an identity nor what it takes to get one.
 */
export async function joinServer(parts: RunParts, joining: Joining): Promise<Identity | number> {
  const { config, files } = parts;
  const known = await loadIdentity(files, config.state);
  if (known && (config.id === null || config.id === known.device)) return known;
  const request = requestOf(parts);
  await joining.device.transactions.recover();
  const result = await enrolOrEnd(parts, joining, request);
  if (typeof result === 'number') return result;
  parts.log.info({ device: result.device }, 'Enrolled.');
  // The server counts revisions of a new identity anew.
  await createSavedDesired({ files, state: config.state, device: result.device }).clear();
  return result;
}

type EnrolRequest = Parameters<typeof enrol>[1];

function requestOf({ config, machineId, facts }: RunParts): EnrolRequest {
  const id = config.id ?? deviceIdOf(machineId);
  if (id === null) throw usage('This machine has no machine id; give the device an id with --id.');
  if (config.joinToken === null)
    throw usage(`The device "${id}" is not enrolled here; give a join token with --join-token.`);
  // Facts go along, so that the first plan is made for this machine already.
  return { id, labels: overlay(facts, config.labels), joinToken: config.joinToken };
}

async function enrolOrEnd(
  parts: RunParts,
  { http, status }: Joining,
  request: EnrolRequest,
): Promise<Identity | number> {
  const { config, clock, pid } = parts;
  const ended = new AbortController();
  let exit: number | null = null;
  const onWaiting = (why: EnrolWaiting): void => {
    status.show(enrollingStatus(why, { device: request.id, pid, now: clock.now() }));
    if (!config.once) return;
    exit = why === 'approval' ? 3 : 1;
    ended.abort(new Error(why));
  };
  const signal = AbortSignal.any([parts.stopping, ended.signal]);
  try {
    return await enrol({ ...parts, http, state: config.state, onWaiting }, request, signal);
  } catch (error) {
    if (exit !== null) return exit;
    throw error;
  }
}

const usage = (sentence: string): JamesError => new JamesError('usage', sentence);
