import { connect, type Socket } from 'node:net';

/** A connection on which a test says every byte. */
export interface RawHttp {
  socket: Socket;
  /** All that came so far. */
  received(): string;
  closed(): boolean;
  write(bytes: string | Uint8Array): void;
  /** All that came when the server has ended the connection. */
  ended: Promise<string>;
}

export async function openHttp(url: string): Promise<RawHttp> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  let text = '';
  let closed = false;
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part;
  });
  const ended = new Promise<string>((resolve) => {
    socket.on('close', () => {
      closed = true;
      resolve(text);
    });
  });
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  // a server that cuts the connection is what many tests wait for
  socket.on('error', () => {});
  return {
    socket,
    received: () => text,
    closed: () => closed,
    write: (bytes) => void socket.write(bytes),
    ended,
  };
}

/** Sends the text and gives all answers up to the end of the connection; it asks for that end itself. */
export async function rawAnswer(url: string, request: string | Uint8Array): Promise<string> {
  const http = await openHttp(url);
  http.write(request);
  const timer = setTimeout(() => http.socket.destroy(), 10_000);
  const text = await http.ended;
  clearTimeout(timer);
  return text;
}

/** The status codes of the answers in a text. */
export const statusesOf = (text: string): number[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
