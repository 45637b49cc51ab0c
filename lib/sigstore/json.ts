/** Reads values out of JSON that strangers wrote, refusing every surprise with the path where it stands. */
import { isUtf8 } from 'node:buffer';
import { tame } from '../text/sanitize.ts';
import { refuse } from './fault.ts';

/** A JSON object whose members are not known yet. */
export type JsonObject = { readonly [name: string]: unknown };

/** Base64 as written, beside the bytes it means. */
export type Base64 = { readonly text: string; readonly bytes: Buffer };

/** The value as an object. Arrays and `null` are none. */
export function objectOf(value: unknown, path: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse('MALFORMED', `${path} is not an object`);
  }
  // Any non-null, non-array object can be read member by member as unknown.
  return value as JsonObject;
}

/** A member; `undefined` when missing or `null`, which protobuf's JSON mapping treats alike. Prototypes are never consulted. */
export function member(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? (object[name] ?? undefined) : undefined;
}

/** A member that must be an object. */
export function objectAt(object: JsonObject, name: string, path: string): JsonObject {
  return objectOf(member(object, name), `${path}.${name}`);
}

/** A member that must be an array of at most `limit` entries; missing means empty. Entries are not looked at. */
export function arrayAt(object: JsonObject, name: string, path: string, limit: number): readonly unknown[] {
  const value = member(object, name);
  if (value === undefined) return [];
  if (!Array.isArray(value)) return refuse('MALFORMED', `${path}.${name} is not an array`);
  if (value.length > limit) return refuse('MALFORMED', `${path}.${name} has more than ${limit} entries`);
  return value;
}

/** A member that must be a non-empty string. */
export function stringAt(object: JsonObject, name: string, path: string): string {
  const value = member(object, name);
  if (typeof value !== 'string' || value === '') {
    return refuse('MALFORMED', `${path}.${name} is not a non-empty string`);
  }
  return value;
}

/** A non-empty string member, or `undefined` when there is none of that shape. For what is compared only where it speaks. */
export function textAt(object: JsonObject | undefined, name: string): string | undefined {
  const value = object === undefined ? undefined : member(object, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** An object member, or `undefined` when there is none of that shape. */
export function partAt(object: JsonObject | undefined, name: string): JsonObject | undefined {
  const value = object === undefined ? undefined : member(object, name);
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

/** A member that must be non-empty base64, canonical and padded (RFC 4648, sections 3.5 and 4). */
export function base64At(object: JsonObject, name: string, path: string): Base64 {
  return base64Of(member(object, name), `${path}.${name}`);
}

/** A value that must be non-empty canonical base64. */
export function base64Of(value: unknown, path: string): Base64 {
  if (typeof value !== 'string' || value === '') return refuse('MALFORMED', `${path} is not base64 text`);
  const bytes = Buffer.from(value, 'base64');
  // Node skips what it does not know and ignores stray bits: only text that encodes back to itself is canonical.
  if (bytes.toString('base64') !== value) return refuse('MALFORMED', `${path} is not canonical base64`);
  return { text: value, bytes };
}

/** A member that must be a non-negative int64 (protobuf's JSON mapping: a decimal string or a number); missing means 0. */
export function countAt(object: JsonObject, name: string, path: string): number {
  const value = member(object, name);
  if (value === undefined) return 0;
  const count = typeof value === 'string' && /^(?:0|[1-9][0-9]{0,15})$/.test(value) ? Number(value) : value;
  if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0) {
    return refuse('MALFORMED', `${path}.${name} is not a non-negative integer`);
  }
  return count;
}

/** Parses UTF-8 JSON bytes that were verified, or are about to be compared. */
export function parseJson(bytes: Uint8Array, what: string): unknown {
  const text = utf8Of(bytes);
  if (text === undefined) return refuse('MALFORMED', `${tame(what)} is not UTF-8`);
  try {
    return JSON.parse(text);
  } catch {
    return refuse('MALFORMED', `${tame(what)} is not JSON`);
  }
}

/** The bytes as text, or `undefined` when they are not UTF-8. A byte order mark is part of the text. */
export function utf8Of(bytes: Uint8Array): string | undefined {
  // A third of the cost of a fatal TextDecoder, at every statement, log entry and certificate field.
  if (!isUtf8(bytes)) return undefined;
  return Buffer.isBuffer(bytes)
    ? bytes.toString('utf8')
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}
