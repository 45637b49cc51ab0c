/** The builds that know who they are: where each CI keeps its identity token, and what to add where it keeps none. */
import { SigningError } from '../errors.ts';
import type { Host } from '../model/host.ts';
import { type AskService, posted } from '../sigstore/index.ts';
import { tame } from '../text/sanitize.ts';
import type { Source } from './identity.ts';
import { fetchSecret, noToken } from './token-request.ts';

type Environment = Host['env'];

/** Where this build's token comes from; `undefined` outside of a CI that is known. Throws `SigningError` `NO_IDENTITY_TOKEN`. */
export function findAmbient(env: Environment): Source | undefined {
  const handedOver = textOf(env, 'SIGSTORE_ID_TOKEN');
  if (handedOver !== undefined) return { name: 'SIGSTORE_ID_TOKEN', fetch: async () => handedOver };
  const known = CIS.find(([variable]) => isOn(env[variable]));
  return known?.[1](env);
}

const CIS: readonly (readonly [variable: string, (env: Environment) => Source])[] = [
  ['GITHUB_ACTIONS', github],
  ['GITLAB_CI', gitlab],
  ['CIRCLECI', circleCi],
  ['BUILDKITE', buildkite],
];

const AUDIENCE = 'sigstore';

/** GitHub docs, "Updating your actions for OIDC". */
function github(env: Environment): Source {
  const url = textOf(env, 'ACTIONS_ID_TOKEN_REQUEST_URL');
  const bearer = textOf(env, 'ACTIONS_ID_TOKEN_REQUEST_TOKEN');
  if (url === undefined || bearer === undefined) {
    const file = /\/(\.github\/workflows\/[^@]+)@/.exec(env['GITHUB_WORKFLOW_REF'] ?? '')?.[1];
    throw new SigningError('NO_IDENTITY_TOKEN', 'This job may not ask GitHub for an identity token.', {
      hint: `Add to the job in ${tame(file ?? 'the workflow file', 120)}: permissions: { contents: read, id-token: write }${forks(env)}`,
    });
  }
  return {
    name: 'GitHub Actions',
    fetch: (ask) =>
      fetchSecret(ask, {
        from: 'GitHub',
        url: withAudience(url),
        headers: { authorization: `Bearer ${bearer}` },
        member: 'value',
      }),
  };
}

function forks(env: Environment): string {
  return env['GITHUB_EVENT_NAME'] === 'pull_request'
    ? '. A pull request from a fork is never given one.'
    : '';
}

/** GitLab docs, "OpenID Connect (OIDC) Authentication Using ID Tokens". */
function gitlab(): never {
  throw new SigningError('NO_IDENTITY_TOKEN', 'This job was not given an identity token.', {
    hint: 'Add to the job in .gitlab-ci.yml: id_tokens: { SIGSTORE_ID_TOKEN: { aud: sigstore } }',
  });
}

/** CircleCI docs, "Using OpenID Connect tokens in jobs". Its own two tokens are for the organization's id as audience. */
function circleCi(env: Environment): Source {
  const token = textOf(env, 'CIRCLE_OIDC_TOKEN_V2') ?? textOf(env, 'CIRCLE_OIDC_TOKEN');
  if (token !== undefined) return { name: 'CircleCI', fetch: async () => token };
  throw new SigningError('NO_IDENTITY_TOKEN', 'This job was not given an identity token.', {
    hint: `Add before it, in .circleci/config.yml: - run: echo "export SIGSTORE_ID_TOKEN=$(circleci run oidc get --claims '{"aud":"sigstore"}')" >> "$BASH_ENV"`,
  });
}

/** Buildkite's agent API, `POST /jobs/<id>/oidc/tokens`: what `buildkite-agent oidc request-token` asks. */
function buildkite(env: Environment): Source {
  const [token, job] = [textOf(env, 'BUILDKITE_AGENT_ACCESS_TOKEN'), textOf(env, 'BUILDKITE_JOB_ID')];
  const endpoint = textOf(env, 'BUILDKITE_AGENT_ENDPOINT') ?? 'https://agent.buildkite.com/v3';
  if (token === undefined || job === undefined) {
    throw new SigningError(
      'NO_IDENTITY_TOKEN',
      'This step cannot ask its Buildkite agent for an identity token.',
      {
        hint: 'Add to the command of the step: export SIGSTORE_ID_TOKEN="$(buildkite-agent oidc request-token --audience sigstore)"',
      },
    );
  }
  const { body, headers } = posted({ audience: AUDIENCE });
  return {
    name: 'Buildkite',
    fetch: (ask: AskService) =>
      fetchSecret(ask, {
        from: 'The Buildkite agent',
        url: `${endpoint.replace(/\/+$/, '')}/jobs/${encodeURIComponent(job)}/oidc/tokens`,
        headers: { ...headers, authorization: `Token ${token}` },
        ...(body === undefined ? {} : { body }),
        member: 'token',
      }),
  };
}

function withAudience(url: string): string {
  if (!URL.canParse(url)) throw noToken('ACTIONS_ID_TOKEN_REQUEST_URL is no URL.');
  const parsed = new URL(url);
  parsed.searchParams.set('audience', AUDIENCE);
  return parsed.href;
}

function textOf(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === undefined || value === '' ? undefined : value;
}

function isOn(value: string | undefined): boolean {
  return value === 'true' || value === '1';
}
