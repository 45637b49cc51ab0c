/** Key pairs, made once per process and name. */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** A key pair. Sigstore's logs and npm's registry use P-256, its authorities P-384, Rekor v2 Ed25519. */
export type KeyPair = { readonly privateKey: KeyObject; readonly publicKey: KeyObject };

/** The kinds of key a Sigstore is made of. */
export type KeyKind = 'P-256' | 'P-384' | 'Ed25519';

const made = new Map<string, KeyPair>();

/** The key pair of that name: the same one for as long as the process lives. */
export function keyPairOf(name: string, kind: KeyKind = 'P-256'): KeyPair {
  const known = made.get(`${kind} ${name}`);
  if (known !== undefined) return known;
  const fresh =
    kind === 'Ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: kind });
  made.set(`${kind} ${name}`, fresh);
  return fresh;
}

/** The DER of a public key (SubjectPublicKeyInfo). */
export function spkiOf(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

/** The PEM of a public key, with a newline at its end. */
export function pemOf(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

/** SHA-256 over the parts, one after another. */
export function sha256(...parts: readonly (Uint8Array | string)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** A signature as Sigstore makes it: ECDSA with SHA-256 in DER, or Ed25519. */
export function signatureOf(bytes: Uint8Array, key: KeyObject): Buffer {
  return sign(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', bytes, key);
}
