/** What goes into the transparency log for a signature: the entry's kind, version and body. */
import type { EnvelopeJson } from './bundle-json.ts';
import { canonicalJson } from './canonical.ts';
import { sha256 } from './keys.ts';
import type { EntryRequest } from './rekor.ts';

/** The part of an entry that depends on what was signed. */
export type EntryBody = Omit<EntryRequest, 'at'>;

/** Who signed, as the log records it: a PEM for Rekor v1, and the member of a v2 `verifier` with its DER. */
export type Verifier = {
  readonly pem: string;
  readonly v2: { readonly [kind: string]: { readonly rawBytes: string } };
  readonly keyid?: string;
};

/** Rekor v1, `dsse` 0.0.1. */
export function dsseEntry(envelope: EnvelopeJson, verifier: Verifier): EntryBody {
  const payload = Buffer.from(envelope.payload, 'base64');
  return {
    kind: 'dsse',
    version: '0.0.1',
    spec: {
      envelopeHash: hexHash(sha256(canonicalJson(envelope))),
      payloadHash: hexHash(sha256(payload)),
      signatures: envelope.signatures.map(({ sig }) => ({ signature: sig, verifier: base64(verifier.pem) })),
    },
  };
}

/** Rekor v1, `intoto` 0.0.2: the signature is encoded twice. */
export function intotoEntry(envelope: EnvelopeJson, verifier: Verifier): EntryBody {
  const { keyid } = verifier;
  const signatures = envelope.signatures.map(({ sig }) => ({
    ...(keyid === undefined ? {} : { keyid }),
    publicKey: base64(verifier.pem),
    sig: base64(sig),
  }));
  const { payloadType } = envelope;
  return {
    kind: 'intoto',
    version: '0.0.2',
    spec: {
      content: {
        envelope: { payloadType, signatures },
        hash: hexHash(sha256(canonicalJson({ payloadType, payload: base64(envelope.payload), signatures }))),
        payloadHash: hexHash(sha256(Buffer.from(envelope.payload, 'base64'))),
      },
    },
  };
}

/** Rekor v1, `hashedrekord` 0.0.1. */
export function hashedRekordEntry(digest: Buffer, signature: Buffer, verifier: Verifier): EntryBody {
  return {
    kind: 'hashedrekord',
    version: '0.0.1',
    spec: {
      data: { hash: hexHash(digest) },
      signature: { content: signature.toString('base64'), publicKey: { content: base64(verifier.pem) } },
    },
  };
}

/** Rekor v2, `hashedrekord` 0.0.2; for an envelope the digest is that of its pre-authentication encoding. */
export function hashedRekordV2Entry(digest: Buffer, signature: Buffer, verifier: Verifier): EntryBody {
  return {
    kind: 'hashedrekord',
    version: '0.0.2',
    spec: {
      hashedRekordV002: {
        data: { algorithm: 'SHA2_256', digest: digest.toString('base64') },
        signature: {
          content: signature.toString('base64'),
          verifier: { keyDetails: 'PKIX_ECDSA_P256_SHA_256', ...verifier.v2 },
        },
      },
    },
  };
}

/** DSSE pre-authentication encoding: the bytes an envelope's signature covers (DSSE protocol, "PAE"). */
export function preAuthEncoding(payloadType: string, payload: Buffer): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

function hexHash(value: Buffer): { readonly algorithm: string; readonly value: string } {
  return { algorithm: 'sha256', value: value.toString('hex') };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
