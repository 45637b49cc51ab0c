/** Two verifiers beside each other: npmsign's and sigstore-js, and what may lie between their answers. */
import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import {
  type TrustMaterial as ReferenceMaterial,
  toSignedEntity,
  toTrustMaterial,
  Verifier,
} from '@sigstore/verify';
import {
  type BundleOptions,
  type BundleResult,
  type FaultCode,
  parseTrustedRoot,
  type RegistryKey,
  type TrustMaterial,
  verifyBundle,
} from '../../../lib/sigstore/index.ts';
import type { JsonValue } from './json-mutations.ts';

/** A bundle, and both ways of judging it or what is made of it. */
export type Judged = {
  readonly name: string;
  readonly bundle: JsonValue;
  /** What the corpus expects of it; absent for what was minted, which both must accept. */
  readonly expected?: string;
  readonly ours: (bundle: unknown) => Promise<BundleResult>;
  /** Its error, or `undefined` when it accepts. */
  readonly reference: (bundle: unknown) => string | undefined;
};

/** What two answers come to. All but `bad` are as they should be. */
export type Agreement =
  | { readonly kind: 'both accept' | 'both refuse' }
  /** Stricter for a reason that is listed. */
  | { readonly kind: 'only sigstore-js accepts'; readonly code: FaultCode; readonly reason: string }
  /** npmsign accepts what the reference refuses, refuses without a listed reason, or met a bug of its own. */
  | { readonly kind: 'bad'; readonly reason: string };

/** Why npmsign may refuse what the reference accepts. */
export const STRICTER: ReadonlyMap<FaultCode, string> = new Map([
  ['MALFORMED', 'types are not coerced, base64 is canonical, unknown digests and crowded lists are refused'],
  ['MEDIA_TYPE', 'media types are matched whole'],
  [
    'TLOG_PROOF',
    'root hash and tree size must be those of the checkpoint, and a Rekor v2 index that of the proof',
  ],
  ['TLOG_CHECKPOINT', 'nothing but signature lines may follow the note, and its name must be the whole host'],
  ['TLOG_BODY', 'the logged certificate, key, payload type and digest algorithms are compared too'],
  ['TLOG_UNKNOWN', "a Rekor v2 log's key must be valid at the signing time"],
  ['CERTIFICATE', 'every field of the certificate must be DER'],
  ['CERTIFICATE_USAGE', 'the certificate must be for signing code'],
  ['CERTIFICATE_IDENTITY', 'exactly one subject, and no two values for one fact'],
  ['TIMESTAMP', 'timestamps must name their certificate rightly and have one signer'],
  ['ARTIFACT', "the artifact's digest is compared before its signature"],
]);

/** What the two answers come to. */
export async function agreementOn({ ours, reference }: Judged, bundle: unknown): Promise<Agreement> {
  const [own, error] = [await ours(bundle), reference(bundle)];
  if (own.ok) {
    return error === undefined
      ? { kind: 'both accept' }
      : { kind: 'bad', reason: `only npmsign accepts; sigstore-js: ${error}` };
  }
  const { code, reason } = own;
  if (code === 'UNEXPECTED') return { kind: 'bad', reason: `npmsign met a bug of its own: ${reason}` };
  if (error !== undefined) return { kind: 'both refuse' };
  return STRICTER.has(code)
    ? { kind: 'only sigstore-js accepts', code, reason }
    : { kind: 'bad', reason: `npmsign refuses for a reason that is not listed: ${code} ${reason}` };
}

/** One trusted root, as each of the two reads it. Read once: that costs more than judging. */
export type Roots = {
  readonly ours: TrustMaterial;
  readonly reference: (keys: Parameters<typeof toTrustMaterial>[1]) => ReferenceMaterial;
};

/** `undefined` for the one malformed root, which npmsign alone refuses: its own test says so. */
export function rootsFrom(json: unknown): Roots | undefined {
  try {
    const ours = parseTrustedRoot(json);
    return { ours, reference: (keys) => toTrustMaterial(TrustedRoot.fromJSON(json), keys) };
  } catch {
    return undefined;
  }
}

/** How a bundle is judged. */
export type Judging = {
  readonly roots: Roots;
  readonly options: BundleOptions;
  /** What is signed, where a bundle signs bytes and not a statement. */
  readonly artifact?: Uint8Array;
};

/** Both ways of judging, under the same root, keys and thresholds. */
export function judgingBy({ roots, options, artifact }: Judging): Pick<Judged, 'ours' | 'reference'> {
  const material = roots.reference((hint) => referenceKey(options, hint));
  const verifier = new Verifier(material, {
    tlogThreshold: options.thresholds?.tlog ?? 1,
    ctlogThreshold: options.thresholds?.ctlog ?? 1,
    timestampThreshold: options.thresholds?.timestamp ?? 1,
  });
  const bytes = artifact === undefined ? undefined : Buffer.from(artifact);
  return {
    ours: (json) => verifyBundle(json, roots.ours, options),
    reference(json) {
      try {
        verifier.verify(toSignedEntity(bundleFromJSON(json), bytes));
        return undefined;
      } catch (error) {
        // Its crashes are refusals too.
        return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      }
    },
  };
}

function referenceKey({ key, registryKeys = [] }: BundleOptions, hint: string) {
  if (key !== undefined) return { publicKey: key, validFor: () => true };
  const isNamed = ({ keyid, usages }: RegistryKey): boolean =>
    keyid === hint && usages.includes('npm:attestations');
  const found = registryKeys.find(isNamed);
  if (found === undefined) throw new Error('key not found');
  const { validFrom = 0, validUntil = Number.POSITIVE_INFINITY } = found;
  return {
    publicKey: found.key,
    validFor: (at: Date) => validFrom <= at.getTime() && at.getTime() <= validUntil,
  };
}
