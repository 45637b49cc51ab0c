/** Reads what `npmsign verify --format json` said, in the words of ATTACKS.md. */
import type { Notice } from '../../lib/model/report.ts';

/** A report as its JSON document, so far as attacks look at it. */
export type ReportJson = {
  readonly effect: string;
  readonly summary: Readonly<
    Record<'packages' | 'pass' | 'warn' | 'exempt' | 'unverified' | 'fail', number>
  > & {
    readonly signatures: Readonly<Record<string, number>>;
    readonly provenance: Readonly<Record<string, number>>;
  };
  readonly trust: { readonly root: string; readonly source: string; readonly ageDays: number };
  readonly verdicts: readonly VerdictJson[];
  readonly notices: readonly Notice[];
};

/** One package's verdict. */
export type VerdictJson = {
  readonly package: { readonly key: string; readonly name: string; readonly source: string };
  readonly effect: string;
  readonly outcomes: readonly OutcomeJson[];
  readonly evidence: Readonly<Record<'signature' | 'publish' | 'provenance', { readonly status: string }>>;
};

type OutcomeJson = {
  readonly check: string;
  readonly answer: string;
  readonly effect: string;
  readonly because: string;
};

/** What one run came to. */
export type Judgement = {
  readonly code: number;
  /** The report's effect; `error` when there is no report. */
  readonly effect: string;
  /** `<package> <check>` for each outcome that fails or stays unverified, sorted. */
  readonly refusals: readonly string[];
  /** Why, of a refusal or of any other outcome; throws when that check was not asked. */
  readonly because: (refusal: string) => string;
  /** Throws, with what was said instead, when there is no report. */
  readonly report: () => ReportJson;
  readonly stderr: string;
};

/** Reads one run's output. */
export function judgementOf(run: {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}): Judgement {
  const report = run.stdout === '' ? undefined : (JSON.parse(run.stdout) as ReportJson); // Our own report.
  const outcomes = (report?.verdicts ?? []).flatMap((verdict) =>
    verdict.outcomes.map((outcome) => ({ ...outcome, name: `${verdict.package.name} ${outcome.check}` })),
  );
  const refused = outcomes.filter(({ effect }) => effect === 'fail' || effect === 'unverified');
  return {
    code: run.code,
    effect: report?.effect ?? 'error',
    refusals: [...new Set(refused.map(({ name }) => name))].sort(),
    because(refusal) {
      const reasons = outcomes.filter(({ name }) => name === refusal).map(({ because }) => because);
      if (reasons.length === 0) throw new Error(`${refusal} was not asked.`);
      return reasons.join('; ');
    },
    report() {
      if (report === undefined) throw new Error(`no report, exit code ${run.code}: ${run.stderr}`);
      return report;
    },
    stderr: run.stderr,
  };
}
