/** Verifies the attestations a registry serves for one package version. */
import type { Provenance, PublishAttestation } from '../model/evidence.ts';
import type { Integrity, PackageId } from '../model/package.ts';
import type { Proof } from '../model/proof.ts';
import { sha512Hex } from '../text/integrity.ts';
import { Fault, faultOf, refuse } from './fault.ts';
import { arrayAt, type JsonObject, member, objectOf, stringAt, textAt } from './json.ts';
import { isProvenanceType, provenanceOf } from './provenance.ts';
import type { RegistryKey } from './registry-keys.ts';
import { checkSubject, parseStatement, type Statement } from './statement.ts';
import type { TrustMaterial } from './trusted-root.ts';
import { type BundleResult, verifyBundle } from './verify-bundle.ts';

/** One package as the lockfile pins it, the registry's answer, and whom signatures are traced back to. */
export type AttestationQuestion = {
  readonly id: PackageId;
  readonly integrity: Integrity | undefined;
  /** The parsed JSON of `/-/npm/v1/attestations/<name>@<version>`. */
  readonly response: unknown;
  readonly trust: TrustMaterial;
  readonly keys: readonly RegistryKey[];
};

/** What the answer proves. */
export type AttestationProofs = {
  readonly publish: Proof<PublishAttestation>;
  readonly provenance: Proof<Provenance>;
};

/** npm's publish attestation, in the words of the registry. */
const PUBLISH = 'https://github.com/npm/attestation/tree/main/specs/publish/v0.1';
/** More attestations than one version ever has. */
const LIMIT = 64;

/**
 * Verifies every attestation of the answer; one that does not hold refutes its kind, and one of an unknown kind refutes both, because its
 * label is nobody's word. Unknown kinds that hold are ignored. A kind the list does not have is absent. Never rejects.
 */
export async function verifyAttestations(question: AttestationQuestion): Promise<AttestationProofs> {
  const sha512 = question.integrity === undefined ? undefined : sha512Hex(question.integrity);
  if (sha512 === undefined) {
    const reason = 'the lockfile has no single sha512 to compare the attested bytes with';
    return { publish: { status: 'unavailable', reason }, provenance: { status: 'unavailable', reason } };
  }
  try {
    const attestations = attestationsIn(question.response);
    const findings = await Promise.all(
      attestations.map((attestation) => findingOf(attestation, question, sha512)),
    );
    return {
      publish: conclude(findings.flatMap((finding) => refutationOr(finding, 'publish'))),
      provenance: conclude(findings.flatMap((finding) => refutationOr(finding, 'provenance'))),
    };
  } catch (error) {
    const refuted = { status: 'refuted', reason: faultOf(error).reason } as const;
    return { publish: refuted, provenance: refuted };
  }
}

type Kind = 'publish' | 'provenance' | 'other';

type Finding =
  | { readonly kind: 'publish'; readonly value: PublishAttestation }
  | { readonly kind: 'provenance'; readonly value: Provenance }
  | { readonly kind: 'other' }
  | { readonly kind: 'refuted'; readonly about: Kind; readonly reason: string };

function attestationsIn(response: unknown): readonly JsonObject[] {
  const answer = objectOf(response, 'the answer');
  if (!Array.isArray(member(answer, 'attestations'))) {
    return refuse('MALFORMED', "the registry's answer has no list of attestations");
  }
  const list = arrayAt(answer, 'attestations', 'answer', LIMIT);
  if (list.length === 0) return refuse('MALFORMED', "the registry's list of attestations is empty");
  return list.map((value, index) => objectOf(value, `attestations[${index}]`));
}

function kindOf(predicateType: string): Kind {
  if (predicateType === PUBLISH) return 'publish';
  return isProvenanceType(predicateType) ? 'provenance' : 'other';
}

async function findingOf(
  attestation: JsonObject,
  question: AttestationQuestion,
  sha512: string,
): Promise<Finding> {
  const about = kindOf(textAt(attestation, 'predicateType') ?? '');
  try {
    return await verifyAttestation(attestation, about, { question, sha512 });
  } catch (error) {
    const { code, reason } = faultOf(error);
    return { kind: 'refuted', about, reason: `${NAMES[about]} does not hold (${code}): ${reason}` };
  }
}

const NAMES: Readonly<Record<Kind, string>> = {
  publish: 'the publish attestation',
  provenance: 'the provenance',
  other: 'an attestation of an unknown kind',
};

