/** Identity tokens as the issuers of this world make them, and whom Fulcio takes their holders for. */
import { randomBytes } from 'node:crypto';
import type { Identity } from '../../../lib/model/evidence.ts';
import { anIdentity } from '../builders.ts';

/** The claims of a token. */
export type Claims = Readonly<Record<string, unknown>>;

const GITHUB = 'https://github.com';

/** A JSON Web Token. Its signature is noise: whoever would verify it is played by this world, too. */
export function aToken(claims: Claims): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const header = { alg: 'RS256', typ: 'JWT', kid: randomBytes(8).toString('hex') };
  return `${part(header)}.${part(claims)}.${randomBytes(256).toString('base64url')}`;
}

/** The claims of a token for the audience sigstore that lives for some minutes. */
function claimsAt(now: Date, claims: Claims): Claims {
  const seconds = Math.floor(now.getTime() / 1000);
  return {
    aud: 'sigstore',
    iat: seconds,
    nbf: seconds,
    exp: seconds + 600,
    jti: randomBytes(8).toString('hex'),
    ...claims,
  };
}

/** What GitHub says of the run an identity describes; {@link anIdentity} unless given. */
export function githubClaims(now: Date, identity: Identity = anIdentity()): Claims {
  const { repository = '', ref = '', workflow = '', builder = '', run = '', owner = '' } = identity;
  const name = repository.slice(GITHUB.length + 1);
  const [, run_id, run_attempt] = /runs\/(\d+)\/attempts\/(\d+)/.exec(run) ?? [];
  return claimsAt(now, {
    iss: identity.issuer,
    sub: `repo:${name}:ref:${ref}`,
    repository: name,
    repository_id: identity.repositoryId,
    repository_owner: owner.slice(GITHUB.length + 1),
    repository_owner_id: identity.ownerId,
    repository_visibility: identity.visibility,
    ref,
    sha: identity.commit,
    event_name: identity.trigger,
    workflow_ref: `${name}/${workflow}@${ref}`,
    job_workflow_ref: builder.slice(GITHUB.length + 1),
    runner_environment: identity.runner,
    run_id,
    run_attempt,
  });
}

/** What GitLab says of a job of `acme/lib` on tag `v1.2.3`. */
export function gitlabClaims(now: Date): Claims {
  return claimsAt(now, {
    iss: 'https://gitlab.com',
    sub: 'project_path:acme/lib:ref_type:tag:ref:v1.2.3',
    project_path: 'acme/lib',
    project_id: '71995937',
    namespace_path: 'acme',
    namespace_id: '4711',
    project_visibility: 'public',
    ref: 'v1.2.3',
    ref_type: 'tag',
    sha: '0123456789abcdef0123456789abcdef01234567',
    ci_config_ref_uri: 'gitlab.com/acme/lib//.gitlab-ci.yml@refs/tags/v1.2.3',
    pipeline_source: 'push',
    job_id: '1234567890',
    runner_environment: 'gitlab-hosted',
  });
}

/** What the others say. */
export function buildkiteClaims(now: Date): Claims {
  const [organization_slug, pipeline_slug] = ['acme', 'lib'];
  const sub = 'organization:acme:pipeline:lib:ref:refs/tags/v1.2.3:commit:01234567:step:release';
  return claimsAt(now, { iss: 'https://agent.buildkite.com', sub, organization_slug, pipeline_slug });
}

/** CircleCI's, for the audience given: its own tokens are for the organization. */
export function circleClaims(now: Date, aud = 'sigstore'): Claims {
  return claimsAt(now, {
    iss: 'https://oidc.circleci.com/org/0a1b',
    sub: 'org/0a1b/project/2c3d/user/4e5f',
    aud,
    'oidc.circleci.com/project-id': '2c3d',
    'oidc.circleci.com/pipeline-definition-id': '6a7b',
  });
}

/** A person's, by way of Sigstore's own sign-in, or a Google service account's. */
export function emailClaims(
  now: Date,
  email = 'alice@acme.example',
  iss = 'https://accounts.google.com',
): Claims {
  return claimsAt(now, { iss, sub: 'CgYxMjM0NTY', email, email_verified: true });
}

/** The identity Fulcio certifies for the holder of a token (fulcio, config/identity/config.yaml). */
export function identityBehind(claims: Claims): Identity {
  const read = (name: string): string => String(claims[name] ?? '');
  const issuer = read('iss');
  if (issuer === 'https://token.actions.githubusercontent.com') return githubIdentity(read);
  if (issuer === 'https://gitlab.com') return gitlabIdentity(read);
  if (issuer === 'https://agent.buildkite.com') {
    return { issuer, subject: `https://buildkite.com/${read('organization_slug')}/${read('pipeline_slug')}` };
  }
  if (issuer.startsWith('https://oidc.circleci.com/')) {
    const [project, definition] = [
      read('oidc.circleci.com/project-id'),
      read('oidc.circleci.com/pipeline-definition-id'),
    ];
    const subject = `https://circleci.com/api/v2/projects/${project}/pipeline-definitions/${definition}`;
    return { issuer, subject };
  }
  const connector = Object(claims['federated_claims']).connector_id;
  return { issuer: connector ?? issuer, subject: read('email') || read('sub') };
}

function githubIdentity(read: (name: string) => string): Identity {
  const repository = `${GITHUB}/${read('repository')}`;
  const config = read('workflow_ref');
  return {
    issuer: read('iss'),
    subject: `${GITHUB}/${read('job_workflow_ref')}`,
    repository,
    repositoryId: read('repository_id'),
    owner: `${GITHUB}/${read('repository_owner')}`,
    ownerId: read('repository_owner_id'),
    ref: read('ref'),
    commit: read('sha'),
    workflow: config.slice(read('repository').length + 1, config.indexOf('@refs/')),
    builder: `${GITHUB}/${read('job_workflow_ref')}`,
    runner: read('runner_environment'),
    trigger: read('event_name'),
    run: `${repository}/actions/runs/${read('run_id')}/attempts/${read('run_attempt')}`,
    visibility: read('repository_visibility'),
  };
}

function gitlabIdentity(read: (name: string) => string): Identity {
  const repository = `${read('iss')}/${read('project_path')}`;
  return {
    issuer: read('iss'),
    subject: `https://${read('ci_config_ref_uri')}`,
    repository,
    repositoryId: read('project_id'),
    owner: `${read('iss')}/${read('namespace_path')}`,
    ownerId: read('namespace_id'),
    ref: `refs/${read('ref_type') === 'tag' ? 'tags' : 'heads'}/${read('ref')}`,
    commit: read('sha'),
    workflow: '/.gitlab-ci.yml',
    builder: `https://${read('ci_config_ref_uri')}`,
    runner: read('runner_environment'),
    trigger: read('pipeline_source'),
    run: `${repository}/-/jobs/${read('job_id')}`,
    visibility: read('project_visibility'),
  };
}
