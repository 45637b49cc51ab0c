/** Parses a registry's signing keys: as its `/-/npm/v1/keys` endpoint serves them, or as the target of a TUF repository. */
import type { KeyObject } from 'node:crypto';
import { TrustError } from '../errors.ts';
import { tame } from '../text/sanitize.ts';
import { keyFromSpki } from './crypto.ts';
import { faultOf, refuse } from './fault.ts';
import { arrayAt, base64At, type JsonObject, member, objectAt, objectOf, stringAt } from './json.ts';
import { intervalAt, momentOf } from './trusted-root.ts';

/** What a key may sign: `name@version:integrity`, or publish attestations. */
export type KeyUsage = 'npm:signatures' | 'npm:attestations';

/** One key of a registry: ECDSA on P-256. */
export type RegistryKey = {
  readonly keyid: string;
  readonly usages: readonly KeyUsage[];
  readonly key: KeyObject;
  /** Milliseconds since the epoch. */
  readonly validFrom?: number;
  readonly validUntil?: number;
};

/** More keys than a registry will ever rotate through. */
const LIMIT = 256;
const BOTH: readonly KeyUsage[] = ['npm:signatures', 'npm:attestations'];

/** Parses either shape; keys of the endpoint serve both usages. Throws `TrustError` `TRUST_ROOT_MALFORMED`. */
export function parseRegistryKeys(json: unknown): readonly RegistryKey[] {
  try {
    const list = objectOf(json, 'the key list');
    if (!Array.isArray(member(list, 'keys'))) refuse('MALFORMED', 'keys is not an array');
    const imported = new Map<string, KeyObject>();
    const keys = arrayAt(list, 'keys', 'list', LIMIT).map((value, index) => {
      const path = `keys[${index}]`;
      const entry = objectOf(value, path);
      return member(entry, 'publicKey') === undefined
        ? endpointKey(entry, path, imported)
        : targetKey(entry, path, imported);
    });
    checkUnique(keys);
    return keys;
  } catch (cause) {
    throw new TrustError(
      'TRUST_ROOT_MALFORMED',
      `The registry keys cannot be used: ${faultOf(cause).reason}.`,
      {
        cause,
      },
    );
  }
}

/** npm's documentation, "ECDSA registry signatures". */
function endpointKey(entry: JsonObject, path: string, imported: Map<string, KeyObject>): RegistryKey {
  for (const name of ['keytype', 'scheme']) {
    if (stringAt(entry, name, path) !== 'ecdsa-sha2-nistp256') {
      refuse('KEY', `${path}.${name} is not ecdsa-sha2-nistp256`);
    }
  }
  const expires = member(entry, 'expires');
  return {
    keyid: stringAt(entry, 'keyid', path),
    usages: BOTH,
    key: importKey(base64At(entry, 'key', path), path, imported),
    ...(expires === undefined ? {} : { validUntil: momentOf(expires, `${path}.expires`) }),
  };
}

/** The target `keys.json`: one entry for each key and usage, the key as a protobuf `PublicKey`. */
function targetKey(entry: JsonObject, path: string, imported: Map<string, KeyObject>): RegistryKey {
  const usage = BOTH.find((known) => known === member(entry, 'keyUsage'));
  if (usage === undefined) return refuse('MALFORMED', `${path}.keyUsage is unknown`);
  const publicKey = objectAt(entry, 'publicKey', path);
  if (member(publicKey, 'keyDetails') !== 'PKIX_ECDSA_P256_SHA_256') {
    refuse('KEY', `${path}.publicKey.keyDetails is not PKIX_ECDSA_P256_SHA_256`);
  }
  const { start, end } = intervalAt(publicKey, path);
  return {
    keyid: stringAt(entry, 'keyId', path),
    usages: [usage],
    key: importKey(base64At(publicKey, 'rawBytes', path), path, imported),
    validFrom: start,
    ...(end === Number.POSITIVE_INFINITY ? {} : { validUntil: end }),
  };
}

/** The same bytes stand there once for each usage, and importing costs as much as verifying. */
function importKey(
  { text, bytes }: { readonly text: string; readonly bytes: Buffer },
  path: string,
  imported: Map<string, KeyObject>,
): KeyObject {
  const known = imported.get(text);
  if (known !== undefined) return known;
  const key = keyFromSpki(bytes);
  if (key.kind !== 'ec' || key.hash !== 'sha256') return refuse('KEY', `${path} is not a key on P-256`);
  imported.set(text, key.key);
  return key.key;
}

/** Two keys under one name and usage would leave it open which of them counts. */
function checkUnique(keys: readonly RegistryKey[]): void {
  const seen = new Set<string>();
  for (const { keyid, usages } of keys) {
    for (const usage of usages) {
      if (seen.has(`${usage} ${keyid}`))
        refuse('MALFORMED', `${tame(keyid)} stands there twice for ${usage}`);
      seen.add(`${usage} ${keyid}`);
    }
  }
}
