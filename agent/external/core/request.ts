import { DRIVER_PROTOCOL, type Verb } from './verbs.ts';

/** A packet as drivers see it. */
export interface DriverPacket {
  name: string;
  id: string;
  /** Its label `version`; empty if it has none. */
  version: string;
}

/** What a driver reads from its standard input: one JSON object. */
export interface DriverRequest {
  protocol: typeof DRIVER_PROTOCOL;
  verb: Verb;
  /** Null for `list`, as are `action` and `packet`. */
  transaction: string | null;
  action: 'install' | 'upgrade' | 'remove' | null;
  /** The packet that comes; at a removal the one that goes. */
  packet: DriverPacket | null;
  /** The packet that was installed before; null if there was none. */
  old: DriverPacket | null;
  /** A directory with the content of the packet; null where there is none. */
  payload: string | null;
  /** A directory for the driver alone. */
  state: string;
  root: string;
  timeoutMs: number;
}

/** What is known of a step: as in the journal. */
export interface RequestedStep {
  kind: 'install' | 'upgrade' | 'remove';
  name: string;
  from: string | null;
  to: string | null;
  oldVersion: string;
  newVersion: string;
}

export interface RequestPlace {
  payload: string | null;
  state: string;
  root: string;
  timeoutMs: number;
}

/** The request of a verb; `about` is null for `list`. */
export function requestOf(
  verb: Verb,
  about: { transaction: string; step: RequestedStep } | null,
  place: RequestPlace,
): DriverRequest {
  const none = { transaction: null, action: null, packet: null, old: null };
  return { protocol: DRIVER_PROTOCOL, verb, ...(about === null ? none : aboutOf(about)), ...place };
}

function aboutOf({ transaction, step }: { transaction: string; step: RequestedStep }) {
  const { kind, name, from, to, oldVersion, newVersion } = step;
  const old = from === null ? null : { name, id: from, version: oldVersion };
  const packet = to === null ? old : { name, id: to, version: newVersion };
  return { transaction, action: kind, packet, old };
}

/** The request once more, as variables of the environment: for drivers that are shell scripts. Empty for what is null. */
export const variablesOf = (request: DriverRequest): Record<string, string> => ({
  JAMESD_PROTOCOL: String(request.protocol),
  JAMESD_VERB: request.verb,
  JAMESD_TRANSACTION: request.transaction ?? '',
  JAMESD_ACTION: request.action ?? '',
  JAMESD_PACKET: request.packet?.name ?? '',
  JAMESD_PACKET_ID: request.packet?.id ?? '',
  JAMESD_OLD_ID: request.old?.id ?? '',
  JAMESD_OLD_VERSION: request.old?.version ?? '',
  JAMESD_NEW_VERSION: request.action === 'remove' ? '' : (request.packet?.version ?? ''),
  JAMESD_PAYLOAD: request.payload ?? '',
  JAMESD_STATE: request.state,
  JAMESD_ROOT: request.root,
});
