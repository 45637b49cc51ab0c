/** Judges every package of a tree under a policy. */
import { checks, type Subject, unknown } from '../checks/index.ts';
import type { Evidence } from '../model/evidence.ts';
import type { Lock } from '../model/lock.ts';
import type { Allowances, PackageId, ResolvedPackage, Tree } from '../model/package.ts';
import type { CheckId, Exemption, Policy, Setting } from '../model/policy.ts';
import type { Answer, Notice, Outcome, ProofStates, Report, TrustOrigin, Verdict } from '../model/report.ts';
import { effectOf, isStronger, runEffect, strongest } from './effect.ts';
import { exemptionsFor, isHolding, waiverOf } from './exemptions.ts';
import { hygieneNotices } from './hygiene.ts';
import { lockedFor } from './lock-entry.ts';
import { createQuestionsFor, type Question, type Questions } from './questions.ts';
import { decidedSetting, namesOf, overridesFor } from './settings.ts';
import { type Counted, summaryOf } from './summary.ts';

export { endOf } from './exemptions.ts';
export { CLOCK_WRONG } from './hygiene.ts';
export { lockedFor } from './lock-entry.ts';
export { suggestionFor } from './suggest.ts';

/** Everything a judgement rests on. */
export type EvaluateInput = {
  readonly policy: Policy;
  readonly tree: Tree;
  /** By package key. A package that is missing here is unknown, never passed. */
  readonly evidence: ReadonlyMap<string, Evidence>;
  readonly lock?: Lock;
  readonly allowances: Allowances;
  readonly now: Date;
  readonly trust: TrustOrigin;
  readonly tool: { readonly name: 'npmsign'; readonly version: string };
  /** The proofs of a package that passed every check before, judged by the very same things. It is judged again when somebody asks how. */
  readonly passed?: (pkg: ResolvedPackage) => ProofStates | undefined;
  /** Notices of those who collected the evidence; they come first. */
  readonly notices?: readonly Notice[];
};

/** One verdict per package of the tree, sorted by key, and what they come to. Pure: the same input, the same report. */
export function evaluate(input: EvaluateInput): Report {
  const { policy, tree, now } = input;
  const exemptions = policy.exemptions.filter((exemption) => isHolding(exemption, now));
  const bench = { input, exemptions, questionsFor: createQuestionsFor(policy), shared: createShared() };
  const sorted = [...tree.packages].sort(byKey);
  const standings = sorted.map((pkg) => standingOf(pkg, bench));
  const verdicts = standings.map(({ verdict }) => verdict);
  const judged = standings.flatMap(({ before, verdict }) => (before ? [] : verdict));
  const notices = [...(input.notices ?? []), ...hygieneNotices({ policy, verdicts, judged, now })];
  const effects = [...verdicts, ...notices].flatMap(({ effect }) => effect ?? []);
  return {
    schema: 1,
    tool: input.tool,
    judgedAt: now.toISOString(),
    policy: { ...(policy.path === undefined ? {} : { path: policy.path }), digest: policy.digest },
    lockfile: tree.lockfile,
    trust: input.trust,
    summary: summaryOf(standings),
    effect: runEffect(effects),
    verdicts,
    notices,
  };
}

/** The settings one check has for one package, by each of its names: what evidence is worth collecting depends on them. */
export function settingsFor<Id extends CheckId>(
  check: Id,
  policy: Policy,
  pkg: ResolvedPackage,
): readonly Setting<Id>[] {
  return namesOf(pkg).map((id) => decidedSetting(check, policy, overridesFor(policy, id)).setting);
}

// By code unit: the order of a report must not depend on where it was made.
function byKey(a: ResolvedPackage, b: ResolvedPackage): number {
  if (a.key === b.key) return 0;
  return a.key < b.key ? -1 : 1;
}

type Bench = {
  readonly input: EvaluateInput;
  readonly exemptions: readonly Exemption[];
  readonly questionsFor: (id: PackageId) => Questions;
  readonly shared: Shared;
};

type Standing = Counted & { readonly verdict: Verdict; readonly before: boolean };

function standingOf(pkg: ResolvedPackage, bench: Bench): Standing {
  const passed = bench.input.passed?.(pkg);
  if (passed !== undefined) {
    const verdict = passedVerdict(pkg, bench);
    return { ...passed, effect: verdict.effect, verdict, before: true };
  }
  const verdict = verdictOn(pkg, bench);
  const { effect, evidence } = verdict;
  const [signature, provenance] = [evidence.signature.status, evidence.provenance.status];
  return { effect, signature, provenance, verdict, before: false };
}

