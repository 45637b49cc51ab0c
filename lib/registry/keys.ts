/** Reads a registry's key list, as served at `/-/npm/v1/keys` or as kept in a file. */
import type { Told } from '../model/proof.ts';
import { readSmallFile } from '../state/index.ts';
import { tame } from '../text/sanitize.ts';
import { fieldOf, isObject, type Parsed } from './json.ts';

const LARGEST_FILE = 1024 * 1024;

/** Reads the key file a policy names. */
export function readKeyFile(path: string): Told<unknown> {
  const file = readSmallFile(path, LARGEST_FILE);
  if (file.status === 'unavailable') return { status: 'unavailable', reason: `the key file ${file.reason}` };
  const parsed = parseKeyList(jsonOf(file.value.toString('utf8')));
  if (parsed.kind === 'value') return { status: 'told', value: parsed.value };
  return { status: 'unavailable', reason: `the key file ${tame(path)} has no keys array` };
}

/** Accepts a document that lists keys. What a key is worth is for whoever verifies with it. Total: never throws. */
export function parseKeyList(json: unknown): Parsed<unknown> {
  if (isObject(json) && Array.isArray(fieldOf(json, 'keys'))) return { kind: 'value', value: json };
  return { kind: 'malformed', reason: 'its key list has no keys array' };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is one way of listing no keys; the caller names the file.
    return undefined;
  }
}
