/** The wording all formats share, so that no two of them tell the same run differently. */
import type { ResolvedPackage } from '../model/package.ts';
import type { CheckId, Exemption } from '../model/policy.ts';
import type { Effect, EffectCounts, Outcome, ProofCounts, Report, TrustOrigin } from '../model/report.ts';
import type { Finding } from './findings.ts';
import type { Rule } from './render-style.ts';

/** The order in which effects are reported: what matters most comes first. */
export const WORST_FIRST: readonly Effect[] = ['fail', 'unverified', 'warn', 'exempt', 'pass'];

/** The run in one sentence, without its effect's word. */
export function headlineOf({ effect, summary, notices }: Report): string {
  const all = countOf(summary.packages, 'package');
  const some = (count: number) => `${numberOf(count)} of ${all}`;
  switch (effect) {
    case 'fail': {
      if (summary.fail === 0) return noticedHeadline(notices);
      const also =
        summary.unverified === 0 ? '' : `; ${numberOf(summary.unverified)} more could not be verified`;
      return `${some(summary.fail)} ${verb(summary.fail, 'violates', 'violate')} the policy${also}`;
    }
    case 'unverified':
      if (summary.unverified === 0) return noticedHeadline(notices);
      return `nothing violates the policy, but ${some(summary.unverified)} could not be verified`;
    case 'warn':
      return `nothing violates the policy; ${some(summary.warn)} ${verb(summary.warn, 'has', 'have')} warnings`;
    case 'pass':
      return passingHeadline(summary);
  }
}

/** No package stops the install; something about the project does. */
function noticedHeadline(notices: Report['notices']): string {
  const stopping = notices.filter((notice) => notice.effect !== undefined).length;
  return `no package violates the policy, but ${countOf(stopping, 'finding')} about the project ${verb(stopping, 'stops', 'stop')} the install`;
}

/** How many packages had which effect, best first: `1,140 pass`, `3 warn`. Zeroes are left out. */
export function effectCountsOf(summary: EffectCounts): readonly { effect: Effect; text: string }[] {
  return WORST_FIRST.toReversed()
    .filter((effect) => summary[effect] > 0)
    .map((effect) => ({ effect, text: `${numberOf(summary[effect])} ${effect}` }));
}

/** What became of one kind of evidence: `280 proved · 870 absent`. Zeroes are left out, but for what is proved. */
export function coverageOf(counts: ProofCounts): string {
  const parts: readonly (readonly [number, string])[] = [
    [counts.refuted, 'refuted'],
    [counts.absent, 'absent'],
    [counts.unavailable, 'unavailable'],
    [counts.notApplicable, 'not applicable'],
  ];
  const others = parts.filter(([count]) => count > 0).map(([count, word]) => `${numberOf(count)} ${word}`);
  return [`${numberOf(counts.proved)} proved`, ...others].join(' · ');
}

/** Which trust root was used and how old it is. */
export function trustOf({ root, source, ageDays }: TrustOrigin): string {
  const age = ageDays < 1 ? 'less than a day old' : `${countOf(ageDays, 'day')} old`;
  return `${root}, ${source}, ${age}`;
}

/** Which policy judged, and the start of its digest. */
export function policyOf({ path, digest }: Report['policy']): string {
  return `${path ?? 'recommended (no policy file)'} · ${digest.slice(0, 'sha256:'.length + 12)}`;
}

/** What a check asks, or its name where nobody says. */
export function questionOf(check: CheckId, rules: readonly Rule[] = []): string {
  return rules.find((rule) => rule.id === check)?.question ?? check;
}

/** `name@version`, with the name the project uses where that differs. */
export function titleOf(pkg: ResolvedPackage): string {
  const title = `${pkg.id.name}@${pkg.id.version}`;
  return pkg.alias === undefined ? title : `${title} (as ${pkg.alias})`;
}

/** `project › … › package`; the middle of a long way is left out unless it is wanted whole. */
export function pathOf(chain: readonly string[], wanted: { readonly whole: boolean }): string {
  const steps = wanted.whole || chain.length <= 6 ? chain : [...chain.slice(0, 2), '…', ...chain.slice(-3)];
  return steps.join(' › ');
}

/** Where the package stands: `package-lock.json:12`. */
export function placeOf(report: Report, { line }: ResolvedPackage): string {
  return line === undefined ? report.lockfile.path : `${report.lockfile.path}:${line}`;
}

/** A waiver in words. */
export function waiverOf({ reason, expires, at }: Exemption): string {
  return `exempt until ${expires}: ${reason}${at === undefined ? '' : ` (${at})`}`;
}

/** Which package, what was found, what to do: one line for formats that have a single message. */
export function findingText({ package: pkg, outcome }: Finding): string {
  const { because, hint } = outcome.answer;
  const way = `Path: ${pathOf(pkg.chain, { whole: false })}`;
  const open = outcome.effect === 'unverified' ? 'could not be verified: ' : '';
  return [
    `${titleOf(pkg)}: ${open}${sentence(because)}`,
    ...(hint === undefined ? [] : [sentence(hint)]),
    way,
  ].join(' ');
}

/** The same without the package: what was asked, what was found, what to do or why not. */
export function outcomeText({ check, answer, exemption }: Outcome): string {
  const more = exemption === undefined ? answer.hint : waiverOf(exemption);
  return [`${check}: ${sentence(answer.because)}`, ...(more === undefined ? [] : [sentence(more)])].join(' ');
}

/** `1 package`, `1,150 packages`. */
export function countOf(count: number, noun: string): string {
  return `${numberOf(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `1,150`, in every locale alike. */
export function numberOf(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

function passingHeadline(summary: EffectCounts): string {
  if (summary.packages === 0) return 'the lockfile lists no packages';
  const waived = summary.exempt === 0 ? '' : `, ${numberOf(summary.exempt)} by exemption`;
  const all = summary.packages === 1 ? 'the only package' : `all ${countOf(summary.packages, 'package')}`;
  return `${all} ${verb(summary.packages, 'meets', 'meet')} the policy${waived}`;
}

function sentence(text: string): string {
  return /[.!?\u2026]$/.test(text) ? text : `${text}.`;
}

function verb(count: number, one: string, many: string): string {
  return count === 1 ? one : many;
}
