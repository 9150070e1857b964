import { digestOf } from '../../proto/digest.ts';
import { type Labels, labelsKey } from '../../proto/labels.ts';

/**
 * Every key of the store is built here. Ids hold no "/", so parts cannot run into each other. Numbers are padded so
 * that their order is the keys' order.
 *
 *   meta/epoch                     the identity of the store's lineage, and its format version
 *   packet/ID                      a packet's record; packet-name/NAME/LABELSDIGEST -> its id (name and labels are unique)
 *   spec/ID                        the current spec; gone when deleted
 *   revision/spec/ID/N             every revision of a spec; the last one tells that it is deleted
 *   generation/N                   what changed from one state of the configuration to the next
 *   device/ID                      identity: secret, join and operator labels, state
 *   reported/ID                    what the device said last
 *   seen/ID                        when the device was last heard of, if that was not by a report
 *   desired/ID                     the device's point in its sequence of desired states, and the body's key
 *   body/DIGEST                    the computed part of a desired document, shared
 *   token/ID                       an operator's or a join token
 *   event/N                        events
 */
export const keys = {
  epoch: 'meta/epoch',
  packet: (id: string) => `packet/${id}`,
  packetName: (name: string, labels: Labels) =>
    `packet-name/${name}/${digestOf(labelsKey(labels))}`,
  spec: (id: string) => `spec/${id}`,
  specRevision: (id: string, revision: number) => `revision/spec/${id}/${padded(revision)}`,
  specRevisions: (id: string) => `revision/spec/${id}/`,
  generation: (generation: number) => `generation/${padded(generation)}`,
  device: (id: string) => `device/${id}`,
  reported: (id: string) => `reported/${id}`,
  seen: (id: string) => `seen/${id}`,
  desired: (id: string) => `desired/${id}`,
  body: (digest: string) => `body/${digest}`,
  token: (id: string) => `token/${id}`,
  event: (sequence: number) => `event/${padded(sequence)}`,
} as const;

/** The prefixes of all keys of a kind. */
export const prefixes = {
  packet: 'packet/',
  spec: 'spec/',
  generation: 'generation/',
  device: 'device/',
  reported: 'reported/',
  seen: 'seen/',
  desired: 'desired/',
  body: 'body/',
  token: 'token/',
  event: 'event/',
} as const;

/** The last part of a key: the id or number. */
export function lastPart(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

function padded(number: number): string {
  return String(number).padStart(15, '0');
}
