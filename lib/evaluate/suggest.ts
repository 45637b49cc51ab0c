/** Proposes the smallest policy edit that would let a run pass; for evidence of tampering it proposes nothing. */
import type { CheckId } from '../model/policy.ts';
import type { Outcome, Report, Verdict } from '../model/report.ts';
import type { SuggestedExemption, SuggestedOverride, Suggestion } from '../model/suggestion.ts';
import { specOf } from '../text/package-id.ts';

const DAY = 86_400_000;
/** How long a proposed waiver holds: long enough to fix the cause, short enough to be asked again. */
const WAIVER_DAYS = 30;

/** Checks whose failure means that something was swapped, stripped or forged. */
const TAMPERING: readonly CheckId[] = ['lockfile-integrity', 'lockfile-resolved', 'reserved-bin'];
/** Checks that read evidence, by the evidence whose refutation they report. */
const EVIDENCE: Readonly<Partial<Record<CheckId, readonly ('signature' | 'publish' | 'provenance')[]>>> = {
  'registry-signature': ['signature'],
  'publish-attestation': ['publish'],
};

type Proposal =
  | { readonly kind: 'override'; readonly override: SuggestedOverride }
  | { readonly kind: 'exemption' }
  | { readonly kind: 'refused'; readonly because: string };

/** Reads a report; what passes, warns or is exempt needs no edit. */
export function suggestionFor(report: Report): Suggestion {
  const overrides: SuggestedOverride[] = [];
  const exemptions: SuggestedExemption[] = [];
  const refused: string[] = [];
  for (const verdict of report.verdicts) {
    const waived: Outcome[] = [];
    for (const outcome of verdict.outcomes) {
      if (outcome.effect !== 'fail' && outcome.effect !== 'unverified') continue;
      const proposal = proposalFor(verdict, outcome);
      if (proposal.kind === 'override') overrides.push(proposal.override);
      if (proposal.kind === 'exemption') waived.push(outcome);
      if (proposal.kind === 'refused') {
        refused.push(`${specOf(verdict.package.id)}: ${outcome.check}: ${proposal.because}`);
      }
    }
    if (waived.length > 0) exemptions.push(exemptionFor(verdict, waived, report.judgedAt));
  }
  return { overrides: distinct(overrides), exemptions: distinct(exemptions), refused: distinct(refused) };
}

function proposalFor(verdict: Verdict, outcome: Outcome): Proposal {
  const { answer, check } = outcome;
  if (outcome.effect === 'unverified') {
    return {
      kind: 'refused',
      because: `could not be found out, and no policy should guess it: ${answer.because}`,
    };
  }
  if (TAMPERING.includes(check) || isRefuted(verdict, check))
    return { kind: 'refused', because: answer.because };
  const spec = specOf(verdict.package.id);
  switch (check) {
    case 'install-script':
      return {
        kind: 'override',
        override: { package: spec, check, options: { allow: [allowanceOf(verdict)] } },
      };
    case 'package-source':
      return {
        kind: 'override',
        override: { package: spec, check, options: { allow: [verdict.package.source.kind] } },
      };
    default:
      return { kind: 'exemption' };
  }
}

/** Refuted proof fails its own check, and every check that reads an identity from it. */
function isRefuted({ evidence }: Verdict, check: CheckId): boolean {
  const facts = EVIDENCE[check] ?? ['provenance'];
  return facts.some((fact) => evidence[fact].status === 'refuted');
}

/** Names of git, remote and file packages are anybody's; they are allowed by where they come from. */
function allowanceOf({ package: { id, source } }: Verdict): string {
  return 'resolved' in source && source.kind !== 'registry' && source.resolved !== undefined
    ? source.resolved
    : specOf(id);
}

function exemptionFor(verdict: Verdict, outcomes: readonly Outcome[], judgedAt: string): SuggestedExemption {
  return {
    package: specOf(verdict.package.id),
    checks: outcomes.map(({ check }) => check),
    reason: outcomes.map(({ answer }) => answer.because).join('; '),
    expires: new Date(Date.parse(judgedAt) + WAIVER_DAYS * DAY).toISOString().slice(0, 10),
  };
}

/** The same version at several places of the tree needs its edit once. */
function distinct<Item>(items: readonly Item[]): readonly Item[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}
