import type { Client } from 'aedes';

/** The part of mqtt-packet's parser that is used; it is not public, so the version is pinned and a test stands on it. */
interface Parser {
  readonly client: Client;
  packet: { length: number };
  _parseLength(): boolean;
  _emitError(error: Error): void;
}

/**
 * Makes the function that sets a limit on a new client: as soon as a packet announces more than `bytes` (its remaining
 * length, section 2.2.3), the connection ends, before anything of the packet is kept. Without it the parser gathers up
 * to 256 MiB per socket, even before CONNECT.
 */
export function createPacketSizeLimit(bytes: number, exceeded: (client: Client) => void) {
  function parseBoundedLength(this: Parser): boolean {
    const prototype: Parser = Object.getPrototypeOf(this);
    if (!prototype._parseLength.call(this)) return false;
    if (this.packet.length <= bytes) return true;
    exceeded(this.client);
    this._emitError(new Error('packet larger than the limit'));
    return false;
  }
  return (client: Client): void => {
    const { _parser: parser } = client as unknown as { _parser: Parser };
    parser._parseLength = parseBoundedLength;
  };
}
