import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { Output } from '../surroundings.ts';

/** A stream of the process as an output. `onClosed` is called when its reader has gone away (EPIPE). */
export function streamOutput(stream: NodeJS.WriteStream, onClosed: () => void): Output {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') onClosed();
    else throw error;
  });
  return {
    write: (text) => void stream.write(text),
    get isTTY() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.isTTY ? stream.columns : undefined;
    },
  };
}

/** Asks on the terminal; what is typed is not shown. */
export function askSecret(question: string): Promise<string> {
  const muted = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: muted, terminal: true });
  process.stderr.write(question);
  return new Promise((resolve) => {
    reader.once('line', (line) => {
      resolve(line.trim());
      process.stderr.write('\n');
      reader.close();
    });
    reader.once('close', () => resolve(''));
  });
}
