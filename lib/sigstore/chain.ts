/** Traces a certificate back to a trusted authority. */
import { digest, holds, keyFromSpki, type VerifyKey } from './crypto.ts';
import { refuse } from './fault.ts';
import { authorityOf, type Certificate, hasUsage, isIssuedBy, OID, purposesOf, USAGE } from './x509.ts';

/** A closed interval in milliseconds since the epoch. */
export type Interval = { readonly start: number; readonly end: number };

/** A trusted chain, its own links not yet checked: that happens once, on first use. */
export type Authority = {
  /** Nearest to the leaf first, the self-signed root last. A timestamp authority's own certificate comes first. */
  readonly chain: readonly Certificate[];
  readonly valid: Interval;
  /** The first certificate's key, once every link of the chain has been verified. Refuses when one does not hold. */
  readonly key: () => Promise<VerifyKey>;
  /** SHA-256 of the first certificate's public key. */
  readonly keyHash: () => Buffer;
};

/** What the first certificate of a trusted chain is: the authority itself, or the end entity of a timestamp authority. */
export type ChainKind = 'issuer' | 'timestamping';

/** Wraps a trusted chain so that its links are verified at most once. */
export function createAuthority(chain: readonly Certificate[], valid: Interval, kind: ChainKind): Authority {
  const first = chain[0] ?? refuse('CERTIFICATE_CHAIN', 'a trusted chain is empty');
  return {
    chain,
    valid,
    key: once(async () => {
      await verifyLinks(chain, kind);
      return keyFromSpki(first.spki);
    }),
    keyHash: once(() => digest('sha256', first.spki)),
  };
}

/** Does the interval hold the moment? Both ends belong to it. */
export function covers(interval: Interval, moment: number): boolean {
  return interval.start <= moment && moment <= interval.end;
}

/**
 * Finds the authority that issued a signing certificate and was, like every certificate in between, valid at all the given moments
 * (RFC 5280, 6.1; there must be at least one moment). Revocation plays no part in Sigstore: certificates live for minutes.
 */
export async function issuerOf(
  leaf: Certificate,
  authorities: readonly Authority[],
  moments: readonly number[],
): Promise<Authority> {
  if (moments.length === 0)
    return refuse('CERTIFICATE_TIME', 'no verified time says when the certificate was used');
  if (!moments.every((moment) => leaf.notBefore <= moment && moment <= leaf.notAfter)) {
    return refuse('CERTIFICATE_TIME', 'the certificate was not valid at the signing time');
  }
  const named = authorities.filter(({ chain: [issuer] }) => issuer !== undefined && isIssuedBy(leaf, issuer));
  if (named.length === 0)
    return refuse('CERTIFICATE_CHAIN', 'the certificate was issued by no trusted authority');
  const timely = named.filter((authority) => moments.every((moment) => isValidAt(authority, moment)));
  if (timely.length === 0) {
    return refuse('CERTIFICATE_TIME', 'the certificate authority was not trusted at the signing time');
  }
  for (const authority of timely) if (await isSignedBy(leaf, await authority.key())) return authority;
  return refuse('CERTIFICATE_CHAIN', "the trusted authority's signature on the certificate does not hold");
}

/** Was the authority trusted, and each certificate of its chain valid, at that moment? */
export function isValidAt({ chain, valid }: Authority, moment: number): boolean {
  return (
    covers(valid, moment) &&
    chain.every(({ notBefore, notAfter }) => notBefore <= moment && moment <= notAfter)
  );
}

async function isSignedBy(certificate: Certificate, key: VerifyKey): Promise<boolean> {
  if (certificate.signatureKind !== key.kind) return false;
  return holds(key, certificate.tbs, certificate.signature, certificate.signatureHash);
}

async function verifyLinks(chain: readonly Certificate[], kind: ChainKind): Promise<void> {
  for (const [index, certificate] of chain.entries()) {
    // The root vouches for itself.
    const issuer = chain[index + 1] ?? certificate;
    if (kind === 'issuer' || index > 0) checkAuthority(certificate, kind === 'issuer' ? index : index - 1);
    if (!isIssuedBy(certificate, issuer) || !(await isSignedBy(certificate, keyFromSpki(issuer.spki)))) {
      refuse('CERTIFICATE_CHAIN', 'a link of the trusted certificate chain does not hold');
    }
  }
  if (kind === 'timestamping') checkTimestamper(chain);
}

/** RFC 5280, 4.2.1.3 and 4.2.1.9. `below`: how many authorities stand between it and the end entity. */
function checkAuthority(certificate: Certificate, below: number): void {
  const { ca, pathLength } = authorityOf(certificate);
  if (!ca || !hasUsage(certificate, USAGE.keyCertSign)) {
    refuse('CERTIFICATE_CHAIN', 'a certificate of the trusted chain is not an authority');
  }
  if (below > pathLength) refuse('CERTIFICATE_CHAIN', 'a trusted certificate chain is longer than it may be');
}

/** A timestamp authority's certificate is for that purpose alone (RFC 3161, 2.3), and somebody else vouches for it. */
function checkTimestamper([own, ...issuers]: readonly Certificate[]): void {
  const purposes = own === undefined ? undefined : purposesOf(own);
  if (issuers.length === 0 || purposes?.length !== 1 || purposes[0] !== OID.timeStamping) {
    refuse('CERTIFICATE_CHAIN', 'the timestamp certificate is not for timestamps');
  }
}

/** Makes a value at the first call only. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
