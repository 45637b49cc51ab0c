/** Signs a statement with a key that lives as long as this call, and hands out only a bundle that verifies. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { InternalError, SigningError, type SigningErrorCode } from '../errors.ts';
import type { Identity } from '../model/evidence.ts';
import type { PackageId } from '../model/package.ts';
import { preAuthEncoding } from './artifact.ts';
import { type FaultCode, faultOf } from './fault.ts';
import { fetchCertificate } from './fulcio.ts';
import type { IdentityToken } from './identity-token.ts';
import { isProvenanceType, provenanceOf } from './provenance.ts';
import { fetchLogEntry } from './rekor.ts';
import type { EnvelopeJson, LogEntryJson } from './rekor-entry.ts';
import type { SigningServices } from './signing-config.ts';
import type { AskService } from './signing-service.ts';
import { checkSubject, parseStatement } from './statement.ts';
import { fetchTimestamp } from './timestamp-client.ts';
import type { TrustMaterial } from './trusted-root.ts';
import { verifyBundle } from './verify-bundle.ts';

/** What is to be signed, for whom, and with whose help. */
export type AttestRequest = {
  /** An in-toto statement about one package. */
  readonly statement: object;
  /** What the statement must be about; `sha512` is hex. */
  readonly subject: { readonly id: PackageId; readonly sha512: string };
  readonly token: IdentityToken;
  readonly services: SigningServices;
  readonly trust: TrustMaterial;
  readonly ask: AskService;
};

/** A Sigstore bundle of version 0.3 around a signed statement, in JSON. */
export type SignedBundle = {
  readonly mediaType: string;
  readonly verificationMaterial: {
    readonly certificate: { readonly rawBytes: string };
    readonly tlogEntries: readonly LogEntryJson[];
    readonly timestampVerificationData: {
      readonly rfc3161Timestamps: readonly { readonly signedTimestamp: string }[];
    };
  };
  readonly dsseEnvelope: EnvelopeJson;
};

/** A bundle that verifies, and what it proves. */
export type Attestation = {
  readonly bundle: SignedBundle;
  readonly identity: Identity;
  /** Verified, ISO 8601. */
  readonly loggedAt?: string;
  readonly logIndex?: string;
};

const PAYLOAD_TYPE = 'application/vnd.in-toto+json';
const MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/**
 * Signs. Every answer of a service is held against what was asked, and the whole against the trust root, as a consumer will.
 * Throws `SigningError`: `CERTIFICATE_REFUSED`, `LOG_REFUSED` or `TIMESTAMP_REFUSED`. The private key never leaves this function.
 */
export async function attest(request: AttestRequest): Promise<Attestation> {
  const { ask, services, token, trust } = request;
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const certificate = await fetchCertificate(ask, { url: services.fulcio, token, keys, trust });
  const payload = Buffer.from(JSON.stringify(request.statement));
  const signed = (): Signed => {
    const signature = sign('sha256', preAuthEncoding(PAYLOAD_TYPE, payload), keys.privateKey);
    const signatures = [{ sig: signature.toString('base64'), keyid: '' }];
    const envelope = { payload: payload.toString('base64'), payloadType: PAYLOAD_TYPE, signatures };
    return { signature, envelope, certificate: certificate.der };
  };
  const bundle = await witnessed(request, signed);
  return accepted(bundle, request, certificate.identity);
}

type Helpers = Pick<AttestRequest, 'ask' | 'services' | 'trust'>;

type Signed = {
  readonly signature: Buffer;
  readonly envelope: EnvelopeJson;
  readonly certificate: Buffer;
};

/**
 * Authorities and logs witness the same signature. One after another: a request that is no longer waited for would keep the process
 * alive; and the logs last, so that no log remembers a signature that came to nothing.
 */
