import { isIP } from 'node:net';
import { JamesError } from '../proto/errors.ts';

/** Where to listen; port 0 takes a free one. */
export interface Address {
  host: string;
  port: number;
}

/**
 * The address from `[HOST:]PORT`; without a host it is 127.0.0.1. An IPv6 address stands in brackets.
 * Throws `bad-config`.
 */
export function parseAddress(text: string): Address {
  const [, bracketed, plain, digits = ''] =
    /^(?:(?:\[([^\]]+)\]|([^:[\]]+)):)?(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain ?? '127.0.0.1';
  const port = Number(digits);
  const isHost = bracketed === undefined ? /^[A-Za-z0-9._-]+$/.test(host) : isIP(host) === 6;
  if (digits === '' || port > 65_535 || !isHost) {
    const shown = JSON.stringify(text.slice(0, 80));
    throw new JamesError(
      'bad-config',
      `${shown} is no address; write PORT, HOST:PORT or [IPV6]:PORT, with 0 for a free port.`,
    );
  }
  return { host, port };
}

/** `HOST:PORT`, with an IPv6 host in brackets, as it stands in a URL. */
export function formatAddress({ host, port }: Address): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

/** True if only this machine can reach the address. */
export function isLoopback({ host }: Address): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