async function verifyAttestation(
  attestation: JsonObject,
  kind: Kind,
  { question, sha512 }: { readonly question: AttestationQuestion; readonly sha512: string },
): Promise<Finding> {
  const { id, trust, keys } = question;
  const predicateType = stringAt(attestation, 'predicateType', 'attestation');
  const result = await verifyBundle(member(attestation, 'bundle'), trust, {
    registryKeys: keys,
    // A person's certificate must not pass for the registry, nor the registry's key for a build (SPEC 4.3).
    ...(kind === 'publish' ? { expect: 'key' as const } : {}),
    ...(kind === 'provenance' ? { expect: 'certificate' as const } : {}),
  });
  if (!result.ok) throw new Fault(result.code, result.reason);
  if (result.content.kind !== 'dsse') return refuse('STATEMENT', 'the bundle holds no statement');
  checkKeyId(result, result.content.keyid);
  const statement = parseStatement(result.content.payloadType, result.content.payload);
  if (statement.predicateType !== predicateType) {
    return refuse('STATEMENT', 'the attestation is labelled with another predicate type than the signed one');
  }
  checkSubject(statement, id, sha512);
  return conclusionOf(kind, { statement, result, id });
}

type Verified = Extract<BundleResult, { readonly ok: true }>;

/** The envelope's key id is nobody's word, but pacote decides by it: it must not tell another story than the bundle. */
function checkKeyId({ signer }: Verified, keyid: string): void {
  const expected = signer.kind === 'key' ? signer.keyid : '';
  if (keyid !== expected) refuse('KEY_ID', 'the key id of the signature is not the one of its signer');
}

function conclusionOf(
  kind: Kind,
  {
    statement,
    result,
    id,
  }: { readonly statement: Statement; readonly result: Verified; readonly id: PackageId },
): Finding {
  const logged = {
    ...(result.loggedAt === undefined ? {} : { loggedAt: result.loggedAt }),
    ...(result.logIndex === undefined ? {} : { logIndex: result.logIndex }),
  };
  if (kind === 'publish' && result.signer.kind === 'key') {
    checkPublish(statement, id);
    return { kind, value: { keyid: result.signer.keyid, ...logged } };
  }
  if (kind === 'provenance' && result.signer.kind === 'certificate') {
    if (result.signer.identity.issuer === '') {
      refuse('CERTIFICATE_IDENTITY', 'the certificate does not say who vouches for the build');
    }
    return { kind, value: { ...provenanceOf(statement, result.signer.identity), ...logged } };
  }
  return { kind: 'other' };
}

/** The publish predicate repeats name and version, and says which registry it was (npm publish specification v0.1). */
function checkPublish({ predicate }: Statement, { name, version }: PackageId): void {
  if (textAt(predicate, 'name') !== name || textAt(predicate, 'version') !== version) {
    refuse('PREDICATE', 'the publish attestation names another package or version than its subject');
  }
  if (!URL.canParse(textAt(predicate, 'registry') ?? '')) {
    refuse('PREDICATE', 'the publish attestation names no registry');
  }
}

type Half<K extends 'publish' | 'provenance'> = Extract<Finding, { readonly kind: K }>;
type Refuted = Extract<Finding, { readonly kind: 'refuted' }>;

/** The findings that bear on one kind: its own, and refutations of it or of something unlabelled. */
function refutationOr<K extends 'publish' | 'provenance'>(
  finding: Finding,
  kind: K,
): readonly (Half<K> | Refuted)[] {
  if (finding.kind === 'refuted') return finding.about === kind || finding.about === 'other' ? [finding] : [];
  // The discriminant was compared with `kind` itself, which the compiler cannot follow through the type parameter.
  return finding.kind === kind ? [finding as Half<K>] : [];
}

function conclude<T>(
  findings: readonly ({ readonly kind: string; readonly value: T } | Refuted)[],
): Proof<T> {
  const refutation = findings.find((finding): finding is Refuted => finding.kind === 'refuted');
  if (refutation !== undefined) return { status: 'refuted', reason: refutation.reason };
  const values = findings.flatMap((finding) => ('value' in finding ? [finding.value] : []));
  const [first, ...others] = values;
  if (first === undefined)
    return { status: 'absent', reason: 'the registry lists no attestation of this kind' };
  if (others.some((other) => JSON.stringify(other) !== JSON.stringify(first))) {
    return { status: 'refuted', reason: 'two attestations of the same kind tell different stories' };
  }
  return { status: 'proved', value: first };
}
