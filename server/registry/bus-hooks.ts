import type { TSchema } from 'typebox';
import type { BusHooks, BusMessage, Identity } from '../../broker/bus.ts';
import { compiledCheck } from '../../proto/check.ts';
import { JamesError } from '../../proto/errors.ts';
import { RESERVED_DEVICE_ID } from '../../proto/ids.ts';
import { LogLines, Progress } from '../../proto/messages.ts';
import { parseTopic } from '../../proto/topics.ts';
import { parseMessage } from './parse-report.ts';
import type { Registry } from './registry.ts';

interface Parts {
  registry: Registry;
  /** What a token is, or null. Throws `token-expired`. */
  verifyToken: (token: string) => { id: string; kind: 'operator' | 'join' } | null;
}

const checks = {
  progress: compiledCheck(Progress satisfies TSchema),
  log: compiledCheck(LogLines satisfies TSchema),
};

/** What the bus asks and tells the server: who connects, what they say, that they left. */
export function createBusHooks({ registry, verifyToken }: Parts): BusHooks {
  return {
    async authenticate(clientId, username, password) {
      if (username === RESERVED_DEVICE_ID) {
        return operatorOf(Buffer.from(password).toString('utf8'));
      }
      if (clientId !== username || !registry.isSecret(username, password)) return null;
      return { kind: 'device', device: username };
    },
    async received(identity, message) {
      try {
        await take(registry, identity, message);
      } catch (error) {
        throw mayBeDropped(error) ? error : new Error('the message was not kept', { cause: error });
      }
    },
    connected(identity) {
      if (identity.kind === 'device') registry.presence.connected(identity.device);
    },
    disconnected(identity, _clientId, replaced) {
      if (identity.kind === 'device') registry.presence.disconnected(identity.device, replaced);
    },
  };

  function operatorOf(text: string): Identity | null {
    try {
      const token = verifyToken(text);
      return token?.kind === 'operator' ? { kind: 'operator', token: token.id } : null;
    } catch (error) {
      if (error instanceof JamesError && error.code === 'token-expired') return null;
      throw error;
    }
  }
}

/** Dropping is for messages that will never be good; one that came at a bad moment is to be sent again. */
function mayBeDropped(error: unknown): boolean {
  return error instanceof JamesError && !error.retryable;
}

async function take(registry: Registry, identity: Identity, message: BusMessage): Promise<void> {
  const topic = parseTopic(message.topic);
  if (identity.kind !== 'device' || topic?.kind !== 'device' || topic.device !== identity.device) {
    throw new JamesError('forbidden', 'A device speaks on its own topics only; operators on none.');
  }
  switch (topic.channel) {
    case 'reported':
      await registry.reports.received(topic.device, message.payload);
      return;
    case 'progress':
    case 'log':
      return passOn(registry, topic.device, topic.channel, message.payload);
    case 'desired':
    case 'presence':
      throw new JamesError('forbidden', `Only the server speaks on "${topic.channel}".`);
  }
}

/** These are not kept; whoever subscribed gets them if they are what they should be. */
function passOn(
  registry: Registry,
  device: string,
  channel: 'progress' | 'log',
  payload: Uint8Array,
): void {
  try {
    if (checks[channel](parseMessage(payload).value)) return;
    throw new JamesError('bad-message', `The message on "${channel}" is not of its schema.`);
  } catch (error) {
    registry.refusals.note(device, error as Error);
    throw error;
  }
}
