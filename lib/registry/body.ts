/** Turns a registry's bytes into JSON, within bounds. */
import { isAscii, isUtf8 } from 'node:buffer';
import { promisify } from 'node:util';
import { gunzip, gunzipSync } from 'node:zlib';

import { RegistryError } from '../errors.ts';
import { holdsTooMany } from '../text/json-values.ts';
import { isObject, type JsonObject } from './json.ts';

/** Bytes as they came over the wire, and how they were packed. */
export type Packed = { readonly bytes: Buffer; readonly encoding: 'gzip' | 'identity' };

// Below this size a thread costs more than the work.
const SMALL = 256 * 1024;

/** What an answer may be, and who gave it. `who` begins every message. */
export type Expected = { readonly limit: number; readonly who: string };

/**
 * Parses a JSON object of at most `limit` bytes out of what `unpackBody` unpacked. Throws `RegistryError`: `REGISTRY_TOO_LARGE` beyond
 * what memory should hold, `REGISTRY_MALFORMED` for anything that is not one JSON object in UTF-8.
 */
export function parseUnpacked(body: Buffer, expected: Expected): JsonObject {
  if (holdsTooMany(body)) throw tooLarge(expected);
  const json = parseJson(textOf(body, expected.who), expected.who);
  if (!isObject(json)) throw malformed(expected.who, 'is not a JSON object');
  return json;
}

/**
 * Unpacks at most `limit` bytes, a small answer at once. Throws or rejects with `RegistryError`: `REGISTRY_TOO_LARGE` beyond the limit,
 * `REGISTRY_MALFORMED` for what is not gzip.
 */
export function unpackBody(packed: Packed, expected: Expected): Buffer | Promise<Buffer> {
  if (packed.encoding === 'identity') return bounded(packed.bytes, expected);
  return packed.bytes.length < SMALL
    ? unzipped(packed.bytes, expected)
    : unzippedAside(packed.bytes, expected);
}

/** The error for an answer beyond its limit. */
export function tooLarge({ limit, who }: Expected): RegistryError {
  return new RegistryError('REGISTRY_TOO_LARGE', `${who} sent more than npmsign accepts (${limit} bytes).`);
}

function bounded(body: Buffer, expected: Expected): Buffer {
  if (body.length > expected.limit) throw tooLarge(expected);
  return body;
}

function unzipped(bytes: Buffer, expected: Expected): Buffer {
  let body: Buffer;
  try {
    body = gunzipSync(bytes, optionsFor(expected));
  } catch (cause) {
    throw notUnzipped(cause, expected);
  }
  return bounded(body, expected);
}

/** On another thread. */
async function unzippedAside(bytes: Buffer, expected: Expected): Promise<Buffer> {
  const body = await promisify(gunzip)(bytes, optionsFor(expected)).catch((cause) => {
    throw notUnzipped(cause, expected);
  });
  return bounded(body, expected);
}

/** One byte more than allowed tells a bomb from a body of exactly the limit. */
function optionsFor({ limit }: Expected): { readonly maxOutputLength: number } {
  return { maxOutputLength: limit + 1 };
}

function notUnzipped(cause: unknown, expected: Expected): RegistryError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(expected);
  return malformed(expected.who, 'is not valid gzip', cause);
}

/** Most answers are ASCII, which takes no decoding. */
function textOf(body: Buffer, who: string): string {
  if (isAscii(body)) return body.toString('latin1');
  if (!isUtf8(body)) throw malformed(who, 'is not UTF-8');
  return body.toString('utf8');
}

function parseJson(text: string, who: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw malformed(who, 'is not valid JSON', cause);
  }
}

function malformed(who: string, why: string, cause?: unknown): RegistryError {
  return new RegistryError('REGISTRY_MALFORMED', `The answer of ${who} ${why}.`, { cause });
}
