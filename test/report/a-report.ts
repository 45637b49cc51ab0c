/** Builds reports as a run would, from verdicts: counts and effect follow. */

import type { ResolvedPackage } from '../../lib/model/package.ts';
import type { CheckId, Exemption } from '../../lib/model/policy.ts';
import type { Proof } from '../../lib/model/proof.ts';
import type { Answer, Effect, Outcome, ProofCounts, Report, Verdict } from '../../lib/model/report.ts';
import type { Rule } from '../../lib/report/index.ts';
import { anEvidence, aPackage } from '../support/builders.ts';

/** The order of effects, weakest first. */
const WEAKEST_FIRST: readonly Effect[] = ['pass', 'exempt', 'warn', 'unverified', 'fail'];

/** The questions the tests' reports answer. */
export const RULES: readonly Rule[] = [
  {
    id: 'package-source',
    question: 'Does it come from an allowed kind of place?',
    about: 'A git URL can move.',
  },
  { id: 'install-script', question: 'Does it run code at install?', about: 'Install scripts run first.' },
  {
    id: 'registry-signature',
    question: 'Did the registry sign exactly these bytes?',
    about: 'Detects a tarball swapped after publish.',
  },
  { id: 'provenance', question: 'Is there verified build provenance?', about: 'Tells who built it.' },
  {
    id: 'source-ref',
    question: 'Is it from an allowed branch or tag?',
    about: 'A throwaway branch is not a release.',
  },
  {
    id: 'minimum-age',
    question: 'Has it been public long enough?',
    about: 'Most malware is found within days.',
  },
];

/** A passing answer to `registry-signature` at level `error`. */
export function anOutcome(overrides: Partial<Outcome> = {}): Outcome {
  const answer = overrides.answer ?? { kind: 'pass', because: 'signed with registry key SHA256:acme' };
  return {
    check: 'registry-signature',
    level: 'error',
    decidedBy: 'recommended',
    effect: effectOf(answer, overrides),
    ...overrides,
    answer,
  };
}

/** The answer "no", with what to do about it. */
export function aFailure(check: CheckId, because: string, hint?: string): Outcome {
  return anOutcome({ check, answer: { kind: 'fail', because, ...(hint === undefined ? {} : { hint }) } });
}

/** The answer "could not find out". */
export function anOpenQuestion(check: CheckId, because: string): Outcome {
  return anOutcome({ check, answer: { kind: 'unknown', because } });
}

/** A waiver for one check. */
export function anExemption(overrides: Partial<Exemption> = {}): Exemption {
  return {
    package: 'left-pad@1.3.0',
    checks: ['registry-signature'],
    reason: 'published before the registry signed packages',
    expires: '2027-03-01',
    at: '.npmsignrc:21',
    ...overrides,
  };
}

/** One package's verdict: one passing outcome unless told otherwise. */
export function aVerdict(overrides: Partial<Verdict> & { readonly name?: string } = {}): Verdict {
  const { name, ...given } = overrides;
  const pkg = given.package ?? aPackageNamed(name ?? '@acme/lib');
  const outcomes = given.outcomes ?? [anOutcome()];
  return { package: pkg, evidence: anEvidence({}, pkg), outcomes, effect: worstOf(outcomes), ...given };
}

/** A package of that name, version 1.2.3 unless told. */
export function aPackageNamed(name: string, version = '1.2.3'): ResolvedPackage {
  return aPackage({ id: { name, version } });
}

/** A report over the verdicts given, one passing package by default. */
export function aReport(
  verdicts: readonly Verdict[] = [aVerdict()],
  overrides: Partial<Report> = {},
): Report {
  const worst = worstOf(verdicts);
  return {
    schema: 1,
    tool: { name: 'npmsign', version: '0.1.0' },
    judgedAt: '2026-11-22T12:00:00.000Z',
    policy: { path: '.npmsignrc', digest: `sha256:${'0123456789abcdef'.repeat(4)}` },
    lockfile: { path: 'package-lock.json', format: 'npm' },
    trust: { root: 'public-good', source: 'refreshed', ageDays: 0 },
    summary: {
      packages: verdicts.length,
      pass: countOf(verdicts, 'pass'),
      warn: countOf(verdicts, 'warn'),
      exempt: countOf(verdicts, 'exempt'),
      unverified: countOf(verdicts, 'unverified'),
      fail: countOf(verdicts, 'fail'),
      signatures: proofCountsOf(verdicts.map((verdict) => verdict.evidence.signature)),
      provenance: proofCountsOf(verdicts.map((verdict) => verdict.evidence.provenance)),
    },
    effect: worst === 'exempt' ? 'pass' : worst,
    verdicts,
    notices: [],
    ...overrides,
  };
}

