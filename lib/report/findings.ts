/** Picks what must be told out of a report, and groups it by check. */
import type { ResolvedPackage } from '../model/package.ts';
import type { CheckId } from '../model/policy.ts';
import type { Effect, Outcome, Report } from '../model/report.ts';
import type { Rule } from './render-style.ts';

/** One outcome and the package it is about. */
export type Finding = { readonly package: ResolvedPackage; readonly outcome: Outcome };

/** The same finding about the same version, at one or more places of the tree. */
export type Place = Finding & { readonly others: number };

/** All findings of one check that have one effect. */
export type FindingGroup = {
  readonly check: CheckId;
  readonly effect: Effect;
  /** How many lockfile entries are concerned. */
  readonly packages: number;
  readonly places: readonly Place[];
};

/** Every outcome with one of the effects, in the report's order. */
export function findingsOf(report: Report, effects: readonly Effect[]): readonly Finding[] {
  return report.verdicts.flatMap((verdict) =>
    verdict.outcomes
      .filter((outcome) => effects.includes(outcome.effect))
      .map((outcome) => ({ package: verdict.package, outcome })),
  );
}

/** Findings of one effect by check: in the order of `rules`, checks they do not name last, in the order met. */
export function groupsOf(
  report: Report,
  effect: Effect,
  rules: readonly Rule[] = [],
): readonly FindingGroup[] {
  const byCheck = new Map<CheckId, Finding[]>(rules.map((rule) => [rule.id, []]));
  for (const finding of findingsOf(report, [effect])) {
    const known = byCheck.get(finding.outcome.check);
    if (known === undefined) byCheck.set(finding.outcome.check, [finding]);
    else known.push(finding);
  }
  return [...byCheck]
    .filter(([, findings]) => findings.length > 0)
    .map(([check, findings]) => ({ check, effect, packages: findings.length, places: placesOf(findings) }));
}

/** Groups that tell something new, and those that only repeat, package by package, what an earlier group has told. */
export function foldedGroups(groups: readonly FindingGroup[]): {
  readonly telling: readonly FindingGroup[];
  readonly repeating: readonly FindingGroup[];
} {
  const told = new Set<string>();
  const telling: FindingGroup[] = [];
  const repeating: FindingGroup[] = [];
  for (const group of groups) {
    const marks = group.places.map(({ package: { key }, outcome }) => `${key} ${outcome.answer.because}`);
    (marks.every((mark) => told.has(mark)) ? repeating : telling).push(group);
    for (const mark of marks) told.add(mark);
  }
  return { telling, repeating };
}

function placesOf(findings: readonly Finding[]): readonly Place[] {
  const places = new Map<string, Place>();
  for (const finding of findings) {
    const { id } = finding.package;
    const { because, hint } = finding.outcome.answer;
    const same = JSON.stringify([id.name, id.version, because, hint]);
    const known = places.get(same);
    places.set(
      same,
      known === undefined ? { ...finding, others: 0 } : { ...known, others: known.others + 1 },
    );
  }
  return [...places.values()];
}
