import type { Socket } from 'node:net';
import { MAX_LINE } from './local-protocol.ts';

/** The JSON values that come over a socket, one a line. Ends with the connection; throws on a line that is no JSON. */
export async function* readLines(socket: Socket): AsyncGenerator<unknown> {
  let text = '';
  for await (const chunk of socket.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      yield JSON.parse(text.slice(0, end));
      text = text.slice(end + 1);
    }
    if (text.length > MAX_LINE) throw new Error('A line is too long.');
  }
}

export function writeLine(socket: Socket, value: unknown): void {
  if (socket.writable) socket.write(`${JSON.stringify(value)}\n`);
}
