/** What each CI puts into the environment of a job that packs `@acme/lib@1.2.3` on its tag. */
import type { Identity } from '../../../lib/model/evidence.ts';
import { anIdentity } from '../builders.ts';

/** GitHub Actions, for the run an identity describes. */
export function githubRun(identity: Identity = anIdentity()): Record<string, string> {
  const { repository = '', ref = '', workflow = '', run = '' } = identity;
  const name = new URL(repository).pathname.slice(1);
  const [, id = '', attempt = ''] = /runs\/(\d+)\/attempts\/(\d+)/.exec(run) ?? [];
  return {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: name,
    GITHUB_REPOSITORY_ID: identity.repositoryId ?? '',
    GITHUB_REPOSITORY_OWNER_ID: identity.ownerId ?? '',
    GITHUB_ACTOR_ID: '1001',
    GITHUB_REF: ref,
    GITHUB_SHA: identity.commit ?? '',
    GITHUB_EVENT_NAME: identity.trigger ?? '',
    GITHUB_WORKFLOW_REF: `${name}/${workflow}@${ref}`,
    GITHUB_RUN_ID: id,
    GITHUB_RUN_ATTEMPT: attempt,
    RUNNER_ENVIRONMENT: identity.runner ?? '',
    ImageOS: 'ubuntu24',
    ImageVersion: '20261101.1.0',
  };
}

/** GitLab CI. Its token comes in SIGSTORE_ID_TOKEN. */
export function gitlabJob(): Record<string, string> {
  const project = 'https://gitlab.com/acme/lib';
  return {
    CI: 'true',
    GITLAB_CI: 'true',
    CI_PROJECT_URL: project,
    CI_PROJECT_PATH: 'acme/lib',
    CI_COMMIT_SHA: '0123456789abcdef0123456789abcdef01234567',
    CI_COMMIT_REF_NAME: 'v1.2.3',
    CI_COMMIT_TAG: 'v1.2.3',
    CI_CONFIG_PATH: '.gitlab-ci.yml',
    CI_JOB_ID: '1234567890',
    CI_JOB_NAME: 'release',
    CI_JOB_URL: `${project}/-/jobs/1234567890`,
    CI_JOB_IMAGE: 'node:24',
    CI_JOB_STARTED_AT: '2026-11-22T11:58:00Z',
    CI_PIPELINE_SOURCE: 'push',
    CI_RUNNER_ID: '12270831',
    CI_RUNNER_DESCRIPTION: 'blue-1.saas-linux-small-amd64',
    CI_RUNNER_EXECUTABLE_ARCH: 'linux/amd64',
    CI_JOB_TOKEN: 'glcbt-secret-of-the-job',
    NPM_TOKEN: 'secret-of-the-project',
  };
}
