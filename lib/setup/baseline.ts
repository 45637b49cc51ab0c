/** Tells what today's tree violates: what may be waived for a while, and what never is. */
import type { Exemption } from '../model/policy.ts';
import type { Outcome, Report, Verdict } from '../model/report.ts';
import type { Baseline, ScriptReview } from '../model/setup.ts';
import { isPackageName, specOf } from '../text/package-id.ts';
import { isVersion } from '../text/semver.ts';

const DAY = 86_400_000;
/** How long the waivers of an adoption last. */
const DAYS = 90;
const REASON = 'present when npmsign was adopted';

/** A failure of one of these means that bytes, their place or their signer are not what they were said to be. */
const TAMPERING: readonly Outcome['check'][] = ['lockfile-integrity', 'lockfile-resolved', 'locked-signer'];

/**
 * Sorts the failures of a report. An exemption names one exact version; a package that cannot be named so is left as it is. Where npm can be
 * asked to stop scripts nobody has reviewed, today's are allowed instead of exempted.
 */
export function baselineOf(
  report: Report,
  { now, canPin }: { readonly now: Date; readonly canPin: boolean },
): Baseline {
  const bad = report.verdicts.filter(({ effect }) => effect === 'fail' || effect === 'unverified');
  const [tampered, rest] = split(bad, isTampered);
  const [unverified, failed] = split(rest, isUnverified);
  const expires = new Date(now.getTime() + DAYS * DAY).toISOString().slice(0, 10);
  const scripts = scriptReviewOf(report.verdicts, canPin);
  return {
    exemptions: merged(failed.flatMap((verdict) => exemptionOf(verdict, { expires, scripts }))),
    scripts,
    tampered: unique(tampered),
    unverified: unique([...unverified, ...failed.filter((verdict) => !isNameable(verdict))]),
  };
}

function scriptReviewOf(verdicts: readonly Verdict[], canPin: boolean): ScriptReview {
  if (!canPin) return { kind: 'exempted' };
  const scripted = verdicts.filter(runsScripts);
  const odd = scripted.find((verdict) => !isPinnable(verdict));
  if (odd !== undefined) {
    const because = `${specOf(odd.package.id)} runs install scripts and comes from no registry, so npm cannot be told to allow them`;
    return { kind: 'exempted', because };
  }
  return { kind: 'pinned', specs: unique(scripted.filter(isUnreviewed)) };
}

function isTampered({ evidence: { signature, publish, provenance }, outcomes }: Verdict): boolean {
  if ([signature, publish, provenance].some(({ status }) => status === 'refuted')) return true;
  return outcomes.some(({ check, effect }) => effect === 'fail' && TAMPERING.includes(check));
}

/**
 * Something could not be asked: tomorrow it may be answered, and the answer may be bad. Where the lockfile has no hash that evidence could be
 * about, as in those of yarn 2 and later, nobody will ever answer.
 */
function isUnverified({ package: { integrity }, evidence, outcomes }: Verdict): boolean {
  if (!outcomes.some(({ effect }) => effect === 'unverified')) return false;
  const { signature, publish, provenance, manifest, history } = evidence;
  const about = integrity?.hashes.some(({ algorithm }) => algorithm === 'sha512') ?? false;
  const asked = about ? [signature, publish, provenance, manifest, history] : [manifest, history];
  return asked.some(({ status }) => status === 'unavailable');
}

function exemptionOf(
  verdict: Verdict,
  { expires, scripts }: { readonly expires: string; readonly scripts: ScriptReview },
): readonly Exemption[] {
  const checks = verdict.outcomes
    .filter(({ effect }) => effect === 'fail' || effect === 'unverified')
    .map(({ check }) => check)
    .filter((check) => check !== 'install-script' || scripts.kind === 'exempted');
  if (checks.length === 0 || !isNameable(verdict)) return [];
  return [{ package: specOf(verdict.package.id), checks, reason: REASON, expires }];
}

/** One exemption for each version, though it may stand in the tree many times. */
function merged(exemptions: readonly Exemption[]): readonly Exemption[] {
  const byPackage = new Map<string, Exemption>();
  for (const exemption of exemptions) {
    const known = byPackage.get(exemption.package)?.checks ?? [];
    const checks = [...new Set([...known, ...exemption.checks])];
    byPackage.set(exemption.package, { ...exemption, checks });
  }
  return [...byPackage.values()];
}

function isUnreviewed({ outcomes }: Verdict): boolean {
  return outcomes.some(({ check, answer }) => check === 'install-script' && answer.kind === 'fail');
}

function runsScripts({ package: { hasInstallScript }, evidence: { manifest } }: Verdict): boolean {
  return (
    hasInstallScript === true || (manifest.status === 'told' && manifest.value.installScripts.length > 0)
  );
}

function isPinnable(verdict: Verdict): boolean {
  return verdict.package.source.kind === 'registry' && isNameable(verdict);
}

/** A lockfile can hold a name that is a pattern: an exemption for it would exempt others too. */
function isNameable({ package: { id } }: Verdict): boolean {
  return isPackageName(id.name) && isVersion(id.version);
}

function split<T>(items: readonly T[], is: (item: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [items.filter(is), items.filter((item) => !is(item))];
}

function unique(verdicts: readonly Verdict[]): readonly string[] {
  return [...new Set(verdicts.map(({ package: { id } }) => specOf(id)))];
}
