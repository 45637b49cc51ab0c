/** Runs the corpus' npm cases end to end: a loopback registry serves them, a lockfile pins them, a policy judges them. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { type Report, type Verdict, verify } from '../../../lib/index.ts';
import { aHost } from '../host.ts';
import { aTempDirectory } from '../temp.ts';
import { type Row, readJson } from './row.ts';

/** What `expected.json` of an npm case says, as far as it is used. */
export type NpmCase = {
  readonly name: string;
  readonly version: string;
  readonly expectedResult: Row['expected'];
  readonly tarball?: string | null | { readonly file: string | null; readonly sha512?: string };
  readonly tarballSha512?: string;
  readonly subjectSha512?: string;
  readonly base?: string;
  readonly trustedRoot?: string;
  readonly npmKeys?: string;
  readonly kind?: string;
} & Readonly<Record<string, unknown>>;

/** A package to judge: who it claims to be, which bytes are pinned, what the registry answers. */
export type Question = {
  readonly name: string;
  readonly version: string;
  readonly integrity?: string;
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly attestations?: Uint8Array;
  readonly checks: Readonly<Record<string, unknown>>;
  readonly trustedRoot?: string;
  readonly keys?: string;
};

const PROVENANCE = { provenance: 'error', 'publish-attestation': ['error', { required: false }] };

/** Identity fields of `expected.json`, and where the report has them. */
const IDENTITY: readonly (readonly [string, (fact: Fact) => string | undefined])[] = [
  ['sourceRepository', ({ identity }) => identity.repository],
  ['sourceRef', ({ identity }) => identity.ref],
  ['sourceCommit', ({ identity }) => identity.commit],
  ['runnerEnvironment', ({ identity }) => identity.runner],
  ['issuer', ({ identity }) => identity.issuer],
  ['san', ({ identity }) => identity.subject],
  ['trigger', ({ identity }) => identity.trigger],
  ['runInvocationURI', ({ identity }) => identity.run],
  ['builder', ({ builder }) => builder],
];
type Fact = Extract<Verdict['evidence']['provenance'], { status: 'proved' }>['value'];

/** All cases of `npm/`, `npm-negative/` and `adversarial/`. */
export async function npmRows(corpus: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (const family of ['npm', 'npm-negative', 'adversarial']) {
    for (const id of readdirSync(path.join(corpus, family)).sort()) {
      const dir = path.join(corpus, family, id);
      const expected = readJson<NpmCase>(path.join(dir, 'expected.json'));
      const verdict = await judge(questionOf(corpus, dir, expected));
      rows.push({
        family,
        id,
        expected: expected.expectedResult,
        ...answerOf(verdict),
        differences: family === 'npm' ? differencesOf(expected, verdict) : [],
      });
    }
  }
  return rows;
}

/** The question a case asks, with provenance required and nothing else. */
export function questionOf(corpus: string, dir: string, expected: NpmCase): Question {
  const { name, version } = expected;
  const integrity = `sha512-${Buffer.from(sha512Of(corpus, dir, expected), 'hex').toString('base64')}`;
  const file = path.join(dir, 'attestations.json');
  const bundle = path.join(dir, 'bundle.sigstore.json');
  const attestations = existsSync(file) ? readFileSync(file) : Buffer.from(bundleResponse(bundle));
  return {
    name,
    version,
    integrity,
    attestations,
    manifest: manifestOf({ name, version, integrity }),
    checks: PROVENANCE,
    ...(expected.trustedRoot ? { trustedRoot: path.resolve(dir, expected.trustedRoot) } : {}),
    ...(expected.npmKeys ? { keys: path.resolve(dir, expected.npmKeys) } : {}),
  };
}

/** Judges one package for real: registry over HTTP, lockfile and policy on disk, the library's front door. */
export async function judge(question: Question): Promise<Verdict> {
  const report = await judgeAll([question]);
  const [verdict] = report.verdicts;
  if (verdict === undefined || report.verdicts.length !== 1) throw new Error('one package, one verdict');
  return verdict;
}

