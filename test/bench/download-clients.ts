import { connect } from 'node:net';

/*
 * Light download clients in a process of their own: raw sockets that read into one buffer and throw the bytes away.
 * Arguments: URL, number of clients, number of bytes of a whole answer's body, and a value for Authorization (or "").
 * Prints `{ms, bytes}`: from the first connect to the last byte. Fails if an answer is not 200 or not whole.
 */
const [address = '', clients = '1', size = '0', authorization = ''] = process.argv.slice(2);
const url = new URL(address);
const sink = Buffer.allocUnsafe(1 << 20);

const request = [
  `GET ${url.pathname} HTTP/1.1`,
  `Host: ${url.host}`,
  'Connection: close',
  ...(authorization ? [`Authorization: ${authorization}`] : []),
  '\r\n',
].join('\r\n');

/** One whole download; resolves with the bytes of the body. */
function download(): Promise<number> {
  return new Promise((resolve, reject) => {
    let head: string | null = '';
    let body = 0;
    const take = (count: number, buffer: Uint8Array): boolean => {
      if (head === null) body += count;
      else {
        head += Buffer.from(buffer.subarray(0, count)).toString('latin1');
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return true;
        if (!head.startsWith('HTTP/1.1 200')) reject(new Error(head.slice(0, end)));
        body = head.length - end - 4;
        head = null;
      }
      return true;
    };
    const socket = connect({
      host: url.hostname,
      port: Number(url.port),
      onread: { buffer: sink, callback: take },
    });
    socket.on('connect', () => socket.write(request));
    socket.on('error', reject);
    socket.on('close', () => resolve(body));
  });
}

const startedAt = performance.now();
const bodies = await Promise.all(Array.from({ length: Number(clients) }, download));
const ms = performance.now() - startedAt;
if (bodies.some((body) => body !== Number(size))) {
  throw new Error(`An answer had ${Math.min(...bodies)} bytes of ${size}.`);
}
console.log(JSON.stringify({ ms, bytes: bodies.reduce((sum, body) => sum + body, 0) }));
