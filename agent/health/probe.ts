import { type ClientRequest, request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { connect } from 'node:net';

/** Asks what listens on the network. Rejects with the system's error, or with the signal's reason. */
export interface Probe {
  /** The status that an address answers a GET with; redirects are not followed, the body is not read. */
  http(url: string, signal: AbortSignal): Promise<number>;
  /** Resolves when a connection stands; it is closed at once. */
  tcp(host: string, port: number, signal: AbortSignal): Promise<void>;
}

/** Every question has a connection of its own: an old one would tell nothing of how things are now. */
export function createProbe(): Probe {
  return {
    http(url, signal) {
      return new Promise((resolve, reject) => {
        const request = url.startsWith('https:') ? overHttps : overHttp;
        const asked: ClientRequest = request(url, {
          agent: false,
          headers: { 'user-agent': 'jamesc' },
          signal,
        });
        asked.once('response', (answer) => {
          resolve(answer.statusCode ?? 0);
          asked.destroy();
        });
        asked.on('error', (error) => reject(signal.aborted ? signal.reason : error));
        asked.end();
      });
    },
    tcp(host, port, signal) {
      return new Promise((resolve, reject) => {
        const socket = connect({ host, port, signal });
        socket.once('connect', () => {
          resolve();
          socket.destroy();
        });
        socket.on('error', (error) => reject(signal.aborted ? signal.reason : error));
      });
    },
  };
}