/** Judges several packages under the policy, trust root and keys of the first. */
export async function judgeAll(questions: readonly Question[]): Promise<Report> {
  const server = createServer((request, response) => {
    const url = decodeURIComponent(request.url ?? '');
    const found = questions.find(
      ({ name, version }) =>
        url === `/${name}/${version}` || url === `/-/npm/v1/attestations/${name}@${version}`,
    );
    const body = url.startsWith('/-/') ? found?.attestations : found && JSON.stringify(found.manifest);
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(body ?? '{"error":"not found"}');
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  try {
    const cwd = writeProject(questions, registry);
    const [first] = questions;
    const env = { npm_config_registry: registry, npm_config_cache: path.join(cwd, 'cache') };
    return await verify(aHost({ cwd, env: { ...env, HOME: cwd } }), {
      ...(first?.trustedRoot === undefined ? {} : { trustedRoot: first.trustedRoot }),
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Pass when nothing failed or stayed unverified; otherwise the first reason. */
export function answerOf(verdict: Verdict): Pick<Row, 'got' | 'because'> {
  const refused = verdict.outcomes.find(({ effect }) => effect === 'fail' || effect === 'unverified');
  if (refused !== undefined) return { got: 'fail', because: `${refused.check}: ${refused.answer.because}` };
  return { got: 'pass', because: verdict.outcomes.map(({ answer }) => answer.because).join('; ') };
}

/** A manifest as the public registry serves it, announcing attestations. */
export function manifestOf(of: {
  name: string;
  version: string;
  integrity: string;
}): Record<string, unknown> {
  const tarball = `https://mirror.example/${of.name}/-/${of.name.split('/').at(-1)}-${of.version}.tgz`;
  const attestations = {
    url: 'https://mirror.example/',
    provenance: { predicateType: 'https://slsa.dev/provenance/v1' },
  };
  return { name: of.name, version: of.version, dist: { integrity: of.integrity, tarball, attestations } };
}

function writeProject(questions: readonly Question[], registry: string): string {
  const cwd = aTempDirectory('corpus');
  const [first] = questions;
  const alone = questions.length === 1;
  const placed = questions.map((question, index) => ({
    ...question,
    place: alone ? question.name : `alias-${index}`,
    wish: alone ? question.version : `npm:${question.name}@${question.version}`,
  }));
  const dependencies = Object.fromEntries(placed.map(({ place, wish }) => [place, wish]));
  const entries = placed.map(({ place, name, version, integrity }) => [
    `node_modules/${place}`,
    { ...(alone ? {} : { name }), version, ...(integrity === undefined ? {} : { integrity }) },
  ]);
  const lockfile = { name: 'project', lockfileVersion: 3, requires: true };
  const packages = { '': { name: 'project', dependencies }, ...Object.fromEntries(entries) };
  const policy = {
    extends: 'observe',
    checks: { ...ALL_OFF, ...first?.checks },
    registries: {
      [registry]: { mirrorOf: 'npm', ...(first?.keys === undefined ? {} : { keys: first.keys }) },
    },
    trust: { refresh: 'never' },
  };
  writeFileSync(path.join(cwd, 'package.json'), JSON.stringify({ name: 'project', version: '1.0.0' }));
  writeFileSync(path.join(cwd, 'package-lock.json'), JSON.stringify({ ...lockfile, packages }, null, 2));
  writeFileSync(path.join(cwd, '.npmsignrc'), JSON.stringify(policy));
  return cwd;
}

const ALL_OFF = Object.fromEntries(
  [
    'lockfile-integrity',
    'lockfile-resolved',
    'package-source',
    'install-script',
    'reserved-bin',
    'registry-signature',
    'publish-attestation',
    'provenance',
    'source-repository',
    'source-ref',
    'build-workflow',
    'build-trigger',
    'build-runner',
    'certificate-issuer',
    'signer-identity',
    'declared-repository',
    'minimum-age',
    'provenance-regression',
    'locked-signer',
  ].map((id) => [id, 'off']),
);

function sha512Of(corpus: string, dir: string, expected: NpmCase): string {
  if (typeof expected.tarball === 'string') return hashOf(path.resolve(dir, expected.tarball));
  const stated =
    expected.tarballSha512 ??
    (expected.tarball ? expected.tarball.sha512 : undefined) ??
    expected.subjectSha512;
  if (stated !== undefined) return stated;
  const base = path.join(corpus, `npm/${expected.name.replace('/', '__')}@${expected.version}`);
  if (existsSync(base)) return sha512Of(corpus, base, readJson(path.join(base, 'expected.json')));
  return '00'.repeat(64);
}

function hashOf(file: string): string {
  return createHash('sha512').update(readFileSync(file)).digest('hex');
}

function bundleResponse(file: string): string {
  const bundle: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return JSON.stringify({ attestations: [{ predicateType: 'https://slsa.dev/provenance/v0.2', bundle }] });
}

function differencesOf(expected: NpmCase, { evidence: { provenance } }: Verdict): string[] {
  if (provenance.status !== 'proved') return [`provenance ${provenance.status}`];
  return IDENTITY.flatMap(([field, read]) => {
    const [wanted, found] = [expected[field] ?? undefined, read(provenance.value)];
    // Fields the certificate lacks (issued before 2023-05) are null in the corpus.
    return wanted === found ? [] : [`${field}: expected ${String(wanted)}, found ${String(found)}`];
  });
}
