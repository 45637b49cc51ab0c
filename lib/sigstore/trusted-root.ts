/** Parses a Sigstore trusted root (protobuf `TrustedRoot`, JSON form). */
import { TrustError } from '../errors.ts';
import { type Authority, type ChainKind, createAuthority, type Interval } from './chain.ts';
import { keyFromPkcs1, keyFromSpki, type VerifyKey } from './crypto.ts';
import { faultOf, refuse } from './fault.ts';
import { arrayAt, base64At, type JsonObject, member, objectAt, objectOf, stringAt } from './json.ts';
import { parseCertificate } from './x509.ts';

/** A transparency log's key: Rekor's, or a certificate transparency log's. */
export type LogKey = {
  readonly id: Buffer;
  /** The host part of the log's address, which signs its checkpoints. */
  readonly name: string;
  readonly key: VerifyKey;
  readonly valid: Interval;
};

/** Everything a bundle is traced back to. */
export type TrustMaterial = {
  readonly logs: readonly LogKey[];
  readonly certificateLogs: readonly LogKey[];
  readonly certificateAuthorities: readonly Authority[];
  readonly timestampAuthorities: readonly Authority[];
};

const MEDIA_TYPES: ReadonlySet<unknown> = new Set([
  'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
  'application/vnd.dev.sigstore.trustedroot+json;version=0.2',
  'application/vnd.dev.sigstore.trustedroot.v0.2+json',
]);

/** More authorities than any instance will have. */
const LIMIT = 64;

/** Parses a trusted root. Throws `TrustError` `TRUST_ROOT_MALFORMED`; a missing start of validity is malformed, not "since ever". */
export function parseTrustedRoot(json: unknown): TrustMaterial {
  try {
    const root = objectOf(json, 'the trusted root');
    if (!MEDIA_TYPES.has(member(root, 'mediaType'))) refuse('MEDIA_TYPE', 'its media type is unknown');
    return {
      logs: logsAt(root, 'tlogs'),
      certificateLogs: logsAt(root, 'ctlogs'),
      certificateAuthorities: authoritiesAt(root, 'certificateAuthorities', 'issuer'),
      timestampAuthorities: authoritiesAt(root, 'timestampAuthorities', 'timestamping'),
    };
  } catch (cause) {
    throw new TrustError(
      'TRUST_ROOT_MALFORMED',
      `The trusted root cannot be used: ${faultOf(cause).reason}.`,
      {
        cause,
      },
    );
  }
}

/** An interval whose start is required and whose missing end means "still". Times are RFC 3339. */
export function intervalAt(object: JsonObject, path: string): Interval {
  const range = objectAt(object, 'validFor', path);
  const end = member(range, 'end');
  return {
    start: momentOf(member(range, 'start'), `${path}.validFor.start`),
    end: end === undefined ? Number.POSITIVE_INFINITY : momentOf(end, `${path}.validFor.end`),
  };
}

/** An RFC 3339 time in milliseconds since the epoch. */
export function momentOf(value: unknown, path: string): number {
  const moment = typeof value === 'string' && RFC3339.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(moment) ? refuse('MALFORMED', `${path} is not a time`) : moment;
}

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

function logsAt(root: JsonObject, name: string): readonly LogKey[] {
  return arrayAt(root, name, 'trustedRoot', LIMIT).flatMap((value, index) => {
    const path = `${name}[${index}]`;
    const log = objectOf(value, path);
    const publicKey = objectAt(log, 'publicKey', path);
    const valid = intervalAt(publicKey, `${path}.publicKey`);
    const key = keyFrom(stringAt(publicKey, 'keyDetails', path), base64At(publicKey, 'rawBytes', path).bytes);
    if (key === undefined) return [];
    // Rekor v2 identifies a log by name and key together; where both ids are given, this is the one entries carry.
    const idHolder = member(log, 'checkpointKeyId') === undefined ? 'logId' : 'checkpointKeyId';
    const id = base64At(objectAt(log, idHolder, path), 'keyId', path).bytes;
    return [{ id, name: hostOf(stringAt(log, 'baseUrl', path)), key, valid }];
  });
}

/** Checkpoints are signed under the log's address without its scheme (C2SP tlog-checkpoint, "origin"). */
function hostOf(baseUrl: string): string {
  return baseUrl.replace(/^https?:\/\//, '').replace(/\/+$/, '');
}

/** `undefined` for a kind of key this version does not know: such a log proves nothing to us, and stops nothing else. */
function keyFrom(details: string, bytes: Buffer): VerifyKey | undefined {
  switch (details) {
    case 'PKIX_ECDSA_P256_SHA_256':
    case 'PKIX_ECDSA_P384_SHA_384':
    case 'PKIX_ECDSA_P521_SHA_512':
    case 'PKIX_ED25519':
    case 'PKIX_RSA_PKCS1V5':
    case 'PKIX_RSA_PKCS1V15_2048_SHA256':
    case 'PKIX_RSA_PKCS1V15_3072_SHA256':
    case 'PKIX_RSA_PKCS1V15_4096_SHA256':
      return keyFromSpki(bytes);
    case 'PKCS1_RSA_PKCS1V5':
      return keyFromPkcs1(bytes);
    default:
      return undefined;
  }
}

function authoritiesAt(root: JsonObject, name: string, kind: ChainKind): readonly Authority[] {
  return arrayAt(root, name, 'trustedRoot', LIMIT).flatMap((value, index) => {
    const path = `${name}[${index}]`;
    const authority = objectOf(value, path);
    const holder = objectAt(authority, 'certChain', path);
    const chain = arrayAt(holder, 'certificates', path, 8).map((entry, at) =>
      parseCertificate(base64At(objectOf(entry, `${path}[${at}]`), 'rawBytes', path).bytes),
    );
    const valid = intervalAt(authority, path);
    if (chain.length === 0 || kind === 'timestamping') return [createAuthority(chain, valid, kind)];
    // Any authority of the chain may issue: GitHub's long-lived certificates come from the second one.
    return chain.map((_, first) => createAuthority(chain.slice(first), valid, kind));
  });
}
