/** SLSA provenance v1 of a GitHub Actions run, as its build type defines it. */

/** A predicate of SLSA provenance v1. */
export type Provenance = {
  readonly buildDefinition: {
    readonly buildType: string;
    readonly externalParameters: object;
    readonly internalParameters: object;
    readonly resolvedDependencies: readonly object[];
  };
  readonly runDetails: {
    readonly builder: { readonly id: string };
    readonly metadata: {
      readonly invocationId: string;
      readonly startedOn?: string;
      readonly finishedOn: string;
    };
  };
};

const BUILD_TYPE = 'https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What GitHub's environment tells of this run; `undefined` outside of one. Parameters a person can choose freely (`inputs`, `vars`) may
 * hold secrets and are left out, as npm does. npm's registry expects `builder.id` to name the kind of runner.
 */
export function githubProvenance(env: Environment, now: Date): Provenance | undefined {
  if (env['GITHUB_ACTIONS'] !== 'true') return undefined;
  const read = (name: string): string => env[name] ?? '';
  const repository = `${read('GITHUB_SERVER_URL')}/${read('GITHUB_REPOSITORY')}`;
  const workflow = workflowOf(read('GITHUB_WORKFLOW_REF'), read('GITHUB_REPOSITORY'));
  return {
    buildDefinition: {
      buildType: BUILD_TYPE,
      externalParameters: { workflow: { ref: workflow.ref, repository, path: workflow.path } },
      internalParameters: {
        github: {
          event_name: read('GITHUB_EVENT_NAME'),
          repository_id: read('GITHUB_REPOSITORY_ID'),
          repository_owner_id: read('GITHUB_REPOSITORY_OWNER_ID'),
          ...(env['GITHUB_ACTOR_ID'] === undefined ? {} : { actor_id: read('GITHUB_ACTOR_ID') }),
        },
      },
      resolvedDependencies: [
        { uri: `git+${repository}@${read('GITHUB_REF')}`, digest: { gitCommit: read('GITHUB_SHA') } },
        ...runnerImage(env),
      ],
    },
    runDetails: {
      builder: { id: `https://github.com/actions/runner/${read('RUNNER_ENVIRONMENT')}` },
      metadata: {
        invocationId: `${repository}/actions/runs/${read('GITHUB_RUN_ID')}/attempts/${read('GITHUB_RUN_ATTEMPT')}`,
        finishedOn: now.toISOString(),
      },
    },
  };
}

/** `owner/name/<path>@<ref>`: path and ref may both contain at-signs, a ref always starts with `refs/`. */
function workflowOf(text: string, repository: string): { readonly path: string; readonly ref: string } {
  const rest = text.startsWith(`${repository}/`) ? text.slice(repository.length + 1) : text;
  const full = rest.indexOf('@refs/');
  const end = full === -1 ? rest.lastIndexOf('@') : full;
  return end === -1 ? { path: rest, ref: '' } : { path: rest.slice(0, end), ref: rest.slice(end + 1) };
}

/** The image of a hosted runner, as the build type's example names it. */
function runnerImage({ ImageOS: system, ImageVersion: version }: Environment): readonly object[] {
  return system === undefined || version === undefined
    ? []
    : [{ uri: `https://github.com/actions/virtual-environments/releases/tag/${system}/${version}` }];
}
