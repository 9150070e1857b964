import type { AedesOptions, Client, ConnectPacket } from 'aedes';
import type { Clock } from '../proto/clock.ts';
import { isDeviceId, RESERVED_DEVICE_ID } from '../proto/ids.ts';
import type { Admission } from './admission.ts';
import type { BusHooks, Identity } from './bus.ts';
import { may } from './core/access-rules.ts';
import type { Counters } from './counters.ts';
import type { BrokerLimits } from './limits.ts';
import type { QuietLog } from './quiet-log.ts';
import { type Session, sessionOf } from './session.ts';

/** Return codes of CONNACK (MQTT 3.1.1, table 3.1). */
const IDENTIFIER_REJECTED = 2;
const SERVER_UNAVAILABLE = 3;
const BAD_CREDENTIALS = 4;
const NOT_AUTHORIZED = 5;

type AuthenticateHandler = NonNullable<AedesOptions['authenticate']>;
type Answer = Parameters<AuthenticateHandler>[3];
type PreConnectHandler = NonNullable<AedesOptions['preConnect']>;

export interface AuthenticateOptions {
  hooks: Pick<BusHooks, 'authenticate'>;
  admission: Admission;
  limits: BrokerLimits;
  clock: Clock;
  counters: Counters;
  log: QuietLog;
  /** CONNECT has arrived on this connection. */
  spoke(session: Session): void;
}

export interface Authenticate {
  preConnect: PreConnectHandler;
  authenticate: AuthenticateHandler;
}

/**
 * Who may connect. Client ids are bound to credentials: a device's is its device id, an operator's lives in a space of
 * its token, so that nobody can take over the connection of another [MQTT-3.1.4-2]. Every session is a clean one: what
 * a client must not miss is retained, and a session that outlives its connection would gather messages without bound.
 */
export function createAuthenticate(options: AuthenticateOptions): Authenticate {
  const { admission, limits, counters } = options;
  return {
    preConnect(client, packet, proceed) {
      const session = sessionOf(client);
      options.spoke(session);
      readConnect(session, packet, limits);
      proceed(null, true);
    },
    authenticate(client, username, password, answer) {
      const session = sessionOf(client);
      const code = refusal(session, username, password);
      if (code !== null) return refuse(answer, code);
      const admitted = admission.apply({
        address: session.address,
        gone: () => client.closed,
        admit: () => void prove(options, session, { username, password }, answer),
        refuse: () => refuseBusy(),
      });
      if (!admitted) refuseBusy();

      function refuseBusy(): void {
        counters.connectsRefused++;
        options.log.warn(
          'admission',
          { address: session.address },
          'Too many connects at once; refused one.',
        );
        refuse(answer, SERVER_UNAVAILABLE);
      }
    },
  };
}

/** Notes what is checked later, and makes of the packet what the broker will keep to. */
function readConnect(session: Session, packet: ConnectPacket, limits: BrokerLimits): void {
  session.clientId = packet.clientId;
  session.willTopic = packet.will?.topic ?? null;
  // a client without an id must ask for a clean session [MQTT-3.1.3-8]
  session.malformed = packet.clientId === '' && packet.clean === false;
  packet.clean = true;
  // wills that are allowed say what the server sees by itself
  delete packet.will;
  // the server may end a connection that it deems inactive, whatever the keep-alive (section 3.1.2.10)
  const { keepalive = 0 } = packet;
  packet.keepalive =
    keepalive === 0 ? limits.keepaliveSeconds : Math.min(keepalive, limits.keepaliveSeconds);
}

/** The return code for what is wrong before any secret is looked at, or null. */
function refusal(session: Session, username?: string, password?: Uint8Array): number | null {
  if (session.malformed) return IDENTIFIER_REJECTED;
  if (username === undefined || password === undefined) return BAD_CREDENTIALS;
  if (username === RESERVED_DEVICE_ID) return null;
  return isDeviceId(username) && username === session.clientId ? null : IDENTIFIER_REJECTED;
}

interface Credentials {
  username: Readonly<string | undefined>;
  password: Readonly<Buffer | undefined>;
}

async function prove(
  options: AuthenticateOptions,
  session: Session,
  { username = '', password = Buffer.alloc(0) }: Credentials,
  answer: Answer,
): Promise<void> {
  let identity: Identity | null;
  try {
    const asked = options.hooks.authenticate(session.clientId, username, password);
    identity = await withTimeLimit(asked, options.limits.authenticateMs, options.clock);
  } catch (error) {
    options.log.warn(
      'authenticate',
      { client: session.clientId, error },
      'Could not check credentials.',
    );
    return refuse(answer, SERVER_UNAVAILABLE);
  }
  if (!identity || !fits(identity, session, username)) {
    options.counters.denied++;
    return refuse(answer, NOT_AUTHORIZED);
  }
  session.identity = identity;
  if (identity.kind === 'operator') renameOperator(session.client, identity.token);
  answer(null, true);
}

/** The identity is the one that was claimed, and may leave the will that it brought. */
function fits(identity: Identity, session: Session, username: string): boolean {
  const claimed =
    identity.kind === 'operator'
      ? username === RESERVED_DEVICE_ID
      : username === identity.device && session.clientId === identity.device;
  return claimed && (session.willTopic === null || may(identity, 'will', session.willTopic));
}

/** A slash stands in no device id, so this is never a device's; and no other token's. */
function renameOperator(client: Client, token: string): void {
  (client as { id: string }).id = `token/${token}/${client.id}`;
}

function refuse(answer: Answer, returnCode: number): void {
  answer(
    Object.assign(new Error(`connect refused with code ${returnCode}`), { returnCode }),
    false,
  );
}

async function withTimeLimit<T>(work: Promise<T>, ms: number, clock: Clock): Promise<T> {
  let cancel = (): void => {};
  const late = new Promise<never>((_resolve, reject) => {
    cancel = clock.after(ms, () => reject(new Error(`no answer within ${ms} ms`)));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    cancel();
  }
}
