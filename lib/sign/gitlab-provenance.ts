/** SLSA provenance v1 of a GitLab CI job, as GitLab's build type defines it. */
import type { Provenance } from './github-provenance.ts';

const BUILD_TYPE = 'https://docs.gitlab.com/ci/pipeline_security/slsa/provenance_v1';

/**
 * The predefined variables that are stated: those that tell which code was built, how and where, and that GitLab fills in itself.
 * A variable a project defines may be a secret, and nothing in the environment says whether it is.
 */
const VARIABLES = [
  'CI',
  'CI_API_V4_URL',
  'CI_COMMIT_BEFORE_SHA',
  'CI_COMMIT_BRANCH',
  'CI_COMMIT_REF_NAME',
  'CI_COMMIT_REF_PROTECTED',
  'CI_COMMIT_REF_SLUG',
  'CI_COMMIT_SHA',
  'CI_COMMIT_SHORT_SHA',
  'CI_COMMIT_TAG',
  'CI_COMMIT_TIMESTAMP',
  'CI_CONFIG_PATH',
  'CI_DEFAULT_BRANCH',
  'CI_JOB_ID',
  'CI_JOB_IMAGE',
  'CI_JOB_NAME',
  'CI_JOB_STAGE',
  'CI_JOB_STARTED_AT',
  'CI_JOB_URL',
  'CI_NODE_TOTAL',
  'CI_PIPELINE_CREATED_AT',
  'CI_PIPELINE_ID',
  'CI_PIPELINE_IID',
  'CI_PIPELINE_SOURCE',
  'CI_PIPELINE_URL',
  'CI_PROJECT_ID',
  'CI_PROJECT_NAME',
  'CI_PROJECT_NAMESPACE',
  'CI_PROJECT_NAMESPACE_ID',
  'CI_PROJECT_PATH',
  'CI_PROJECT_ROOT_NAMESPACE',
  'CI_PROJECT_URL',
  'CI_PROJECT_VISIBILITY',
  'CI_RUNNER_DESCRIPTION',
  'CI_RUNNER_EXECUTABLE_ARCH',
  'CI_RUNNER_ID',
  'CI_RUNNER_TAGS',
  'CI_RUNNER_VERSION',
  'CI_SERVER_HOST',
  'CI_SERVER_NAME',
  'CI_SERVER_URL',
  'CI_SERVER_VERSION',
  'GITLAB_CI',
] as const;

/** What GitLab's environment tells of this job; `undefined` outside of one. */
export function gitlabProvenance(
  env: Readonly<Record<string, string | undefined>>,
  now: Date,
): Provenance | undefined {
  if (env['GITLAB_CI'] !== 'true') return undefined;
  const read = (name: string): string => env[name] ?? '';
  const project = read('CI_PROJECT_URL');
  const started = env['CI_JOB_STARTED_AT'];
  return {
    buildDefinition: {
      buildType: BUILD_TYPE,
      externalParameters: {
        source: project,
        entryPoint: read('CI_JOB_NAME'),
        variables: Object.fromEntries(
          VARIABLES.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
        ),
      },
      internalParameters: {
        name: read('CI_RUNNER_DESCRIPTION'),
        architecture: read('CI_RUNNER_EXECUTABLE_ARCH'),
        // GitLab tells a job nothing of its executor but whether it is a container.
        executor: env['CI_JOB_IMAGE'] === undefined ? '' : 'docker',
        job: read('CI_JOB_ID'),
      },
      resolvedDependencies: [
        { uri: `git+${project}@${refOf(env)}`, digest: { gitCommit: read('CI_COMMIT_SHA') } },
      ],
    },
    runDetails: {
      builder: { id: `${project}/-/runners/${read('CI_RUNNER_ID')}` },
      metadata: {
        // The job's page, as the certificate names it.
        invocationId: read('CI_JOB_URL'),
        ...(started === undefined ? {} : { startedOn: started }),
        finishedOn: now.toISOString(),
      },
    },
  };
}

/** The whole ref, as the certificate names it: what is no tag is a branch to GitLab's token. */
function refOf(env: Readonly<Record<string, string | undefined>>): string {
  const tag = env['CI_COMMIT_TAG'];
  return tag === undefined || tag === ''
    ? `refs/heads/${env['CI_COMMIT_REF_NAME'] ?? ''}`
    : `refs/tags/${tag}`;
}
