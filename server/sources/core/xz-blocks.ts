/** A block of an .xz stream. */
interface XzBlock {
  /** Its header, its data and its check, without padding (5.3 of the format, "Unpadded Size"). */
  unpadded: number;
  /** Bytes when decompressed. */
  length: number;
}

/** A stream as its own index describes it, with what follows from its kind of check. */
export interface UncheckedXz {
  /** The same stream without checks of its blocks. */
  bytes: Uint8Array;
  /** What each block becomes, in order: so many bytes with this SHA-256. */
  blocks: readonly { length: number; sha256: Uint8Array }[];
}

const HEADER = 12;
const SHA256 = 0x0a;
const CHECK = 32;
const MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00];
const FOOTER_MAGIC = [0x59, 0x5a];

/** Whether an .xz file has SHA-256 checks (The .xz File Format, 2.1.1.2). */
export function hasSha256Checks(bytes: Uint8Array): boolean {
  return bytes[7] === SHA256;
}

/**
 * Takes the SHA-256 checks out of an .xz file, for a decoder that does not know them; the caller has to compare them.
 * Null if the file is not one whole stream.
 */
export function withoutSha256(file: Uint8Array): UncheckedXz | null {
  const bytes = withoutPadding(file);
  const footer = bytes.length - HEADER;
  if (footer < HEADER || !matches(bytes, bytes.length - 2, FOOTER_MAGIC)) return null;
  const indexLength = (read32(bytes, footer + 4) + 1) * 4;
  const indexStart = footer - indexLength;
  const blocks = indexStart < HEADER ? null : readIndex(bytes.subarray(indexStart, footer));
  if (blocks === null) return null;
  const parts: Uint8Array[] = [];
  const checks: UncheckedXz['blocks'][number][] = [];
  let at = HEADER;
  for (const { unpadded, length } of blocks) {
    const end = at + unpadded - CHECK;
    const check = end + (-end & 3);
    if (end <= at || check + CHECK > indexStart) return null;
    parts.push(bytes.subarray(at, check));
    checks.push({ length, sha256: bytes.slice(check, check + CHECK) });
    at = check + CHECK;
  }
  if (at !== indexStart) return null;
  const index = writeIndex(blocks.map((one) => ({ ...one, unpadded: one.unpadded - CHECK })));
  return {
    bytes: joined([streamHeader(), ...parts, index, streamFooter(index.length)]),
    blocks: checks,
  };
}

/** A stream may be followed by zeros (2.2). */
function withoutPadding(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end >= 4 && read32(bytes, end - 4) === 0) end -= 4;
  return bytes.subarray(0, end);
}

/** The index (4): an indicator, the number of records, the records; padding and a checksum. */
function readIndex(bytes: Uint8Array): XzBlock[] | null {
  const numbers = { bytes, at: 1 };
  const count = readNumber(numbers);
  if (bytes[0] !== 0 || count === null || count > bytes.length / 2) return null;
  const blocks: XzBlock[] = [];
  for (let index = 0; index < count; index += 1) {
    const unpadded = readNumber(numbers);
    const length = readNumber(numbers);
    if (unpadded === null || length === null) return null;
    blocks.push({ unpadded, length });
  }
  return blocks;
}

function writeIndex(blocks: readonly XzBlock[]): Uint8Array {
  const numbers = [blocks.length, ...blocks.flatMap(({ unpadded, length }) => [unpadded, length])];
  return sealed(padded(Uint8Array.from([0, ...numbers.flatMap(numberBytes)])));
}

/** Seven bits a byte, the least first (1.2); what JavaScript cannot count is no number. */
function readNumber(source: { bytes: Uint8Array; at: number }): number | null {
  let value = 0;
  for (let scale = 1; scale < 2 ** 49; scale *= 128) {
    const byte = source.bytes[source.at];
    if (byte === undefined) return null;
    source.at += 1;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
  }
  return null;
}

function numberBytes(value: number): number[] {
  if (value < 0x80) return [value];
  return [(value % 128) | 0x80, ...numberBytes(Math.floor(value / 128))];
}

const NO_CHECK = [0, 0];

const streamHeader = (): Uint8Array =>
  joined([Uint8Array.from(MAGIC), sealed(Uint8Array.from(NO_CHECK))]);

function streamFooter(indexLength: number): Uint8Array {
  const body = Uint8Array.from([...bytes32(indexLength / 4 - 1), ...NO_CHECK]);
  return Uint8Array.from([...bytes32(crc32(body)), ...body, ...FOOTER_MAGIC]);
}

/** With its CRC32 behind it. */
const sealed = (body: Uint8Array): Uint8Array =>
  joined([body, Uint8Array.from(bytes32(crc32(body)))]);

const padded = (body: Uint8Array): Uint8Array => joined([body, new Uint8Array(-body.length & 3)]);

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const matches = (bytes: Uint8Array, at: number, expected: readonly number[]): boolean =>
  expected.every((byte, index) => bytes[at + index] === byte);

function read32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0, true);
}

const bytes32 = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 255);

/** IEEE 802.3, as the format has it (6). */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