/** A run in which everything happens: failures, open questions, warnings, a waiver, a notice, and packages that pass. */
export function anEventfulReport(): Report {
  const swapped = aPackage({
    id: { name: 'left-pad', version: '1.3.0' },
    chain: ['project', 'old-framework', 'string-tools', 'left-pad'],
    line: 211,
  });
  const git = aPackage({
    id: { name: 'helper', version: '0.0.1' },
    source: { kind: 'git', resolved: 'git+ssh://git@git.example/helper.git#0123456' },
    line: 99,
  });
  return aReport(
    [
      aVerdict(),
      aVerdict({
        name: 'fresh',
        outcomes: [
          anOutcome({
            ...aFailure('minimum-age', 'public for 6 hours; 1 day is wanted'),
            level: 'warn',
            effect: 'warn',
          }),
        ],
      }),
      aVerdict({
        package: git,
        evidence: anEvidence(
          {
            signature: { status: 'notApplicable', reason: 'not from a registry' },
            provenance: { status: 'notApplicable', reason: 'not from a registry' },
          },
          git,
        ),
        outcomes: [
          aFailure(
            'package-source',
            'comes from git; allowed are registry, workspace, link, bundled',
            'Ask for a released version.',
          ),
        ],
      }),
      aVerdict({
        package: swapped,
        evidence: anEvidence(
          {
            signature: { status: 'refuted', reason: 'the signature does not fit the lockfile integrity' },
            provenance: { status: 'absent' },
          },
          swapped,
        ),
        outcomes: [
          aFailure(
            'registry-signature',
            'the signature does not fit the lockfile integrity',
            'Do not install. Report this to the registry.',
          ),
          anOutcome({
            check: 'provenance',
            answer: { kind: 'skip', because: 'not required for this package' },
          }),
        ],
      }),
      aVerdict({
        name: 'unreachable',
        evidence: anEvidence({
          signature: { status: 'unavailable', reason: 'https://registry.example/ answered 503 three times' },
        }),
        outcomes: [
          anOpenQuestion('registry-signature', 'https://registry.example/ answered 503 three times'),
        ],
      }),
      aVerdict({
        name: 'waived',
        outcomes: [
          anOutcome({
            ...aFailure('provenance', 'the registry holds no provenance'),
            effect: 'exempt',
            exemption: anExemption({ package: 'waived', checks: ['provenance'] }),
          }),
        ],
      }),
    ],
    { notices: [{ code: 'EXEMPTION_UNUSED', message: 'The exemption for gone@1.0.0 matches nothing.' }] },
  );
}

function effectOf(answer: Answer, { level, exemption }: Partial<Outcome>): Effect {
  if (answer.kind === 'pass' || answer.kind === 'skip') return 'pass';
  if (exemption !== undefined) return 'exempt';
  if (level === 'warn') return 'warn';
  return answer.kind === 'fail' ? 'fail' : 'unverified';
}

function worstOf(items: readonly { readonly effect: Effect }[]): Effect {
  const ranks = items.map((item) => WEAKEST_FIRST.indexOf(item.effect));
  return WEAKEST_FIRST[Math.max(0, ...ranks)] ?? 'pass';
}

function countOf(verdicts: readonly Verdict[], effect: Effect): number {
  return verdicts.filter((verdict) => verdict.effect === effect).length;
}

function proofCountsOf(proofs: readonly Proof<unknown>[]): ProofCounts {
  const count = (status: Proof<unknown>['status']) =>
    proofs.filter((proof) => proof.status === status).length;
  return {
    proved: count('proved'),
    refuted: count('refuted'),
    absent: count('absent'),
    unavailable: count('unavailable'),
    notApplicable: count('notApplicable'),
  };
}
