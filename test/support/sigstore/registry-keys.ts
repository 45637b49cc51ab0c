/** A registry's signing keys: P-256, rotated, and published in both shapes npm uses. */
import type { StatedSignature } from '../../../lib/model/evidence.ts';
import type { PackageId } from '../../../lib/model/package.ts';
import { type KeyPair, keyPairOf, sha256, signatureOf, spkiOf } from './keys.ts';

/** One key of a registry, and when it signs what. Times are ISO 8601; a key without an end is the current one. */
export type RegistryKey = {
  /** `SHA256:` and the unpadded base64 of the key's hash, as npm names its keys. */
  readonly keyid: string;
  readonly keys: KeyPair;
  readonly start: string;
  readonly end?: string;
};

/** The keys of one registry: what it signed with before, and what it signs with now. */
export type RegistryKeys = {
  readonly old: RegistryKey;
  readonly current: RegistryKey;
  readonly all: readonly RegistryKey[];
};

/** What `/-/npm/v1/keys` answers. */
export type KeysEndpointJson = {
  keys: {
    expires: string | null;
    keyid: string;
    keytype: string;
    scheme: string;
    key: string;
  }[];
};

/** The `keys.json` target of a TUF repository. */
export type KeysTargetJson = {
  keys: {
    keyId: string;
    keyUsage: string;
    publicKey: { rawBytes: string; keyDetails: string; validFor: { start: string; end?: string } };
  }[];
};

/** When {@link registryKeysOf} changes from the old key to the current one. */
export const ROTATED_AT = '2025-01-29T00:00:00.000Z';

/** The keys of the registry of that name. The old key ends at {@link ROTATED_AT}; the current one began two weeks before. */
export function registryKeysOf(registry: string): RegistryKeys {
  const old = registryKey(`${registry} old`, { start: '1999-01-01T00:00:00.000Z', end: ROTATED_AT });
  const current = registryKey(`${registry} current`, { start: '2025-01-13T00:00:00.000Z' });
  return { old, current, all: [old, current] };
}

/** A registry key of one's own making: unlisted, expired, or both. */
export function registryKey(
  name: string,
  { start, end }: { readonly start: string; readonly end?: string },
): RegistryKey {
  const keys = keyPairOf(`registry key ${name}`);
  const digest = sha256(spkiOf(keys.publicKey)).toString('base64').replace(/=+$/, '');
  return { keyid: `SHA256:${digest}`, keys, start, ...(end === undefined ? {} : { end }) };
}

/** The key that signed at that moment. */
export function keyAt(keys: RegistryKeys, at: Date): RegistryKey {
  return at.getTime() < Date.parse(ROTATED_AT) ? keys.old : keys.current;
}

/** The registry's signature over `name@version:integrity`. */
export function registrySignature(
  key: RegistryKey,
  { name, version, integrity }: PackageId & { readonly integrity: string },
): StatedSignature {
  const message = Buffer.from(`${name}@${version}:${integrity}`);
  return { keyid: key.keyid, sig: signatureOf(message, key.keys.privateKey).toString('base64') };
}

/** The keys as the registry itself serves them. */
export function keysEndpointJson(keys: readonly RegistryKey[]): KeysEndpointJson {
  return {
    keys: keys.map((key) => ({
      expires: key.end ?? null,
      keyid: key.keyid,
      keytype: 'ecdsa-sha2-nistp256',
      scheme: 'ecdsa-sha2-nistp256',
      key: spkiOf(key.keys.publicKey).toString('base64'),
    })),
  };
}

/** The keys as a TUF repository lists them: each twice, once for signatures and once for attestations. */
export function keysTargetJson(keys: readonly RegistryKey[]): KeysTargetJson {
  return {
    keys: keys.flatMap((key) =>
      ['npm:signatures', 'npm:attestations'].map((keyUsage) => ({
        keyId: key.keyid,
        keyUsage,
        publicKey: {
          rawBytes: spkiOf(key.keys.publicKey).toString('base64'),
          keyDetails: 'PKIX_ECDSA_P256_SHA_256',
          validFor: { start: key.start, ...(key.end === undefined ? {} : { end: key.end }) },
        },
      })),
    ),
  };
}
