/** Gets a signing certificate from Fulcio for an identity token, and accepts only the one that was asked for. */
import { type KeyObject, sign } from 'node:crypto';
import { SigningError } from '../errors.ts';
import type { Identity } from '../model/evidence.ts';
import { tame } from '../text/sanitize.ts';
import { checkSigningUse, identityOf } from './certificate.ts';
import { issuerOf } from './chain.ts';
import { refuse } from './fault.ts';
import type { IdentityToken } from './identity-token.ts';
import { arrayAt, objectAt, objectOf, parseJson } from './json.ts';
import { verifySignedTimestamps } from './sct.ts';
import {
  type AskService,
  fetchAnswer,
  posted,
  readAnswer,
  type ServiceCall,
  successOf,
} from './signing-service.ts';
import type { TrustMaterial } from './trusted-root.ts';
import { parseCertificate } from './x509.ts';

/** What a certificate is asked for. */
export type CertificateRequest = {
  /** Base URL of the certificate authority. */
  readonly url: string;
  readonly token: IdentityToken;
  readonly keys: { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
  readonly trust: TrustMaterial;
};

/** A certificate for our key and our identity. */
export type SigningCertificate = { readonly der: Buffer; readonly identity: Identity };

const SERVICE = { name: 'The certificate authority', code: 'CERTIFICATE_REFUSED' } as const;
const LIMIT = 256 * 1024;

/** Asks for it (Fulcio API v2, `CreateSigningCertificate`). Throws `SigningError` `CERTIFICATE_REFUSED`. */
export async function fetchCertificate(
  ask: AskService,
  request: CertificateRequest,
): Promise<SigningCertificate> {
  const { url, token, keys } = request;
  const call: ServiceCall = {
    service: SERVICE,
    quote: token.quote,
    url: `${url}/api/v2/signingCert`,
    limit: LIMIT,
    ...posted({
      credentials: { oidcIdentityToken: token.reveal() },
      publicKeyRequest: {
        publicKey: { algorithm: 'ECDSA', content: keys.publicKey.export({ type: 'spki', format: 'pem' }) },
        proofOfPossession: sign('sha256', Buffer.from(token.challenge), keys.privateKey).toString('base64'),
      },
    }),
  };
  const answer = await fetchAnswer(ask, call);
  const body = withHint(token, () => successOf(answer, call));
  return readAnswer(SERVICE, () => checked(parseCertificateAnswer(body), request));
}

/** The usual cause of a refusal is a token for somebody else. */
function withHint(token: IdentityToken, read: () => Uint8Array): Uint8Array {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SigningError) || token.audience.includes('sigstore')) throw error;
    throw new SigningError(error.code, error.message, {
      hint: `The identity token is for the audience ${tame(token.audience.join(', '), 120) || 'nobody'}; Sigstore wants sigstore.`,
    });
  }
}

/** The first certificate of the chain. A certificate without its timestamp inside is of no use to a verifier. */
function parseCertificateAnswer(body: Uint8Array): Buffer {
  const answer = objectOf(parseJson(body, 'the answer'), 'the answer');
  const chain = objectAt(objectAt(answer, 'signedCertificateEmbeddedSct', 'answer'), 'chain', 'answer');
  const [leaf] = arrayAt(chain, 'certificates', 'answer', 16);
  const block =
    typeof leaf === 'string'
      ? /^\s*-----BEGIN CERTIFICATE-----\s([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/.exec(leaf)?.[1]
      : undefined;
  return block === undefined
    ? refuse('MALFORMED', 'it holds no certificate')
    : Buffer.from(block.replace(/\s/g, ''), 'base64');
}

/** Ours in every respect: key, identity, issuer, purpose, and the log's promise about it. */
async function checked(der: Buffer, { token, keys, trust }: CertificateRequest): Promise<SigningCertificate> {
  const certificate = parseCertificate(der);
  if (!certificate.spki.equals(keys.publicKey.export({ type: 'spki', format: 'der' }))) {
    refuse('CERTIFICATE', 'the certificate is for another key');
  }
  // Its own start is the moment: local clocks differ, and the log's time is compared later.
  const issuer = await issuerOf(certificate, trust.certificateAuthorities, [certificate.notBefore]);
  checkSigningUse(certificate);
  await verifySignedTimestamps(certificate, issuer, { keys: trust.certificateLogs, threshold: 1 });
  const identity = identityOf(certificate);
  if (!token.fits(identity)) {
    refuse(
      'CERTIFICATE_IDENTITY',
      `the certificate is for ${tame(identity.subject, 200)}, which the token does not name`,
    );
  }
  return { der, identity };
}
