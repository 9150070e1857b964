import { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';

type Callback = (error?: Error | null) => void;

/**
 * The bytes of a WebSocket as a stream. All that is written in one turn goes out as one binary frame, since frames need
 * not be aligned to MQTT packets [MQTT-6.0.0-2]; a text frame ends the connection [MQTT-6.0.0-1].
 */
export class WebSocketStream extends Duplex {
  private readonly socket: WebSocket;

  constructor(socket: WebSocket) {
    super({ decodeStrings: true });
    this.socket = socket;
    socket.on('message', (data, isBinary) => this.receive(data, isBinary));
    socket.on('close', () => this.destroy());
    socket.on('error', (error) => this.destroy(error));
  }

  private receive(data: RawData, isBinary: boolean): void {
    if (!isBinary) {
      this.destroy(new Error('a text frame'));
      return;
    }
    const bytes =
      data instanceof Buffer
        ? data
        : Buffer.concat([data].flat().map((part) => new Uint8Array(part)));
    if (!this.push(bytes)) this.socket.pause();
  }

  override _read(): void {
    if (this.socket.isPaused) this.socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Callback): void {
    this.socket.send(chunk, { binary: true }, done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: Callback): void {
    this.socket.send(Buffer.concat(chunks.map(({ chunk }) => chunk)), { binary: true }, done);
  }

  override _final(done: Callback): void {
    this.socket.close();
    done();
  }

  override _destroy(error: Error | null, done: Callback): void {
    this.socket.terminate();
    done(error);
  }
}
