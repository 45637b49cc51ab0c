/** Says what one version stands on: its place, its proof, its signer, and what it does to a machine. */

import type { Standing } from '../model/diff.ts';
import type { Evidence } from '../model/evidence.ts';
import type { LockedSigner } from '../model/lock.ts';
import type { ResolvedPackage } from '../model/package.ts';
import { proofLevelOf } from '../text/proof-level.ts';
import { tame } from '../text/sanitize.ts';
import { compareTexts } from '../text/semver.ts';
import { signerOf } from '../text/signer.ts';

/** The standing of a version. Every string is tamed here, once: a reviewer reads what strangers wrote. */
export function standingOf(pkg: ResolvedPackage, evidence: Evidence | undefined): Standing {
  const { source, id } = pkg;
  const place = 'resolved' in source && source.kind !== 'registry' ? source.resolved : undefined;
  const facts =
    evidence === undefined ? ({ proof: 'unavailable', reason: NOT_COLLECTED } as const) : proofOf(evidence);
  return {
    version: tame(id.version, 100),
    source: source.kind,
    ...(place === undefined ? {} : { place: tame(place, 300) }),
    ...facts,
    ...(evidence === undefined ? {} : builtFrom(evidence)),
    installScripts: scriptsOf(pkg, evidence),
    bins: binsOf(pkg, evidence).map((bin) => tame(bin, 60)),
    ...publishTime(evidence),
    ...deprecation(evidence),
  };
}

const NOT_COLLECTED = 'no evidence was collected';

type ProofFacts = Pick<Standing, 'proof' | 'reason'>;

function proofOf(evidence: Evidence): ProofFacts {
  const proofs = [evidence.signature, evidence.publish, evidence.provenance];
  for (const proof of proofs) {
    if (proof.status === 'refuted') return { proof: 'refuted', reason: tame(proof.reason) };
  }
  const level = proofLevelOf(evidence);
  if (level === 'provenance') return { proof: level };
  // Something that could not be asked may be the very proof that is missing.
  for (const proof of proofs) {
    if (proof.status === 'unavailable') return { proof: 'unavailable', reason: tame(proof.reason) };
  }
  const { signature, manifest } = evidence;
  if (signature.status === 'notApplicable') return { proof: 'notApplicable', reason: tame(signature.reason) };
  const missing =
    manifest.status === 'absent' ? (manifest.reason ?? 'the registry has no such version') : undefined;
  return { proof: level, ...(missing === undefined ? {} : { reason: tame(missing) }) };
}

function builtFrom({ provenance }: Evidence): Pick<Standing, 'signer' | 'ref' | 'commit'> {
  if (provenance.status !== 'proved') return {};
  const { identity } = provenance.value;
  return {
    signer: tamedSigner(signerOf(identity)),
    ...(identity.ref === undefined ? {} : { ref: tame(identity.ref, 200) }),
    ...(identity.commit === undefined ? {} : { commit: tame(identity.commit, 64) }),
  };
}

function tamedSigner(signer: LockedSigner): LockedSigner {
  // The same fields, each with a text for a text; `refClass` is one of three words that taming leaves as they are.
  return Object.fromEntries(
    Object.entries(signer).map(([field, text]) => [field, tame(text, 300)]),
  ) as LockedSigner;
}

/** Lockfile and registry are both believed when they say yes. */
function scriptsOf({ hasInstallScript }: ResolvedPackage, evidence: Evidence | undefined): readonly string[] {
  const manifest = evidence?.manifest;
  const told = manifest?.status === 'told' ? manifest.value.installScripts : [];
  if (told.length > 0) return told.map((script) => tame(script, 60));
  return hasInstallScript === true ? ['a script'] : [];
}

function binsOf({ bins = [] }: ResolvedPackage, evidence: Evidence | undefined): readonly string[] {
  const manifest = evidence?.manifest;
  const told = manifest?.status === 'told' ? manifest.value.bins : [];
  return [...new Set([...bins, ...told])].sort(compareTexts);
}

function publishTime(evidence: Evidence | undefined): Pick<Standing, 'publishedAt' | 'publishedBy'> {
  if (evidence === undefined) return {};
  const { publish, provenance, manifest } = evidence;
  for (const proof of [publish, provenance]) {
    if (proof.status === 'proved' && proof.value.loggedAt !== undefined) {
      return { publishedAt: proof.value.loggedAt, publishedBy: 'log' };
    }
  }
  const told = manifest.status === 'told' ? manifest.value.publishedAt : undefined;
  // `modified` is an upper bound for the name, and no time of this version.
  return told === undefined || told.from === 'modified'
    ? {}
    : { publishedAt: tame(told.at, 40), publishedBy: 'registry' };
}

function deprecation(evidence: Evidence | undefined): Pick<Standing, 'deprecated'> {
  const deprecated = evidence?.manifest.status === 'told' ? evidence.manifest.value.deprecated : undefined;
  return deprecated === undefined ? {} : { deprecated: tame(deprecated, 200) };
}
