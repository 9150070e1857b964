import { JamesError } from '../../proto/errors.ts';
import type { Log } from '../../proto/log.ts';
import {
  type Choice,
  type ChoiceEvent,
  firstChoice,
  nextChoice,
} from '../core/transport-choice.ts';
import type { LinkState, Transport, TransportHandlers } from './transport.ts';

export interface SwitchingTransportDeps {
  /** Null: HTTP only. */
  mqtt: Transport | null;
  http: Transport;
  log: Log;
}

/** The broker takes messages of 64 KiB with their topic; longer reports go over HTTP. */
const MAX_MESSAGE_BYTES = 60 * 1024;

/** MQTT as long as it works, HTTP otherwise, seen as one transport. */
export function createSwitchingTransport({ mqtt, http, log }: SwitchingTransportDeps): Transport {
  let choice: Choice = firstChoice(mqtt ? 'on' : 'off');
  let httpRuns = false;
  let active: Transport | null = null;

  const follow = (handlers: TransportHandlers, event: ChoiceEvent | null): void => {
    if (event) choice = nextChoice(choice, event);
    if (choice.http === httpRuns) return;
    httpRuns = choice.http;
    if (httpRuns) http.start({ desired: handlers.desired, state: (s) => httpState(handlers, s) });
    else void http.stop();
  };

  const httpState = (handlers: TransportHandlers, state: LinkState): void => {
    if (!httpRuns) return;
    if (state.kind === 'connected') active = http;
    else if (active === http) active = null;
    handlers.state(state);
  };

  const mqttState = (handlers: TransportHandlers, state: LinkState): void => {
    if (state.kind === 'connected') {
      active = mqtt;
      handlers.state(state);
      follow(handlers, { kind: 'up' });
      return;
    }
    const wasActive = active === mqtt;
    if (wasActive) active = null;
    log.info({ cause: state.cause, detail: state.detail }, 'There is no connection to the broker.');
    // While HTTP serves, that MQTT is still away is no change.
    if (wasActive || active === null) handlers.state(state);
    follow(handlers, state.upMs > 0 ? { kind: 'lost', upMs: state.upMs } : { kind: 'failed' });
  };

  return {
    start(handlers) {
      follow(handlers, null);
      mqtt?.start({ desired: handlers.desired, state: (state) => mqttState(handlers, state) });
    },
    async report(content) {
      if (!active) throw new JamesError('server-unreachable', 'There is no connection.');
      const tooLong = content.length > MAX_MESSAGE_BYTES;
      await (tooLong ? http : active).report(content);
    },
    progress: (content) => active?.progress(content),
    log: (content) => active?.log(content),
    async stop() {
      active = null;
      httpRuns = false;
      choice = firstChoice(mqtt ? 'on' : 'off');
      await Promise.all([mqtt?.stop(), http.stop()]);
    },
  };
}
