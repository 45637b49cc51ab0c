/** Fulcio's API v2 over a minted certificate authority. */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { createSigstore, keyPairOf, type Sigstore } from '../sigstore/index.ts';
import { type Answer, json, type Received, type Service } from './misbehaviour.ts';
import { type Claims, identityBehind } from './tokens.ts';

/**
 * Certifies whoever has a token for the audience sigstore and proves to hold the key. Lies: `other-key`, `other-identity`,
 * `other-issuer`, `other-authority`, `no-sct`, `wrong-sct`, `expired`, `detached`.
 */
export function fulcioService(sigstore: Sigstore, now: () => Date): Service {
  return (request, lie) => {
    if (request.method !== 'POST' || request.path !== '/api/v2/signingCert')
      return json(404, { message: 'Not Found' });
    const asked = read(request);
    if (asked === undefined) return json(400, { code: 3, message: 'invalid request' });
    const { claims, publicKey, proof } = asked;
    if (claims['aud'] !== 'sigstore') {
      return json(401, { code: 16, message: `oidc: expected audience "sigstore" got "${claims['aud']}"` });
    }
    const challenge = String(claims['email_verified'] === true ? claims['email'] : claims['sub']);
    if (!verify('sha256', Buffer.from(challenge), publicKey, proof)) {
      return json(400, { code: 3, message: 'the signature supplied could not be verified' });
    }
    return certified(sigstore, { claims, publicKey, at: now() }, lie);
  };
}

type Asked = { readonly claims: Claims; readonly publicKey: KeyObject; readonly proof: Buffer };

function read({ body }: Received): Asked | undefined {
  try {
    const { credentials, publicKeyRequest } = JSON.parse(body.toString('utf8'));
    const [, payload] = credentials.oidcIdentityToken.split('.');
    return {
      claims: JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')),
      publicKey: createPublicKey(publicKeyRequest.publicKey.content),
      proof: Buffer.from(publicKeyRequest.proofOfPossession, 'base64'),
    };
  } catch {
    return undefined;
  }
}

type Certified = Omit<Asked, 'proof'> & { readonly at: Date };

function certified(
  sigstore: Sigstore,
  { claims, publicKey, at }: Certified,
  lie: string | undefined,
): Answer {
  const identity = identityBehind(claims);
  const { fulcio } = lie === 'other-authority' ? createSigstore('mallory') : sigstore;
  const leaf = fulcio.issue({
    identity: {
      ...identity,
      ...(lie === 'other-identity' ? { subject: 'mallory@evil.example' } : {}),
      ...(lie === 'other-issuer' ? { issuer: 'https://evil.example' } : {}),
    },
    publicKey: lie === 'other-key' ? keyPairOf('mallory').publicKey : publicKey,
    at: lie === 'expired' ? new Date(at.getTime() - 3_600_000) : at,
    ...(lie === 'no-sct' ? { sct: 'none' as const } : {}),
    ...(lie === 'wrong-sct' ? { sct: 'wrong' as const } : {}),
  });
  const certificates = [leaf, ...fulcio.chain].map(pemOf);
  const member = lie === 'detached' ? 'signedCertificateDetachedSct' : 'signedCertificateEmbeddedSct';
  return json(201, { [member]: { chain: { certificates } } });
}

function pemOf(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
