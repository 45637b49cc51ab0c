/** Mints Sigstore bundles of every version. */
import type { KeyObject } from 'node:crypto';
import type { Identity } from '../../../lib/model/evidence.ts';
import type { BundleJson, EnvelopeJson } from './bundle-json.ts';
import {
  dsseEntry,
  type EntryBody,
  hashedRekordEntry,
  hashedRekordV2Entry,
  intotoEntry,
  preAuthEncoding,
  type Verifier,
} from './entries.ts';
import type { CertificateRequest, Fulcio } from './fulcio.ts';
import { keyPairOf, pemOf, sha256, signatureOf, spkiOf } from './keys.ts';
import type { RegistryKey } from './registry-keys.ts';
import type { Rekor } from './rekor.ts';
import type { TimestampAuthority } from './timestamps.ts';

/** Whose signature it is: a certificate's identity, or a registry's key. */
export type BundleSigner =
  | { readonly identity: Identity; readonly certificate?: Pick<CertificateRequest, 'sct' | 'extra'> }
  | { readonly registryKey: RegistryKey };

/** What is to be signed. A text or object `statement` is wrapped in a DSSE envelope; an `artifact` is signed by itself. */
export type BundleContent = { readonly statement: string | object } | { readonly artifact: Uint8Array };

/** What a bundle is asked for. */
export type BundleRequest = BundleContent & {
  readonly signer: BundleSigner;
  /** Moment of certificate, log entry and timestamp. */
  readonly at: Date;
  /** `0.3` unless said otherwise. */
  readonly version?: '0.1' | '0.2' | '0.3';
  /** `v1` unless said otherwise. */
  readonly rekor?: 'v1' | 'v2';
  /** Rekor v1's kind for an envelope: `dsse` for 0.3, `intoto` before, unless said otherwise. */
  readonly entry?: 'dsse' | 'intoto';
  /** An RFC 3161 timestamp: always with Rekor v2, which has no time of its own, and otherwise only when asked for. */
  readonly timestamp?: boolean;
  /** Leave out Rekor v1's inclusion proof, as the bundles of early 2023 do. */
  readonly inclusionProof?: 'present' | 'absent';
  /** For 0.1 and 0.2: the leaf alone, or the chain up to the root. */
  readonly chain?: 'leaf' | 'full';
};

/** The parts of a Sigstore that a bundle needs. */
export type BundleMint = {
  readonly fulcio: Fulcio;
  readonly rekorV1: Rekor;
  readonly rekorV2: Rekor;
  readonly timestamps: TimestampAuthority;
};

const MEDIA_TYPES = {
  '0.1': 'application/vnd.dev.sigstore.bundle+json;version=0.1',
  '0.2': 'application/vnd.dev.sigstore.bundle+json;version=0.2',
  '0.3': 'application/vnd.dev.sigstore.bundle.v0.3+json',
} as const;
const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/** One bundle, as a reader would meet it in the wild. */
export function mintBundle(mint: BundleMint, request: BundleRequest): BundleJson {
  const { version = '0.3', rekor = 'v1', at } = request;
  const key = keyOf(mint, request);
  const signed = signedContent(request, key);
  const log = rekor === 'v1' ? mint.rekorV1 : mint.rekorV2;
  const entry = log.add({ ...signed.entry, at });
  if (request.inclusionProof === 'absent') entry.inclusionProof = null;
  const stamped = request.timestamp ?? rekor === 'v2';
  return {
    mediaType: MEDIA_TYPES[version],
    verificationMaterial: {
      ...key.material,
      tlogEntries: [entry],
      timestampVerificationData: {
        rfc3161Timestamps: stamped
          ? [{ signedTimestamp: mint.timestamps.stamp(signed.signature, at).toString('base64') }]
          : [],
      },
    },
    ...signed.content,
  };
}

/** The private half, how the log records the public half, and how the bundle shows it. */
type SigningKey = {
  readonly privateKey: KeyObject;
  readonly verifier: Verifier;
  readonly material: Pick<
    BundleJson['verificationMaterial'],
    'certificate' | 'x509CertificateChain' | 'publicKey'
  >;
};

function keyOf(mint: BundleMint, { signer, at, version = '0.3', chain = 'leaf' }: BundleRequest): SigningKey {
  if ('registryKey' in signer) {
    const { keys, keyid } = signer.registryKey;
    const v2 = { publicKey: { rawBytes: spkiOf(keys.publicKey).toString('base64') } };
    return {
      privateKey: keys.privateKey,
      verifier: { pem: pemOf(keys.publicKey), v2, keyid },
      material: { publicKey: { hint: keyid } },
    };
  }
  // Ephemeral in the wild; here one key signs for everybody, which keeps a thousand bundles cheap.
  const { privateKey, publicKey } = keyPairOf('ephemeral');
  const leaf = mint.fulcio.issue({ identity: signer.identity, publicKey, at, ...signer.certificate });
  const rawBytes = leaf.toString('base64');
  const certificates = [leaf, ...(chain === 'full' ? mint.fulcio.chain : [])];
  return {
    privateKey,
    verifier: { pem: certificatePem(leaf), v2: { x509Certificate: { rawBytes } } },
    material:
      version === '0.3'
        ? { certificate: { rawBytes } }
        : {
            x509CertificateChain: {
              certificates: certificates.map((der) => ({ rawBytes: der.toString('base64') })),
            },
          },
  };
}

/** The signature, the log entry that records it, and the bundle's content. */
type Signed = {
  readonly signature: Buffer;
  readonly entry: EntryBody;
  readonly content: Pick<BundleJson, 'dsseEnvelope' | 'messageSignature'>;
};

function signedContent(request: BundleRequest, key: SigningKey): Signed {
  return 'artifact' in request
    ? signedArtifact(request.artifact, request, key)
    : signedStatement(request, key);
}

function signedArtifact(artifact: Uint8Array, { rekor }: BundleRequest, key: SigningKey): Signed {
  const digest = sha256(artifact);
  const signature = signatureOf(artifact, key.privateKey);
  return {
    signature,
    entry: (rekor === 'v2' ? hashedRekordV2Entry : hashedRekordEntry)(digest, signature, key.verifier),
    content: {
      messageSignature: {
        messageDigest: { algorithm: 'SHA2_256', digest: digest.toString('base64') },
        signature: signature.toString('base64'),
      },
    },
  };
}

function signedStatement(
  request: Extract<BundleRequest, { readonly statement: string | object }>,
  key: SigningKey,
): Signed {
  const { statement, version = '0.3', rekor = 'v1', entry = version === '0.3' ? 'dsse' : 'intoto' } = request;
  const payload = Buffer.from(typeof statement === 'string' ? statement : JSON.stringify(statement));
  const encoded = preAuthEncoding(PAYLOAD_TYPE, payload);
  const signature = signatureOf(encoded, key.privateKey);
  const envelope: EnvelopeJson = {
    payload: payload.toString('base64'),
    payloadType: PAYLOAD_TYPE,
    signatures: [{ sig: signature.toString('base64'), keyid: key.verifier.keyid ?? '' }],
  };
  const v1 = entry === 'dsse' ? dsseEntry : intotoEntry;
  return {
    signature,
    entry:
      rekor === 'v2'
        ? hashedRekordV2Entry(sha256(encoded), signature, key.verifier)
        : v1(envelope, key.verifier),
    content: { dsseEnvelope: envelope },
  };
}

function certificatePem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
