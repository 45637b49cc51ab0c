/** The trusted root of a minted Sigstore, as its TUF repository serves it. */
import type { KeyObject } from 'node:crypto';
import { BEGINNING } from './authorities.ts';
import type { Fulcio } from './fulcio.ts';
import { sha256, spkiOf } from './keys.ts';
import type { Rekor } from './rekor.ts';
import type { TimestampAuthority } from './timestamps.ts';

/** The parts of a trusted root. */
export type TrustedPart = 'fulcio' | 'ctlog' | 'rekorV1' | 'rekorV2' | 'timestamps';

/** What a trusted root is asked for besides the ordinary. */
export type TrustedRootRequest = {
  /** Parts that are not there at all. */
  readonly without?: readonly TrustedPart[];
  /** Parts whose validity ended, and when, ISO 8601. */
  readonly ended?: Readonly<Partial<Record<TrustedPart, string>>>;
};

type LogInstanceJson = {
  baseUrl: string;
  hashAlgorithm: string;
  publicKey: { rawBytes: string; keyDetails: string; validFor: ValidityJson };
  logId: { keyId: string };
};
type AuthorityJson = {
  subject: { organization: string; commonName: string };
  uri: string;
  certChain: { certificates: { rawBytes: string }[] };
  validFor: ValidityJson;
};
type ValidityJson = { start: string; end?: string };

/** `trusted_root.json`, writable for tests that alter it. */
export type TrustedRootJson = {
  mediaType: string;
  tlogs: LogInstanceJson[];
  certificateAuthorities: AuthorityJson[];
  ctlogs: LogInstanceJson[];
  timestampAuthorities: AuthorityJson[];
};

/** The parts of a Sigstore that a trusted root lists. */
export type TrustedParts = {
  readonly name: string;
  readonly fulcio: Fulcio;
  readonly rekorV1: Rekor;
  readonly rekorV2: Rekor;
  readonly timestamps: TimestampAuthority;
};

/** A trusted root that trusts all of a Sigstore, besides what the request takes away. */
export function trustedRootJson(
  parts: TrustedParts,
  { without = [], ended = {} }: TrustedRootRequest = {},
): TrustedRootJson {
  const validFor = (part: TrustedPart): ValidityJson => {
    const end = ended[part];
    return { start: BEGINNING.toISOString(), ...(end === undefined ? {} : { end }) };
  };
  const only = <T>(part: TrustedPart, value: T): T[] => (without.includes(part) ? [] : [value]);
  const { name, fulcio, rekorV1, rekorV2, timestamps } = parts;
  const rekorOf = (part: 'rekorV1' | 'rekorV2', { baseUrl, publicKey, logId }: Rekor) =>
    only(part, logOf({ baseUrl, publicKey, logId, validFor: validFor(part) }));
  return {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [...rekorOf('rekorV1', rekorV1), ...rekorOf('rekorV2', rekorV2)],
    certificateAuthorities: only('fulcio', {
      subject: { organization: `${name}.example`, commonName: 'sigstore' },
      uri: `https://fulcio.${name}.example`,
      certChain: chainOf(fulcio.chain),
      validFor: validFor('fulcio'),
    }),
    ctlogs: only(
      'ctlog',
      logOf({
        baseUrl: `https://ctfe.${name}.example/2022`,
        publicKey: fulcio.ctLogKey,
        logId: sha256(spkiOf(fulcio.ctLogKey)),
        validFor: validFor('ctlog'),
      }),
    ),
    timestampAuthorities: only('timestamps', {
      subject: { organization: `${name}.example`, commonName: 'sigstore-tsa-selfsigned' },
      uri: `https://timestamp.${name}.example/api/v1/timestamp`,
      certChain: chainOf(timestamps.chain),
      validFor: validFor('timestamps'),
    }),
  };
}

function logOf(log: {
  readonly baseUrl: string;
  readonly publicKey: KeyObject;
  readonly logId: Buffer;
  readonly validFor: ValidityJson;
}): LogInstanceJson {
  return {
    baseUrl: log.baseUrl,
    hashAlgorithm: 'SHA2_256',
    publicKey: {
      rawBytes: spkiOf(log.publicKey).toString('base64'),
      keyDetails: log.publicKey.asymmetricKeyType === 'ed25519' ? 'PKIX_ED25519' : 'PKIX_ECDSA_P256_SHA_256',
      validFor: log.validFor,
    },
    logId: { keyId: log.logId.toString('base64') },
  };
}

function chainOf(chain: readonly Buffer[]): AuthorityJson['certChain'] {
  return { certificates: chain.map((der) => ({ rawBytes: der.toString('base64') })) };
}
