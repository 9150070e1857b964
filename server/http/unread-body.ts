import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../proto/clock.ts';

/** How long a client may go on sending what nobody wants, so that it gets to read the answer. */
const LINGER_MS = 2000;

/** Ends the connection of a request that was answered before its body was read, after a short while. */
export function closeUnread(request: IncomingMessage, clock: Clock): void {
  if (request.complete || request.readableEnded || request.destroyed) return;
  request.resume();
  const cancel = clock.after(LINGER_MS, () => request.socket.destroy());
  request.once('end', cancel);
  request.once('close', cancel);
}
