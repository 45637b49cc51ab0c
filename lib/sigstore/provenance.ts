/** Reads SLSA provenance (v0.2 and v1) and holds its story against the certificate. */
import type { Identity, Provenance } from '../model/evidence.ts';
import { refuse } from './fault.ts';
import { arrayAt, type JsonObject, objectOf, partAt, textAt } from './json.ts';
import type { Statement } from './statement.ts';

const V02 = 'https://slsa.dev/provenance/v0.2';
const V1 = 'https://slsa.dev/provenance/v1';

/** Is this a predicate type that counts as build provenance? */
export function isProvenanceType(predicateType: string): boolean {
  return predicateType === V02 || predicateType === V1;
}

/** What the predicate says of the build, as far as it says anything. */
type Story = {
  readonly builder: string | undefined;
  /** Pairs of what is told and what the certificate must then say. */
  readonly claims: readonly Claim[];
};

type Claim = readonly [what: keyof Identity, told: string | undefined];

/** The provenance of a verified statement. Where predicate and certificate both speak and differ, it is refused (SPEC 4.4). */
export function provenanceOf(statement: Statement, identity: Identity): Provenance {
  const { predicate, predicateType } = statement;
  if (predicate === undefined) return refuse('STATEMENT', 'the provenance has no predicate');
  const { builder, claims } = predicateType === V1 ? storyOfV1(predicate) : storyOfV02(predicate);
  for (const [what, told] of claims) {
    const certified = identity[what];
    if (told === undefined || certified === undefined || isSame(what, told, certified)) continue;
    refuse('PREDICATE', `the predicate names another ${NAMES[what] ?? what} than the certificate`);
  }
  return { identity, predicateType, ...(builder === undefined ? {} : { builder }) };
}

const NAMES: { readonly [Name in keyof Identity]?: string } = {
  repositoryId: 'repository id',
  ownerId: 'owner id',
  trigger: 'trigger',
  runner: 'kind of runner',
};

/** SLSA provenance v1, with the parameters of the GitHub Actions build types. */
function storyOfV1(predicate: JsonObject): Story {
  const definition = partAt(predicate, 'buildDefinition');
  const workflow = partAt(partAt(definition, 'externalParameters'), 'workflow');
  const github = partAt(partAt(definition, 'internalParameters'), 'github');
  const details = partAt(predicate, 'runDetails');
  return {
    builder: textAt(partAt(details, 'builder'), 'id'),
    claims: [
      ['repository', textAt(workflow, 'repository')],
      ['ref', textAt(workflow, 'ref')],
      ['workflow', textAt(workflow, 'path')],
      ['trigger', textAt(github, 'event_name')],
      ['repositoryId', textAt(github, 'repository_id')],
      ['ownerId', textAt(github, 'repository_owner_id')],
      ['runner', textAt(github, 'runner_environment')],
      ['run', runUrl(textAt(partAt(details, 'metadata'), 'invocationId'))],
      ...sourceClaims(firstSource(definition)),
    ],
  };
}

/** An invocation id may be any name of the run (SLSA v1, `metadata.invocationId`); only a URL can be held against the certificate's. */
function runUrl(invocationId: string | undefined): string | undefined {
  return invocationId?.startsWith('https://') === true ? invocationId : undefined;
}

/** SLSA provenance v0.2, with the environment of npm's GitHub build types. */
function storyOfV02(predicate: JsonObject): Story {
  const invocation = partAt(predicate, 'invocation');
  const config = partAt(invocation, 'configSource');
  const environment = partAt(invocation, 'environment');
  return {
    builder: textAt(partAt(predicate, 'builder'), 'id'),
    claims: [
      ...sourceClaims(config),
      ['workflow', entryPointPath(textAt(config, 'entryPoint'))],
      ['ref', textAt(environment, 'GITHUB_REF')],
      ['commit', textAt(environment, 'GITHUB_SHA')],
      ['trigger', textAt(environment, 'GITHUB_EVENT_NAME')],
      ['repositoryId', textAt(environment, 'GITHUB_REPOSITORY_ID')],
      ['ownerId', textAt(environment, 'GITHUB_REPOSITORY_OWNER_ID')],
    ],
  };
}

/** The first dependency fetched with git is the source. */
function firstSource(definition: JsonObject | undefined): JsonObject | undefined {
  if (definition === undefined) return undefined;
  return arrayAt(definition, 'resolvedDependencies', 'predicate', 65_536)
    .map((value) => objectOf(value, 'resolvedDependencies'))
    .find((dependency) => textAt(dependency, 'uri')?.startsWith('git+') === true);
}

/** `git+<repository>[@<ref>]` and the commit's digest. */
function sourceClaims(source: JsonObject | undefined): readonly Claim[] {
  const uri = textAt(source, 'uri')?.replace(/^git\+/, '');
  const at = uri === undefined ? -1 : uri.indexOf('@', uri.indexOf('://') + 3);
  const digests = partAt(source, 'digest');
  return [
    ['repository', at === -1 ? uri : uri?.slice(0, at)],
    ['ref', at === -1 ? undefined : uri?.slice(at + 1)],
    ['commit', textAt(digests, 'gitCommit')],
    ['commit', textAt(digests, 'sha1')],
  ];
}

/** The first build types wrote `owner/name/<path>@<ref>`, later ones the path. Elsewhere an entry point is no workflow file. */
function entryPointPath(entryPoint: string | undefined): string | undefined {
  const start = entryPoint?.indexOf('.github/workflows/') ?? -1;
  if (entryPoint === undefined || start === -1) return undefined;
  const end = entryPoint.lastIndexOf('@refs/');
  return entryPoint.slice(start, end === -1 ? undefined : end);
}

/** GitHub and GitLab ignore case in repository names; nothing else does (SPEC 3). Commits are hex. */
function isSame(what: keyof Identity, told: string, certified: string): boolean {
  if (told === certified) return true;
  if (what === 'commit') return told.toLowerCase() === certified;
  return what === 'repository' && CASELESS.test(certified) && told.toLowerCase() === certified.toLowerCase();
}

const CASELESS = /^https:\/\/(?:github|gitlab)\.com\//i;
