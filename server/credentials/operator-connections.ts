import type { Bus, BusHooks } from '../../broker/bus.ts';
import type { Clock } from '../../proto/clock.ts';
import type { Log } from '../../proto/log.ts';
import type { Tokens } from './tokens.ts';

/** Ends the connections of operators whose token was revoked or has expired: the bus asks only when they connect. */
export interface OperatorConnections {
  /** The hooks, with operators followed. */
  follow(hooks: BusHooks): BusHooks;
  start(): void;
  stop(): void;
}

export interface OperatorConnectionsOptions {
  tokens: Pick<Tokens, 'isLive' | 'onDelete'>;
  bus: Pick<Bus, 'disconnect'>;
  clock: Clock;
  log: Log;
}

/** How long a connection may outlast the end of its token, in ms. */
const LOOK_MS = 10_000;

export function createOperatorConnections(
  options: OperatorConnectionsOptions,
): OperatorConnections {
  const { tokens, bus, clock, log } = options;
  /** Tokens of the connections, by client id. */
  const connected = new Map<string, string>();
  let endings: (() => void)[] = [];

  function look(): void {
    for (const [clientId, token] of connected) {
      if (tokens.isLive(token)) continue;
      bus
        .disconnect(clientId)
        .catch((error: unknown) => log.warn({ err: error, clientId }, 'A connection did not end.'));
    }
  }

  function lookRegularly(): void {
    const cancel = clock.after(LOOK_MS, () => {
      look();
      lookRegularly();
    });
    endings[0] = cancel;
  }

  return {
    follow: (hooks) => ({
      ...hooks,
      connected(identity, clientId) {
        hooks.connected(identity, clientId);
        if (identity.kind !== 'operator') return;
        connected.set(clientId, identity.token);
        if (!tokens.isLive(identity.token)) look();
      },
      disconnected(identity, clientId, replaced) {
        hooks.disconnected(identity, clientId, replaced);
        connected.delete(clientId);
      },
    }),
    start() {
      lookRegularly();
      endings.push(tokens.onDelete(look));
    },
    stop() {
      for (const end of endings) end();
      endings = [];
    },
  };
}
