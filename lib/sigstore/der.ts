/** Reads DER (ITU-T X.690) without copying: elements are windows on the bytes they came from. */
import { refuse } from './fault.ts';

/** Identifier octets of the types used here. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8: 0x0c,
  printable: 0x13,
  ia5: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** One element: its identifier octet, and where header, content and end lie in `bytes`. */
export type Element = {
  readonly bytes: Buffer;
  readonly tag: number;
  readonly start: number;
  readonly content: number;
  readonly end: number;
};

/** Parses exactly one element; bytes after it are refused. */
export function parseDer(bytes: Buffer): Element {
  const element = readElement(bytes, 0, bytes.length);
  if (element.end !== bytes.length) return refuse('CERTIFICATE', 'there are bytes after the DER value');
  return element;
}

/** Refuses unless everything inside is DER too, down to the last constructed element: for what nobody signed and nobody reads. */
export function checkNested(element: Element, depth = 0): void {
  // Bit 6 of the identifier marks constructed encodings; nothing we meet nests deeper than certificates in a timestamp do.
  if ((element.tag & 0x20) === 0) return;
  if (depth > 32) refuse('CERTIFICATE', 'DER is nested too deeply');
  for (const child of childrenOf(element, element.tag)) checkNested(child, depth + 1);
}

/** The elements inside a constructed one, which must have the given tag. */
export function childrenOf(element: Element, tag: number): readonly Element[] {
  expectTag(element, tag);
  const children: Element[] = [];
  for (let at = element.content; at < element.end; ) {
    const child = readElement(element.bytes, at, element.end);
    children.push(child);
    at = child.end;
  }
  return children;
}

/** The content octets. */
export function contentOf(element: Element, tag: number): Buffer {
  expectTag(element, tag);
  return element.bytes.subarray(element.content, element.end);
}

/** Header and content: the element exactly as it was encoded. */
export function wholeOf(element: Element): Buffer {
  return element.bytes.subarray(element.start, element.end);
}

/** The single element that an OCTET STRING wraps. */
export function unwrap(octets: Buffer): Element {
  return parseDer(octets);
}

/** An object identifier as its content octets in latin1: comparable, and a safe `Map` key. See `oid`. */
export function oidOf(element: Element): string {
  expectTag(element, TAG.oid);
  return element.bytes.toString('latin1', element.content, element.end);
}

/** Encodes a dotted object identifier as `oidOf` returns it (X.690, 8.19). */
export function oid(dotted: string): string {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
      groups.unshift((left % 128) + 128);
    }
    octets.push(...groups);
  }
  return Buffer.from(octets).toString('latin1');
}

/** The bytes of a BIT STRING with no unused bits, as signatures and keys have them. */
export function bitsOf(element: Element): Buffer {
  const content = contentOf(element, TAG.bitString);
  if (content[0] !== 0) return refuse('CERTIFICATE', 'a bit string has unused bits');
  return content.subarray(1);
}

/** A BOOLEAN: DER knows 0x00 and 0xff only (X.690, 11.1). */
export function booleanOf(element: Element): boolean {
  const content = contentOf(element, TAG.boolean);
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) {
    return refuse('CERTIFICATE', 'a boolean is not DER');
  }
  return content[0] === 0xff;
}

/** A small non-negative INTEGER, such as a version or a path length. */
export function smallIntegerOf(element: Element): number {
  const content = contentOf(element, TAG.integer);
  const value = content[0];
  if (content.length !== 1 || value === undefined || value > 0x7f) {
    return refuse('CERTIFICATE', 'an integer is out of range');
  }
  return value;
}

/** UTCTime or GeneralizedTime in milliseconds since the epoch (RFC 5280, 4.1.2.5; fractions as in RFC 3161, 2.4.2). */
export function timeOf(element: Element): number {
  const text = element.bytes.toString('latin1', element.content, element.end);
  const long = element.tag === TAG.generalizedTime;
  if (!long && element.tag !== TAG.utcTime) return refuse('CERTIFICATE', 'a time is expected');
  const match = (long ? LONG_TIME : SHORT_TIME).exec(text);
  if (match === null) return refuse('CERTIFICATE', 'a time is not DER');
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const fullYear = long ? year : year + (year >= 50 ? 1900 : 2000);
  const whole = Date.UTC(fullYear, month - 1, day, hour, minute, second);
  // Date.UTC rolls 30 February over; a date that changes on the way was none.
  const back = new Date(whole);
  if (
    back.getUTCMonth() !== month - 1 ||
    back.getUTCDate() !== day ||
    hour > 23 ||
    minute > 59 ||
    second > 59
  ) {
    return refuse('CERTIFICATE', 'a time does not exist');
  }
  return whole + (match[7] === undefined ? 0 : Math.floor(Number(`0${match[7]}`) * 1000));
}

const SHORT_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;
const LONG_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d{0,8}[1-9])?Z$/;

/** Encodes identifier and length octets for `length` content octets. */
export function headerFor(tag: number, length: number): Buffer {
  const octets = length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
  const header = Buffer.allocUnsafe(2 + octets);
  header[0] = tag;
  header[1] = octets === 0 ? length : 0x80 + octets;
  if (octets > 0) header.writeUIntBE(length, 2, octets);
  return header;
}

function expectTag(element: Element, tag: number): void {
  if (element.tag !== tag) {
    refuse('CERTIFICATE', `DER tag 0x${tag.toString(16)} is expected, 0x${element.tag.toString(16)} found`);
  }
}

function readElement(bytes: Buffer, start: number, limit: number): Element {
  const tag = bytes[start];
  const first = bytes[start + 1];
  if (tag === undefined || first === undefined || start + 2 > limit) {
    return refuse('CERTIFICATE', 'a DER value is cut short');
  }
  // Neither high tag numbers nor the reserved tag 0 occur in what we read.
  if ((tag & 0xdf) === 0 || (tag & 0x1f) === 0x1f) return refuse('CERTIFICATE', 'a DER tag is not supported');
  if (first < 0x80) return bounded({ bytes, tag, start, content: start + 2, end: start + 2 + first }, limit);
  const octets = first & 0x7f;
  if (octets === 0 || octets > 3 || start + 2 + octets > limit) {
    return refuse('CERTIFICATE', 'a DER length is not supported');
  }
  const length = bytes.readUIntBE(start + 2, octets);
  // Definite lengths in the fewest octets (X.690, 10.1).
  if (length < 0x80 || length < 2 ** (8 * (octets - 1)))
    return refuse('CERTIFICATE', 'a DER length is not minimal');
  const content = start + 2 + octets;
  return bounded({ bytes, tag, start, content, end: content + length }, limit);
}

function bounded(element: Element, limit: number): Element {
  return element.end <= limit ? element : refuse('CERTIFICATE', 'a DER value is cut short');
}
