/** Words what a reviewer should know about one package that came, or that took another's place. */
import type { FindingKind, FindingWeight, Standing, TrustFinding } from '../model/diff.ts';
import type { LockedSigner, ProofLevel } from '../model/lock.ts';
import type { Integrity } from '../model/package.ts';
import { bySeriousness } from '../text/finding-kinds.ts';
import { sameIntegrity, strongestHash } from '../text/integrity.ts';
import { isProofEnough, PROOF_LEVELS, proofWords } from '../text/proof-level.ts';
import { compareVersions } from '../text/semver.ts';
import { type SignedPair, signerFindings } from './signer-findings.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Releases younger than this are mentioned: most malware is found within days. */
const FRESH = 7 * DAY;

/** A version with what it stands on, and the bytes the lockfile pins. */
export type Stood = { readonly standing: Standing; readonly integrity: Integrity | undefined };

/** Everything to know about `after`, compared with `before` where there is one; most serious first. */
export function findingsOf(before: Stood | undefined, after: Stood, now: Date): readonly TrustFinding[] {
  const found = [
    ...ownFindings(before?.standing, after.standing, now),
    ...(before === undefined ? [] : comparedFindings(before, after)),
  ];
  return found.sort((a, b) => bySeriousness(a.kind, b.kind));
}

function ownFindings(before: Standing | undefined, after: Standing, now: Date): readonly TrustFinding[] {
  return [
    ...(after.proof === 'refuted' ? [finding('proof-refuted', 'alarm', refutedWords(before, after))] : []),
    ...(after.proof === 'unavailable'
      ? [finding('proof-unavailable', 'caution', `what proves it could not be found out: ${after.reason}`)]
      : []),
    ...(after.proof === 'none' && after.reason !== undefined
      ? [finding('proof-unavailable', 'caution', `${after.reason}`)]
      : []),
    ...scriptFindings(before, after),
    ...placeFindings(before, after),
    ...freshness(after, now),
    ...(after.deprecated !== undefined && before?.deprecated === undefined
      ? [finding('deprecated', 'caution', `deprecated: ${after.deprecated}`)]
      : []),
  ];
}

/** What did not hold before either is no news of this update, and no less an alarm. */
function refutedWords(before: Standing | undefined, { reason }: Standing): string {
  const isOld = before?.proof === 'refuted' && before.reason === reason;
  return `its proof does not hold${isOld ? ', nor did that of the version before' : ''}: ${reason}`;
}

function scriptFindings(before: Standing | undefined, after: Standing): readonly TrustFinding[] {
  if (after.installScripts.length === 0) {
    const had = before !== undefined && before.installScripts.length > 0;
    return had ? [finding('install-script-gone', 'good', 'runs no code at install any more')] : [];
  }
  if (before === undefined)
    return [finding('install-script-new', 'alarm', `runs ${after.installScripts.join(', ')} at install`)];
  if (before.installScripts.length > 0) return [];
  return [
    finding(
      'install-script-new',
      'alarm',
      `runs ${after.installScripts.join(', ')} at install; ${before.version} ran nothing`,
    ),
  ];
}

function placeFindings(before: Standing | undefined, after: Standing): readonly TrustFinding[] {
  const where = after.place === undefined ? '' : `: ${after.place}`;
  if (before !== undefined && before.source !== after.source) {
    const weight = after.source === 'registry' ? 'caution' : 'alarm';
    return [
      finding(
        'source-changed',
        weight,
        `came from ${placeWords(before)}, and comes from ${placeWords(after)} now${where}`,
      ),
    ];
  }
  const isOrdinary = after.source === 'registry' || after.source === 'bundled';
  if (isOrdinary || (before !== undefined && before.place === after.place)) return [];
  return [
    finding(
      'source-new',
      'caution',
      `comes from ${placeWords(after)}${where}, which no registry vouches for`,
    ),
  ];
}

function placeWords({ source }: Standing): string {
  switch (source) {
    case 'registry':
      return 'a registry';
    case 'git':
      return 'a git repository';
    case 'remote':
      return 'a plain URL';
    case 'file':
      return 'a local file';
    case 'bundled':
      return "another package's tarball";
    case 'workspace':
    case 'link':
      return "the project's own folders";
  }
}

