/** Makes a lock entry of what is known about one package, or says why there can be none. */
import type { Evidence, Manifest } from '../model/evidence.ts';
import type { LockEntry } from '../model/lock.ts';
import type { Unlocked } from '../model/lock-plan.ts';
import type { ResolvedPackage, SourceKind } from '../model/package.ts';
import { parseIntegrity, sameIntegrity } from '../text/integrity.ts';
import { isPackageName } from '../text/package-id.ts';
import { proofLevelOf } from '../text/proof-level.ts';
import { lineOf } from '../text/release-line.ts';
import { visible } from '../text/sanitize.ts';
import { compareTexts, isVersion } from '../text/semver.ts';
import { signerOf } from '../text/signer.ts';

/** The facts of one version as its release line's entry would state them, or the reason why it cannot be locked. */
export type Lockable =
  | { readonly kind: 'entry'; readonly entry: LockEntry }
  | { readonly kind: 'not'; readonly why: Unlocked['why']; readonly reason: string };

/** Is it for the lock at all? The project's own code is not, and what is bundled stands behind the package around it. */
export function isForLock({ source: { kind } }: ResolvedPackage): boolean {
  return kind !== 'workspace' && kind !== 'link' && kind !== 'bundled';
}

/** What is refuted or could not be asked is never locked: the lock would make a fault, or a gap, what everything later is held to. */
export function lockableOf(pkg: ResolvedPackage, evidence: Evidence | undefined): Lockable {
  if (evidence === undefined) return not('unavailable', 'no evidence was collected for this package');
  const { id, source } = pkg;
  if (!isPackageName(id.name) || !isVersion(id.version)) {
    return not('unavailable', 'its name or version is none that a registry could hold');
  }
  const proofs = [evidence.signature, evidence.publish, evidence.provenance];
  for (const proof of proofs) if (proof.status === 'refuted') return not('refuted', proof.reason);
  for (const proof of proofs) if (proof.status === 'unavailable') return not('unavailable', proof.reason);
  if (source.kind !== 'registry')
    return entry({ pkg, evidence, installScript: scriptElsewhere(pkg), bins: pkg.bins ?? [] });
  return registryEntry(pkg, evidence);
}

function registryEntry(pkg: ResolvedPackage, evidence: Evidence): Lockable {
  const { manifest } = evidence;
  switch (manifest.status) {
    case 'told':
      if (listsOtherBytes(pkg, manifest.value))
        return not('refuted', 'the registry lists other bytes than the lockfile');
      return entry({
        pkg,
        evidence,
        installScript: manifest.value.installScripts.length > 0 || pkg.hasInstallScript === true,
        bins: manifest.value.bins,
      });
    case 'absent':
      return not('unavailable', manifest.reason ?? 'the registry has no such version');
    case 'unavailable':
    case 'notApplicable':
      return not('unavailable', manifest.reason);
  }
}

function listsOtherBytes({ integrity }: ResolvedPackage, manifest: Manifest): boolean {
  const listed = manifest.integrity === undefined ? undefined : parseIntegrity(manifest.integrity);
  if (integrity === undefined || listed === undefined) return false;
  const algorithms = new Set(listed.hashes.map(({ algorithm }) => algorithm));
  // Two algorithms say nothing about each other; the same one must say the same.
  return (
    integrity.hashes.some(({ algorithm }) => algorithms.has(algorithm)) && !sameIntegrity(integrity, listed)
  );
}

/** A git dependency may run its prepare script, whatever the lockfile says. */
function scriptElsewhere({ source, hasInstallScript }: ResolvedPackage): boolean {
  return source.kind === 'git' || hasInstallScript === true;
}

type Facts = {
  readonly pkg: ResolvedPackage;
  readonly evidence: Evidence;
  readonly installScript: boolean;
  readonly bins: readonly string[];
};

function entry({ pkg, evidence, installScript, bins }: Facts): Lockable {
  const { provenance } = evidence;
  const signer = provenance.status === 'proved' ? signerOf(provenance.value.identity) : undefined;
  if (signer !== undefined && Object.values(signer).some((text) => visible(text) !== text)) {
    return not('refuted', 'its certificate has control or invisible characters in it');
  }
  return {
    kind: 'entry',
    entry: {
      name: pkg.id.name,
      line: lineOf(pkg.id.version),
      proof: proofLevelOf(evidence),
      ...(signer === undefined ? {} : { signer }),
      installScript,
      bins: [...new Set(bins.map(visible).filter((bin) => bin !== ''))].sort(compareTexts),
      ...sourceOf(pkg.source.kind),
    },
  };
}

function sourceOf(kind: SourceKind): Pick<LockEntry, 'source'> {
  return kind === 'registry' ? {} : { source: kind };
}

function not(why: Unlocked['why'], reason: string): Lockable {
  return { kind: 'not', why, reason };
}
