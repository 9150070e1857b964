import { digestOf } from '../../proto/digest.ts';
import type { Kind } from '../../proto/document.ts';
import { type Labels, labelsKey } from '../../proto/labels.ts';

/**
 * Every key of the store is built here. Ids hold no "/", so parts cannot run into each other. Numbers are padded so
 * that their order is the keys' order.
 *
 *   meta/epoch                     the identity of the store's lineage, and its format version
 *   packet/ID                      a packet's record; packet-name/NAME/LABELSDIGEST -> its id (name and labels are unique)
 *   spec/ID, source/ID             the current document of a kind; gone when deleted
 *   revision/KIND/ID/N             every revision of a document; the last one tells that it is deleted
 *   secret/NAME                    user and password for sources
 *   generation/N                   what changed from one state of the configuration to the next
 *   device/ID                      identity: secret, join and operator labels, state
 *   reported/ID                    what the device said last
 *   seen/ID                        when the device was last heard of, if that was not by a report
 *   desired/ID                     the device's point in its sequence of desired states, and the body's key
 *   body/DIGEST                    the computed part of a desired document, shared
 *   lock/DIGEST                    the packages of devices, shared: the numbers of their lines
 *   lock-line/N                    a package as it stands in locks, shared
 *   spec-lock/ID/N                 every lock of a spec: which row has which choice
 *   choice/DIGEST                  what a spec chose for a row of its lock, shared
 *   hold/ID                        the renewal of a spec waits for a person, and why
 *   token/ID                       an operator's or a join token
 *   event/N                        events
 */
export const keys = {
  epoch: 'meta/epoch',
  packet: (id: string) => `packet/${id}`,
  packetName: (name: string, labels: Labels) =>
    `packet-name/${name}/${digestOf(labelsKey(labels))}`,
  document: (kind: Kind, id: string) => `${documentPrefixes[kind]}${id}`,
  revision: (kind: Kind, id: string, revision: number) =>
    `revision/${documentPrefixes[kind]}${id}/${padded(revision)}`,
  revisions: (kind: Kind, id: string) => `revision/${documentPrefixes[kind]}${id}/`,
  secret: (name: string) => `secret/${name}`,
  generation: (generation: number) => `generation/${padded(generation)}`,
  device: (id: string) => `device/${id}`,
  reported: (id: string) => `reported/${id}`,
  seen: (id: string) => `seen/${id}`,
  desired: (id: string) => `desired/${id}`,
  body: (digest: string) => `body/${digest}`,
  lock: (digest: string) => `lock/${digest}`,
  lockLine: (number: number) => `lock-line/${padded(number)}`,
  specLock: (id: string, revision: number) => `spec-lock/${id}/${padded(revision)}`,
  specLocks: (id: string) => `spec-lock/${id}/`,
  choice: (digest: string) => `choice/${digest}`,
  hold: (spec: string) => `hold/${spec}`,
  token: (id: string) => `token/${id}`,
  event: (sequence: number) => `event/${padded(sequence)}`,
} as const;

/** The prefixes of the current documents of each kind. */
export const documentPrefixes: Record<Kind, string> = { Spec: 'spec/', Source: 'source/' };

/** The prefixes of all keys of a kind. */
export const prefixes = {
  packet: 'packet/',
  secret: 'secret/',
  generation: 'generation/',
  device: 'device/',
  reported: 'reported/',
  seen: 'seen/',
  desired: 'desired/',
  body: 'body/',
  lock: 'lock/',
  lockLine: 'lock-line/',
  specLock: 'spec-lock/',
  choice: 'choice/',
  hold: 'hold/',
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
