/** Writes DER (ITU-T X.690), just enough of it for certificates and timestamps. */

// Own writer instead of a library: tests need to place single bytes wrongly, and libraries rightly refuse to.

/** One value: tag, length, content (X.690, 8.1). */
export function tlv(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body]);
}

/** SEQUENCE. */
export function sequence(...items: readonly Uint8Array[]): Buffer {
  return tlv(0x30, ...items);
}

/** SET; its items are written in the order given. */
export function set(...items: readonly Uint8Array[]): Buffer {
  return tlv(0x31, ...items);
}

/** INTEGER, from a small number or from unsigned big-endian bytes. */
export function integer(value: number | Uint8Array): Buffer {
  const bytes = typeof value === 'number' ? bytesOf(value) : Buffer.from(value);
  const first = bytes[0] ?? 0;
  return first >= 0x80 ? tlv(0x02, Buffer.from([0]), bytes) : tlv(0x02, bytes);
}

/** OBJECT IDENTIFIER, from dotted text. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tlv(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** OCTET STRING. */
export function octets(...content: readonly Uint8Array[]): Buffer {
  return tlv(0x04, ...content);
}

/** BIT STRING whose last `unused` bits do not count. */
export function bits(content: Uint8Array, unused = 0): Buffer {
  return tlv(0x03, Buffer.from([unused]), content);
}

/** BOOLEAN TRUE. */
export const TRUE = tlv(0x01, Buffer.from([0xff]));

/** NULL. */
export const NULL = tlv(0x05);

/** UTF8String. */
export function utf8(text: string): Buffer {
  return tlv(0x0c, Buffer.from(text, 'utf8'));
}

/** PrintableString. */
export function printable(text: string): Buffer {
  return tlv(0x13, Buffer.from(text, 'latin1'));
}

/** `[n]`, constructed: an explicit tag around its content. */
export function explicit(n: number, ...content: readonly Uint8Array[]): Buffer {
  return tlv(0xa0 + n, ...content);
}

/** `[n]`, primitive: an implicit tag over raw bytes. */
export function implicit(n: number, content: Uint8Array): Buffer {
  return tlv(0x80 + n, content);
}

/** A certificate's time (RFC 5280, 4.1.2.5): UTCTime through 2049, GeneralizedTime from 2050 on. */
export function certificateTime(at: Date): Buffer {
  const digits = digitsOf(at);
  if (at.getUTCFullYear() >= 2050) return generalizedTime(at);
  return tlv(0x17, Buffer.from(`${digits.slice(2)}Z`));
}

/** GeneralizedTime, whole seconds, UTC. */
export function generalizedTime(at: Date): Buffer {
  return tlv(0x18, Buffer.from(`${digitsOf(at)}Z`));
}

function digitsOf(at: Date): string {
  return at.toISOString().slice(0, 19).replace(/\D/g, '');
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes = bytesOf(length);
  return Buffer.concat([Buffer.from([0x80 + bytes.length]), bytes]);
}

function bytesOf(value: number): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

function base128(value: number): number[] {
  const low = value & 0x7f;
  return value < 0x80 ? [low] : [...base128(Math.floor(value / 0x80)).map((byte) => byte | 0x80), low];
}
