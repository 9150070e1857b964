import { sha1 } from '@noble/hashes/legacy.js';
import { bytesToHex } from '@noble/hashes/utils.js';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** Tags of DER (X.690). */
const [SEQUENCE, SET, UTF8, BMP] = [0x30, 0x31, 0x0c, 0x1e];
/** UTF8String, PrintableString, T61String, IA5String, VisibleString, BMPString. */
const TEXTS = [UTF8, 0x13, 0x14, 0x16, 0x1a, BMP];
const [FIRST_CONTEXT, SUBJECT_AT] = [0xa0, 4];

interface Element {
  tag: number;
  content: Uint8Array;
  /** With tag and length. */
  whole: Uint8Array;
}

/** The certificates of a text in PEM (RFC 7468), each with its two lines. */
export const certificatesIn = (text: string): string[] => text.match(CERTIFICATE) ?? [];

/**
 * The name under which OpenSSL finds a certificate in a directory, without the number behind the dot: the first four bytes
 * of SHA-1 over the subject (RFC 5280, 4.1.2.6) in OpenSSL's canonical form. Null for what is no certificate.
 */
export function certificateName(pem: string): string | null {
  try {
    const base64 = pem.replace(/-----[^-]+-----/g, '').replace(/\s+/g, '');
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const [certificate] = elementsOf(bytes);
    const [body] = elementsOf(required(certificate).content);
    const fields = elementsOf(required(body).content);
    const isVersioned = fields[0]?.tag === FIRST_CONTEXT;
    const subject = required(fields[SUBJECT_AT + (isVersioned ? 1 : 0)]);
    const canonical = joined(elementsOf(subject.content).map(canonicalPart));
    return bytesToHex(sha1(canonical).slice(0, 4).reverse());
  } catch {
    return null;
  }
}

/** A relative name (SET) whose texts are UTF-8, in small letters, with single blanks and none at the ends. */
function canonicalPart({ content }: Element): Uint8Array {
  const pairs = elementsOf(content).map((pair) => {
    const [type, value] = elementsOf(pair.content);
    return encoded(SEQUENCE, joined([required(type).whole, canonicalValue(required(value))]));
  });
  return encoded(SET, joined(pairs));
}

function canonicalValue(value: Element): Uint8Array {
  if (!TEXTS.includes(value.tag)) return value.whole;
  const words = textOf(value).replace(/[ \t\n\v\f\r]+/g, ' ');
  const small = words.replace(/^ | $/g, '').replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return encoded(UTF8, new TextEncoder().encode(small));
}

function textOf({ tag, content }: Element): string {
  if (tag === UTF8) return new TextDecoder().decode(content);
  const size = tag === BMP ? 2 : 1;
  const codes = Array.from({ length: content.length / size }, (_, index) =>
    size === 1 ? content[index] : ((content[2 * index] ?? 0) << 8) | (content[2 * index + 1] ?? 0),
  );
  return String.fromCharCode(...codes.map((code) => code ?? 0));
}

/** The elements that stand one after the other. Throws for lengths beyond the end. */
function elementsOf(bytes: Uint8Array): Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at + 1] ?? 0;
    const more = first < 0x80 ? 0 : first & 0x7f;
    const digits = [...bytes.slice(at + 2, at + 2 + more)];
    const length = more === 0 ? first : digits.reduce((sum, digit) => sum * 256 + digit, 0);
    const begin = at + 2 + more;
    if (begin + length > bytes.length) throw new Error('an element is longer than what holds it');
    elements.push({
      tag: bytes[at] ?? 0,
      content: bytes.slice(begin, begin + length),
      whole: bytes.slice(at, begin + length),
    });
    at = begin + length;
  }
  return elements;
}

function required(element: Element | undefined): Element {
  if (element) return element;
  throw new Error('an element is missing');
}

function encoded(tag: number, content: Uint8Array): Uint8Array {
  const { length } = content;
  if (length < 0x80) return joined([Uint8Array.of(tag, length), content]);
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return joined([Uint8Array.of(tag, 0x80 | digits.length, ...digits), content]);
}

const joined = (parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));
