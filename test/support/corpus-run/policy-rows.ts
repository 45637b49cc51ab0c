/** Runs the corpus' policy rows: real attestations judged under one identity rule each. */
import path from 'node:path';
import { answerOf, judge, type NpmCase, questionOf } from './npm-cases.ts';
import { type Row, readJson } from './row.ts';

type PolicyRow = {
  readonly case: string;
  readonly policy: Readonly<Record<string, unknown>>;
  readonly expectedResult: Row['expected'];
  readonly why: string;
};
type SlsaRow = {
  readonly name: string;
  readonly case: string;
  readonly source: string;
  readonly packageName: string | null;
  readonly packageVersion: string | null;
  readonly builderId: string | null;
  readonly expectedResult: Row['expected'];
};

/** How each rule of the corpus reads in `.npmsignrc`. */
const RULES: Readonly<Record<string, (value: unknown) => readonly [string, unknown]>> = {
  sourceRepository: (value) => ['source-repository', ['error', { allow: [value] }]],
  san: (value) => ['signer-identity', ['error', { allow: [value] }]],
  issuer: (value) => ['certificate-issuer', ['error', { allow: [value] }]],
  sourceRef: (value) => ['source-ref', ['error', { allow: [value] }]],
  requireTagRef: () => ['source-ref', ['error', { allow: ['refs/tags/**'] }]],
  requirePublishAttestation: () => ['publish-attestation', ['error', { required: true }]],
  denyTriggers: (value) => ['build-trigger', ['error', { deny: value }]],
  builder: (value) => ['build-workflow', ['error', { builders: [value] }]],
  runnerEnvironment: () => ['build-runner', 'error'],
};

/** The rows derived from the certificates of the real attestations. */
export async function policyRows(corpus: string): Promise<Row[]> {
  const { cases } = readJson<{ cases: PolicyRow[] }>(path.join(corpus, 'policy/npm-policy-cases.json'));
  const rows: Row[] = [];
  for (const row of cases) {
    const rules = Object.entries(row.policy).map(([name, value]) => {
      const rule = RULES[name];
      if (rule === undefined) throw new Error(`unknown rule ${name} in the corpus`);
      return rule(value);
    });
    const answer = await answerUnder(corpus, row.case, { checks: Object.fromEntries(rules) });
    const id = `${row.case} ${JSON.stringify(row.policy)}`;
    rows.push({ family: 'policy', id, expected: row.expectedResult, ...answer });
  }
  return rows;
}

/** The npm rows of slsa-verifier's own regression test. */
export async function slsaRows(corpus: string): Promise<Row[]> {
  const { cases } = readJson<{ cases: SlsaRow[] }>(path.join(corpus, 'policy/slsa-verifier-npm-cases.json'));
  const rows: Row[] = [];
  for (const row of cases) {
    const answer = await answerUnder(corpus, row.case, {
      checks: {
        'source-repository': ['error', { allow: [`https://${row.source}`] }],
        ...builderRule(row, corpus),
      },
      ...(row.packageName === null ? {} : { name: row.packageName }),
      ...(row.packageVersion === null ? {} : { version: row.packageVersion }),
    });
    rows.push({
      family: 'slsa-verifier',
      id: `${row.name} (${row.case})`,
      expected: row.expectedResult,
      ...answer,
    });
  }
  return rows;
}

type Under = { readonly checks: Record<string, unknown>; readonly name?: string; readonly version?: string };

async function answerUnder(
  corpus: string,
  id: string,
  { checks, name, version }: Under,
): Promise<Pick<Row, 'got' | 'because'>> {
  const dir = path.join(corpus, id);
  const expected = readJson<NpmCase>(path.join(dir, 'expected.json'));
  const question = questionOf(corpus, dir, expected);
  const claimed = { name: name ?? question.name, version: version ?? question.version };
  return answerOf(
    await judge({
      ...question,
      ...claimed,
      manifest: { ...question.manifest, ...claimed },
      checks: { ...question.checks, ...checks },
    }),
  );
}

/**
 * slsa-verifier names a hosted runner as the builder. For provenance v0.2, whose predicate names the npm command line instead, it derives
 * that name from the certificate, long or short: that is the `build-runner` check. A row without builder expects refusal: so does a
 * `build-workflow` that allows nothing.
 */
function builderRule({ builderId, case: id }: SlsaRow, corpus: string): Record<string, unknown> {
  if (builderId === null) return { 'build-workflow': 'error' };
  const runner = 'https://github.com/actions/runner';
  const derived = predicateIsV02(corpus, id) && [runner, `${runner}/github-hosted`].includes(builderId);
  return derived ? { 'build-runner': 'error' } : { 'build-workflow': ['error', { builders: [builderId] }] };
}

function predicateIsV02(corpus: string, id: string): boolean {
  const { attestations } = readJson<{ attestations: { predicateType: string }[] }>(
    path.join(corpus, id, 'attestations.json'),
  );
  return attestations.some(({ predicateType }) => predicateType === 'https://slsa.dev/provenance/v0.2');
}
