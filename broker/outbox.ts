import type { Clock } from '../proto/clock.ts';
import type { BusMessage } from './bus.ts';
import type { Counters } from './counters.ts';
import type { BrokerLimits } from './limits.ts';
import { encodePublish } from './publish-frame.ts';
import type { QuietLog } from './quiet-log.ts';
import { nextPacketId, type Session } from './session.ts';

/** Writes messages to connections, and cuts a reader that does not keep up. */
export interface Outbox {
  /**
   * Hands a message to the connection at once. `qos` is what the subscription grants; the lower of both counts
   * [MQTT-3.8.4-6]. A message of QoS 1 is not sent again: every session ends with its connection.
   */
  send(session: Session, message: BusMessage, qos: 0 | 1, retain: boolean): void;
  /** Connections whose socket takes no more bytes at present. */
  slow(): number;
}

export interface OutboxOptions {
  limits: BrokerLimits;
  clock: Clock;
  counters: Counters;
  log: QuietLog;
}

export function createOutbox({ limits, clock, counters, log }: OutboxOptions): Outbox {
  let slow = 0;

  /** The budget of all slow readers is shared evenly, so many of them cannot exhaust the memory together. */
  const allowance = (): number =>
    Math.min(limits.backlogBytes, limits.totalBacklogBytes / Math.max(1, slow));

  function cut(session: Session, why: string): void {
    counters.slowConsumersCut++;
    log.warn(
      'slow-consumer',
      { client: session.client.id, why },
      'Cut a connection whose reader is too slow.',
    );
    session.client.conn.destroy();
  }

  /** Until the socket takes bytes again, the reader must make progress in each period. */
  function watch(session: Session): void {
    const { conn } = session.client;
    let cancel = (): void => {};
    const check = (lengthBefore: number): void => {
      cancel = clock.after(limits.drainMs, () => {
        if (conn.writableLength >= lengthBefore) cut(session, 'no progress');
        else check(conn.writableLength);
      });
    };
    const end = (): void => {
      cancel();
      conn.removeListener('drain', end);
      session.endWatch = null;
      slow--;
    };
    slow++;
    session.endWatch = end;
    conn.on('drain', end);
    check(conn.writableLength);
  }

  return {
    send(session, message, granted, retain) {
      const { conn } = session.client;
      if (conn.destroyed) return;
      const qos = granted === 0 ? 0 : message.qos;
      if (conn.writableLength > allowance()) return cut(session, 'backlog');
      if (qos === 1 && session.unacknowledged >= limits.unacknowledged) {
        return cut(session, 'unacknowledged');
      }
      const packetId = qos === 1 ? nextPacketId(session) : 0;
      if (qos === 1) session.unacknowledged++;
      const { topic, payload } = message;
      conn.write(encodePublish({ topic, payload, qos, retain, packetId }));
      counters.delivered++;
      if (conn.writableNeedDrain && !session.endWatch) watch(session);
    },
    slow: () => slow,
  };
}
