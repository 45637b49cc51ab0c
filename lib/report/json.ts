/** Renders a report as one JSON document, `schema: 1` (SPEC 7). */
import type { Evidence, Provenance } from '../model/evidence.ts';
import type { ResolvedPackage } from '../model/package.ts';
import type { Proof } from '../model/proof.ts';
import type { Outcome, Report, Verdict } from '../model/report.ts';

/** The document and a newline. Fields nobody knows are left out; `exemption` and `policy.path` are `null` when there is none. */
export function renderJson(report: Report): string {
  return `${JSON.stringify(documentOf(report), undefined, 2)}\n`;
}

/** The document as a value, for formats that carry it inside them. */
export function documentOf(report: Report): object {
  const { schema, tool, judgedAt, policy, lockfile, trust, summary, effect, verdicts, notices } = report;
  const { installed } = report;
  return {
    schema,
    tool: { name: tool.name, version: tool.version },
    judgedAt,
    policy: { path: policy.path ?? null, digest: policy.digest },
    lockfile: { path: lockfile.path, format: lockfile.format },
    trust: { root: trust.root, source: trust.source, ageDays: trust.ageDays },
    summary: summaryOf(summary),
    effect,
    verdicts: verdicts.map(verdictOf),
    notices: notices.map(({ code, message, effect }) => ({ code, message, effect })),
    installed,
  };
}

function summaryOf(summary: Report['summary']): object {
  const { packages, pass, warn, exempt, unverified, fail, signatures, provenance } = summary;
  return {
    packages,
    pass,
    warn,
    exempt,
    unverified,
    fail,
    signatures: countsOf(signatures),
    provenance: countsOf(provenance),
  };
}

function countsOf(counts: Report['summary']['signatures']): object {
  const { proved, refuted, absent, unavailable, notApplicable } = counts;
  return { proved, refuted, absent, unavailable, notApplicable };
}

function verdictOf(verdict: Verdict): object {
  return {
    package: packageOf(verdict.package),
    effect: verdict.effect,
    outcomes: verdict.outcomes.map(outcomeOf),
    evidence: evidenceOf(verdict.evidence),
  };
}

function packageOf(pkg: ResolvedPackage): object {
  return {
    key: pkg.key,
    name: pkg.id.name,
    version: pkg.id.version,
    alias: pkg.alias,
    source: pkg.source.kind,
    integrity: pkg.integrity?.text,
    path: pkg.chain,
    line: pkg.line,
  };
}

function outcomeOf({ check, level, answer, effect, exemption, decidedBy }: Outcome): object {
  return {
    check,
    level,
    answer: answer.kind,
    because: answer.because,
    hint: answer.hint,
    effect,
    exemption: exemption === undefined ? null : exemptionOf(exemption),
    decidedBy,
  };
}

function exemptionOf(exemption: NonNullable<Outcome['exemption']>): object {
  const { package: pattern, checks, reason, expires, at } = exemption;
  return { package: pattern, checks, reason, expires, at };
}

function evidenceOf({ signature, publish, provenance }: Evidence): object {
  return {
    signature: proofOf(signature, ({ keyid, timeFrom }) => ({ keyid, timeFrom })),
    publish: proofOf(publish, ({ keyid, loggedAt, logIndex }) => ({ keyid, loggedAt, logIndex })),
    provenance: proofOf(provenance, provenanceOf),
  };
}

function proofOf<T>(proof: Proof<T>, fieldsOf: (value: T) => object): object {
  switch (proof.status) {
    case 'proved':
      return { status: proof.status, ...fieldsOf(proof.value) };
    case 'refuted':
    case 'absent':
    case 'unavailable':
    case 'notApplicable':
      return { status: proof.status, reason: proof.reason };
  }
}

function provenanceOf({ identity, predicateType, builder, loggedAt, logIndex }: Provenance): object {
  return {
    issuer: identity.issuer,
    subject: identity.subject,
    repository: identity.repository,
    repositoryId: identity.repositoryId,
    ownerId: identity.ownerId,
    ref: identity.ref,
    commit: identity.commit,
    workflow: identity.workflow,
    trigger: identity.trigger,
    runner: identity.runner,
    builder: builder ?? identity.builder,
    run: identity.run,
    predicateType,
    loggedAt,
    logIndex,
  };
}
