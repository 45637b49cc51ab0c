/** What is stated: the fields that in-toto, SLSA and each build type define, all of them and no others. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Ajv } from 'ajv';
import { statementFor } from '../../lib/sign/statement.ts';
import { anIdentity } from '../support/builders.ts';
import { NOW } from '../support/host.ts';
import { githubRun, gitlabJob } from '../support/services/index.ts';

const SHA512 = 'ab'.repeat(64);
const ASKED = {
  id: { name: '@acme/lib', version: '1.2.3' },
  sha512: SHA512,
  now: NOW,
  provenance: 'auto',
} as const;

const text = { type: 'string', minLength: 1 };
const uri = { type: 'string', pattern: '^(?:https|git\\+https)://[^ ]+$' };
const time = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?Z$' };

/** An object with exactly these members, the optional ones apart. */
function exactly(required: Record<string, object>, optional: Record<string, object> = {}): object {
  const properties = { ...required, ...optional };
  return { type: 'object', required: Object.keys(required), properties, additionalProperties: false };
}

/** in-toto attestation framework, Statement v1. */
function statement(predicateType: string, predicate: object): object {
  const digest = exactly({ sha512: { type: 'string', pattern: '^[0-9a-f]{128}$' } });
  return exactly({
    _type: { const: 'https://in-toto.io/Statement/v1' },
    subject: { type: 'array', minItems: 1, maxItems: 1, items: exactly({ name: text, digest }) },
    predicateType: { const: predicateType },
    predicate,
  });
}

/** SLSA provenance v1, around the parameters of a build type. */
function provenance(buildType: string, external: object, internal: object): object {
  const dependency = exactly(
    { uri },
    { digest: exactly({ gitCommit: { type: 'string', pattern: '^[0-9a-f]{40}$' } }) },
  );
  return statement(
    'https://slsa.dev/provenance/v1',
    exactly({
      buildDefinition: exactly({
        buildType: { const: buildType },
        externalParameters: external,
        internalParameters: internal,
        resolvedDependencies: { type: 'array', minItems: 1, items: dependency },
      }),
      runDetails: exactly({
        builder: exactly({ id: uri }),
        metadata: exactly({ invocationId: uri, finishedOn: time }, { startedOn: time }),
      }),
    }),
  );
}

/** The build type's own page lists these. */
const GITHUB = provenance(
  'https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1',
  exactly({ workflow: exactly({ ref: { type: 'string', pattern: '^refs/' }, repository: uri, path: text }) }),
  exactly({
    github: exactly({ event_name: text, repository_id: text, repository_owner_id: text }, { actor_id: text }),
  }),
);
const GITLAB = provenance(
  'https://docs.gitlab.com/ci/pipeline_security/slsa/provenance_v1',
  exactly({
    source: uri,
    entryPoint: text,
    variables: { type: 'object', additionalProperties: { type: 'string' } },
  }),
  exactly({ name: text, executor: { type: 'string' }, architecture: text, job: text }),
);
const RELEASE = statement('https://in-toto.io/attestation/release/v0.1', exactly({ purl: text }));

function assertValid(schema: object, value: unknown): void {
  const ajv = new Ajv({ allErrors: true, strict: false });
  assert.ok(ajv.validate(schema, value), ajv.errorsText());
}

describe('a statement', () => {
  it('from GitHub Actions has every field of its build type', () => {
    const stated = statementFor({ ...ASKED, env: githubRun() });
    assertValid(GITHUB, stated);
    assert.deepEqual(stated.predicate, {
      buildDefinition: {
        buildType: 'https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1',
        externalParameters: {
          workflow: {
            ref: 'refs/tags/v1.2.3',
            repository: 'https://github.com/acme/lib',
            path: '.github/workflows/release.yml',
          },
        },
        internalParameters: {
          github: {
            event_name: 'push',
            repository_id: '71995937',
            repository_owner_id: '4711',
            actor_id: '1001',
          },
        },
        resolvedDependencies: [
          {
            uri: 'git+https://github.com/acme/lib@refs/tags/v1.2.3',
            digest: { gitCommit: '0123456789abcdef0123456789abcdef01234567' },
          },
          { uri: 'https://github.com/actions/virtual-environments/releases/tag/ubuntu24/20261101.1.0' },
        ],
      },
      runDetails: {
        builder: { id: 'https://github.com/actions/runner/github-hosted' },
        metadata: {
          invocationId: 'https://github.com/acme/lib/actions/runs/1234567890/attempts/1',
          finishedOn: '2026-11-22T12:00:00.000Z',
        },
      },
    });
  });

  it('splits a workflow from its ref where both contain at-signs', () => {
    const env = githubRun(anIdentity({ workflow: '.github/workflows/a@b.yml', ref: 'refs/tags/lib@1.2.3' }));
    const { predicate } = statementFor({ ...ASKED, env });
    assert.deepEqual(Object(predicate).buildDefinition.externalParameters.workflow, {
      ref: 'refs/tags/lib@1.2.3',
      repository: 'https://github.com/acme/lib',
      path: '.github/workflows/a@b.yml',
    });
  });

  it('from GitLab CI has every field of its build type', () => {
    const stated = statementFor({ ...ASKED, env: gitlabJob() });
    assertValid(GITLAB, stated);
    const { buildDefinition, runDetails } = Object(stated.predicate);
    assert.equal(buildDefinition.externalParameters.source, 'https://gitlab.com/acme/lib');
    assert.deepEqual(buildDefinition.resolvedDependencies, [
      {
        uri: 'git+https://gitlab.com/acme/lib@refs/tags/v1.2.3',
        digest: { gitCommit: '0123456789abcdef0123456789abcdef01234567' },
      },
    ]);
    assert.deepEqual(runDetails, {
      builder: { id: 'https://gitlab.com/acme/lib/-/runners/12270831' },
      metadata: {
        invocationId: 'https://gitlab.com/acme/lib/-/jobs/1234567890',
        startedOn: '2026-11-22T11:58:00Z',
        finishedOn: '2026-11-22T12:00:00.000Z',
      },
    });
  });

  it('names a branch of GitLab in full', () => {
    const env = { ...gitlabJob(), CI_COMMIT_TAG: '', CI_COMMIT_REF_NAME: 'main' };
    const { resolvedDependencies } = Object(statementFor({ ...ASKED, env }).predicate).buildDefinition;
    assert.equal(resolvedDependencies[0].uri, 'git+https://gitlab.com/acme/lib@refs/heads/main');
  });

  it('states no variable that could be a secret', () => {
    const shown = JSON.stringify(statementFor({ ...ASKED, env: gitlabJob() }));
    assert.doesNotMatch(shown, /secret/);
  });

  it('from anywhere else is a release attestation', () => {
    const stated = statementFor({ ...ASKED, env: { CI: 'true', CIRCLECI: 'true' } });
    assertValid(RELEASE, stated);
    assert.deepEqual(stated.predicate, { purl: 'pkg:npm/%40acme/lib@1.2.3' });
  });

  it('is a release attestation in CI too, where the policy wants no provenance', () => {
    assertValid(RELEASE, statementFor({ ...ASKED, provenance: 'off', env: githubRun() }));
  });

  it("is about one package, in npm's spelling", () => {
    for (const [name, purl] of [
      ['lib', 'pkg:npm/lib@1.2.3'],
      ['@acme/lib', 'pkg:npm/%40acme/lib@1.2.3'],
    ] as const) {
      const { subject } = statementFor({ ...ASKED, id: { name, version: '1.2.3' }, env: githubRun() });
      assert.deepEqual(subject, [{ name: purl, digest: { sha512: SHA512 } }]);
    }
  });
});
