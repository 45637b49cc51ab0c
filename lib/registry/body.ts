/** Turns a registry's bytes into JSON, within bounds. */
import { isUtf8 } from 'node:buffer';
import { promisify } from 'node:util';
import { gunzip, gunzipSync } from 'node:zlib';

import { RegistryError } from '../errors.ts';
import { isObject, type JsonObject } from './json.ts';

/** Bytes as they came over the wire, and how they were packed. */
export type Packed = { readonly bytes: Buffer; readonly encoding: 'gzip' | 'identity' };

// Below this size a thread costs more than the work.
const SMALL = 256 * 1024;
// Three bytes of JSON (`[],`) can take a hundred of memory. No packument comes near this many values.
const MOST_VALUES = 4_000_000;

/** What an answer may be, and who gave it. `who` begins every message. */
export type Expected = { readonly limit: number; readonly who: string };

/**
 * Unpacks and parses a JSON object of at most `limit` bytes. Throws `RegistryError`: `REGISTRY_TOO_LARGE` beyond the limit,
 * `REGISTRY_MALFORMED` for anything that is not one JSON object in UTF-8.
 */
export async function parseBody(packed: Packed, expected: Expected): Promise<JsonObject> {
  return parseUnpacked(await unpackBody(packed, expected), expected);
}

/** Parses what `unpackBody` unpacked. Throws as `parseBody` does. */
export function parseUnpacked(body: Buffer, expected: Expected): JsonObject {
  if (!isUtf8(body)) throw malformed(expected.who, 'is not UTF-8');
  if (body.length > SMALL && valuesIn(body) > MOST_VALUES) throw tooLarge(expected);
  const json = parseJson(body.toString('utf8'), expected.who);
  if (!isObject(json)) throw malformed(expected.who, 'is not a JSON object');
  return json;
}

/** Unpacks at most `limit` bytes. Throws `RegistryError` as `parseBody` does. */
export async function unpackBody(packed: Packed, expected: Expected): Promise<Buffer> {
  const body = packed.encoding === 'gzip' ? await unzipped(packed.bytes, expected) : packed.bytes;
  if (body.length > expected.limit) throw tooLarge(expected);
  return body;
}

/** The error for an answer beyond its limit. */
export function tooLarge({ limit, who }: Expected): RegistryError {
  return new RegistryError('REGISTRY_TOO_LARGE', `${who} sent more than npmsign accepts (${limit} bytes).`);
}

async function unzipped(bytes: Buffer, expected: Expected): Promise<Buffer> {
  // One byte more than allowed tells a bomb from a body of exactly the limit.
  const options = { maxOutputLength: expected.limit + 1 };
  try {
    return bytes.length < SMALL ? gunzipSync(bytes, options) : await promisify(gunzip)(bytes, options);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(expected);
    throw malformed(expected.who, 'is not valid gzip', cause);
  }
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

/** Commas and opening brackets: an upper bound on the number of values, and cheap. */
function valuesIn(body: Buffer): number {
  let count = 0;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === COMMA || byte === BRACKET || byte === BRACE) count++;
  }
  return count;
}

const [COMMA, BRACKET, BRACE] = Buffer.from(',[{');
