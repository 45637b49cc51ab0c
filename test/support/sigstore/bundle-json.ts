/** The JSON of a Sigstore bundle, writable: tests alter one byte of it. */

/** One transparency-log entry. */
export type TlogEntryJson = {
  logIndex: string;
  logId: { keyId: string };
  kindVersion: { kind: string; version: string };
  integratedTime?: string;
  inclusionPromise?: { signedEntryTimestamp: string } | null;
  inclusionProof?: {
    logIndex: string;
    rootHash: string;
    treeSize: string;
    hashes: string[];
    checkpoint: { envelope: string };
  } | null;
  canonicalizedBody: string;
};

/** A DSSE envelope. */
export type EnvelopeJson = {
  payload: string;
  payloadType: string;
  signatures: { sig: string; keyid: string }[];
};

/** A bundle of version 0.1, 0.2 or 0.3. Exactly one of the three kinds of key, and of the two kinds of content, is there. */
export type BundleJson = {
  mediaType: string;
  verificationMaterial: {
    certificate?: { rawBytes: string };
    x509CertificateChain?: { certificates: { rawBytes: string }[] };
    publicKey?: { hint: string };
    tlogEntries: TlogEntryJson[];
    timestampVerificationData: { rfc3161Timestamps: { signedTimestamp: string }[] };
  };
  dsseEnvelope?: EnvelopeJson;
  messageSignature?: { messageDigest: { algorithm: 'SHA2_256'; digest: string }; signature: string };
};

/** What the registry answers at `/-/npm/v1/attestations/<name>@<version>`. */
export type AttestationsJson = { attestations: { predicateType: string; bundle: BundleJson }[] };