/** How it passed is found out when somebody looks: most reports say of such a package only that it passes. */
function passedVerdict(pkg: ResolvedPackage, bench: Bench): Verdict {
  const state: { outcomes?: readonly Outcome[] } = {};
  return {
    package: pkg,
    evidence: bench.input.evidence.get(pkg.key) ?? NOTHING_COLLECTED,
    get outcomes() {
      state.outcomes ??= verdictOn(pkg, bench).outcomes;
      return state.outcomes;
    },
    effect: 'pass',
  };
}

function verdictOn(pkg: ResolvedPackage, { input, exemptions, questionsFor, shared }: Bench): Verdict {
  const collected = input.evidence.get(pkg.key);
  const evidence = collected ?? NOTHING_COLLECTED;
  const hearing: Hearing = {
    exemptions: exemptionsFor(exemptions, pkg.id),
    collected: collected !== undefined,
    shared,
    subject: {
      package: pkg,
      evidence,
      now: input.now,
      allowances: input.allowances,
      lock: lockedFor(pkg.id, input.lock),
    },
  };
  const readings = namesOf(pkg).map(questionsFor);
  const outcomes = checks.flatMap((_, at) => strongestAt(at, readings, hearing) ?? []);
  return { package: pkg, evidence, outcomes, effect: strongest(outcomes.map(({ effect }) => effect)) };
}

/** One package before its judge. */
type Hearing = {
  readonly exemptions: readonly Exemption[];
  readonly collected: boolean;
  readonly shared: Shared;
  readonly subject: Subject;
};

/** The strongest outcome of all readings of the policy: one for each of the package's names. */
function strongestAt(at: number, readings: readonly Questions[], hearing: Hearing): Outcome | undefined {
  let found: Outcome | undefined;
  for (const questions of readings) {
    const question = questions[at];
    if (question === undefined) continue;
    const outcome = outcomeOf(question, hearing);
    if (found === undefined || isStronger(outcome.effect, found.effect)) found = outcome;
  }
  return found;
}

function outcomeOf(question: Question, hearing: Hearing): Outcome {
  const { check, level, decidedBy } = question;
  const answer = honest(question.ask(hearing.subject), hearing);
  const exemption = waiverOf(hearing.exemptions, check);
  const effect = effectOf(answer, { level, exemption });
  if (effect === 'exempt' && exemption !== undefined)
    return { check, level, answer, effect, decidedBy, exemption };
  const before = hearing.shared.find(question, answer);
  return before ?? hearing.shared.keep(question, { check, level, answer, effect, decidedBy });
}

/** Outcomes as they were told before: in a large tree most are, and together they would fill memory. */
type Shared = {
  readonly find: (question: Question, answer: Answer) => Outcome | undefined;
  readonly keep: (question: Question, outcome: Outcome) => Outcome;
};

// Words that name a package are not told twice.
const MOST_SHARED = 64;

function createShared(): Shared {
  const known = new Map<Question, Map<string, Outcome>>();
  return {
    find(question, { kind, because, hint }) {
      const told = known.get(question)?.get(because);
      return told?.answer.kind === kind && told.answer.hint === hint ? told : undefined;
    },
    keep(question, outcome) {
      const told = known.get(question) ?? new Map<string, Outcome>();
      known.set(question, told);
      if (told.size < MOST_SHARED) told.set(outcome.answer.because, outcome);
      return outcome;
    },
  };
}

const NOT_COLLECTED = 'no evidence was collected for this package';
const NOTHING_COLLECTED: Evidence = {
  signature: { status: 'unavailable', reason: NOT_COLLECTED },
  publish: { status: 'unavailable', reason: NOT_COLLECTED },
  provenance: { status: 'unavailable', reason: NOT_COLLECTED },
  manifest: { status: 'unavailable', reason: NOT_COLLECTED },
  history: { status: 'unavailable', reason: NOT_COLLECTED },
};

/** Nobody looked at this package, so nothing about it may pass, not even what the lockfile alone would answer. */
function honest(answer: Answer, { collected }: Hearing): Answer {
  return collected || answer.kind === 'fail' ? answer : unknown(NOT_COLLECTED);
}