function freshness({ publishedAt, publishedBy }: Standing, now: Date): readonly TrustFinding[] {
  const age = now.getTime() - Date.parse(publishedAt ?? '');
  if (!(age < FRESH)) return [];
  const told = publishedBy === 'log' ? 'by the public log' : 'so the registry tells';
  return [finding('just-published', 'caution', `published ${ageWords(age)}, ${told}`)];
}

function ageWords(age: number): string {
  if (age < HOUR) return 'less than an hour ago';
  const [count, unit] = age < 2 * DAY ? [Math.floor(age / HOUR), 'hour'] : [Math.floor(age / DAY), 'day'];
  return `${count} ${unit}${count === 1 ? '' : 's'} ago`;
}

function comparedFindings(before: Stood, after: Stood): readonly TrustFinding[] {
  const [was, is] = [before.standing, after.standing];
  const bins = is.bins.filter((bin) => !was.bins.includes(bin));
  return [
    ...byteFindings(before, after),
    ...proofFindings(was, is),
    ...(isSigned(was) && isSigned(is) ? signerFindings({ before: was, after: is }) : []),
    ...(compareVersions(is.version, was.version) < 0
      ? [finding('downgrade', 'caution', `goes back from ${was.version} to ${is.version}`)]
      : []),
    ...(bins.length === 0
      ? []
      : [finding('bin-new', 'caution', `installs a new command: ${bins.join(', ')}`)]),
  ];
}

/** A published version never changes: other bytes under the same number are another package. */
function byteFindings(before: Stood, after: Stood): readonly TrustFinding[] {
  const { version, source } = after.standing;
  if (source !== 'registry' || before.standing.source !== 'registry' || before.standing.version !== version)
    return [];
  if (before.integrity === undefined) return [];
  if (after.integrity === undefined)
    return [
      finding('bytes-changed', 'alarm', 'the lockfile no longer pins its bytes: the integrity is gone'),
    ];
  if (sameIntegrity(before.integrity, after.integrity)) return [];
  const [was, is] = [strongestHash(before.integrity), strongestHash(after.integrity)];
  if (was !== undefined && is?.algorithm === 'sha512' && was.algorithm !== 'sha512') {
    return [
      finding('integrity-stronger', 'good', `pinned by ${is.algorithm} now; before, by ${was.algorithm}`),
    ];
  }
  return [
    finding(
      'bytes-changed',
      'alarm',
      `the same version with other bytes: the lockfile pins another tarball as ${version} than before`,
    ),
  ];
}

function proofFindings(was: Standing, is: Standing): readonly TrustFinding[] {
  const [had, has] = [levelOf(was), levelOf(is)];
  if (had === undefined || has === undefined || had === has) return [];
  if (!isProofEnough(has, had)) return [finding('proof-lost', 'alarm', lostWords(was, is, { had, has }))];
  return has === 'provenance'
    ? [finding('signer-gained', 'good', `has build provenance now; before, ${proofWords(had)}`)]
    : [finding('proof-gained', 'good', `has ${proofWords(has)} now; before, ${proofWords(had)}`)];
}

/** A kind of place that has no proof at all counts as none; what was refuted or could not be asked counts as nothing known. */
function levelOf({ proof }: Standing): ProofLevel | undefined {
  return proof === 'notApplicable' ? 'none' : PROOF_LEVELS.find((level) => level === proof);
}

function lostWords(was: Standing, is: Standing, { had, has }: { had: ProofLevel; has: ProofLevel }): string {
  const now = `${is.version} has ${proofWords(has)}`;
  if (was.signer === undefined) return `lost proof: ${was.version} had ${proofWords(had)}; ${now}`;
  const { repository, subject, issuer, workflow } = was.signer;
  const by = workflow === undefined ? '' : ` by ${workflow}`;
  return `lost its build provenance: ${was.version} was built from ${repository ?? subject ?? issuer}${by}; ${now}`;
}

function isSigned(standing: Standing): standing is SignedPair['before'] & { readonly signer: LockedSigner } {
  return standing.signer !== undefined && standing.proof === 'provenance';
}

function finding(kind: FindingKind, weight: FindingWeight, text: string): TrustFinding {
  return { kind, weight, text };
}