async function witnessed(helpers: Helpers, make: () => Signed, attempts = 2): Promise<SignedBundle> {
  const { ask, services, trust } = helpers;
  const signed = make();
  const timestamps: Buffer[] = [];
  for (const url of services.timestampAuthorities) {
    const request = { url, signed: signed.signature, authorities: trust.timestampAuthorities };
    timestamps.push(await fetchTimestamp(ask, request));
  }
  const entries: (LogEntryJson | 'exists')[] = [];
  for (const log of services.rekor) entries.push(await fetchLogEntry(ask, log, signed));
  const given = entries.filter((entry) => entry !== 'exists');
  if (given.length < entries.length) {
    // An ECDSA signature is never the same twice, so a new one is a new entry.
    if (attempts > 1) return witnessed(helpers, make, attempts - 1);
    throw new SigningError(
      'LOG_REFUSED',
      'The transparency log says of every new entry that it has it already.',
    );
  }
  return {
    mediaType: MEDIA_TYPE,
    verificationMaterial: {
      certificate: { rawBytes: signed.certificate.toString('base64') },
      tlogEntries: given,
      timestampVerificationData: {
        rfc3161Timestamps: timestamps.map((der) => ({ signedTimestamp: der.toString('base64') })),
      },
    },
    dsseEnvelope: signed.envelope,
  };
}

/** The finished bundle, verified as any consumer would, before anybody sees it. */
async function accepted(
  bundle: SignedBundle,
  { services, trust, subject }: AttestRequest,
  expected: Identity,
): Promise<Attestation> {
  const result = await verifyBundle(bundle, trust, {
    expect: 'certificate',
    thresholds: { tlog: services.rekor.length, ctlog: 1, timestamp: 1 },
  });
  if (!result.ok) throw refusal(result);
  const { signer, content, loggedAt, logIndex } = result;
  if (
    signer.kind !== 'certificate' ||
    content.kind !== 'dsse' ||
    signer.identity.subject !== expected.subject
  ) {
    throw new InternalError('BUG', 'The bundle verifies as something else than what was signed.');
  }
  try {
    const statement = parseStatement(content.payloadType, content.payload);
    checkSubject(statement, subject.id, subject.sha512);
    if (isProvenanceType(statement.predicateType)) provenanceOf(statement, signer.identity);
  } catch (error) {
    throw refusal(faultOf(error));
  }
  return {
    bundle,
    identity: signer.identity,
    ...(loggedAt === undefined ? {} : { loggedAt }),
    ...(logIndex === undefined ? {} : { logIndex }),
  };
}

/** Who is to blame, by what is wrong. */
function refusal({ code, reason }: { readonly code: FaultCode; readonly reason: string }): SigningError {
  if (code === 'PREDICATE') {
    return new SigningError(
      'CERTIFICATE_REFUSED',
      `This build is not what its certificate says: ${reason}.`,
      {
        hint: 'The environment of this step differs from the run the identity token was issued for. Sign in the run itself.',
      },
    );
  }
  const blame = BLAME.find(([prefix]) => code.startsWith(prefix)) ?? LOG;
  return new SigningError(blame[1], `The signature would not verify: ${reason}.`, { hint: blame[2] });
}

const LOG = [
  'TLOG',
  'LOG_REFUSED',
  'The transparency log is not the one the trust root knows, or it answered wrongly.',
] as const;
const BLAME: readonly (readonly [string, SigningErrorCode, string])[] = [
  LOG,
  [
    'TIMESTAMP_THRESHOLD',
    'TIMESTAMP_REFUSED',
    'This log gives no time. Name an authority in the policy: sign.timestampAuthority.',
  ],
  [
    'TIMESTAMP',
    'TIMESTAMP_REFUSED',
    'The timestamp authority is not the one the trust root knows, or it answered wrongly.',
  ],
  [
    'CERTIFICATE',
    'CERTIFICATE_REFUSED',
    'The certificate does not fit the time of the log entry, or the trust root.',
  ],
  ['SCT', 'CERTIFICATE_REFUSED', 'The certificate is in no certificate log the trust root knows.'],
];
