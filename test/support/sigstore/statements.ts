/** In-toto statements as npm's command line and npm's registry write them. */
import type { Identity } from '../../../lib/model/evidence.ts';
import type { PackageId } from '../../../lib/model/package.ts';
import { purlOf } from '../../../lib/text/package-id.ts';

/** A package and the hash of its tarball, hex. */
export type StatedPackage = PackageId & { readonly sha512: string };

/** An in-toto statement, writable for tests that alter it. */
export type StatementJson = {
  _type: string;
  subject: { name: string; digest: Record<string, string> }[];
  predicateType: string;
  predicate: unknown;
};

/** Predicate type of npm's publish attestation. */
export const PUBLISH_TYPE = 'https://github.com/npm/attestation/tree/main/specs/publish/v0.1';
/** Predicate type of SLSA provenance v1. */
export const SLSA_V1_TYPE = 'https://slsa.dev/provenance/v1';
/** Predicate type of SLSA provenance v0.2. */
export const SLSA_V02_TYPE = 'https://slsa.dev/provenance/v0.2';

/** npm's publish attestation: the registry at `registry` took in this package. */
export function publishStatement(of: StatedPackage, registry: string): StatementJson {
  return {
    _type: 'https://in-toto.io/Statement/v0.1',
    subject: [subjectOf(of)],
    predicateType: PUBLISH_TYPE,
    predicate: { name: of.name, version: of.version, registry: registry.replace(/\/$/, '') },
  };
}

/** SLSA v1 provenance of a GitHub Actions run, as npm 9.7 and later write it. */
export function slsaV1Statement(of: StatedPackage, by: Identity): StatementJson {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [subjectOf(of)],
    predicateType: SLSA_V1_TYPE,
    predicate: {
      buildDefinition: {
        buildType: 'https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1',
        externalParameters: { workflow: { ref: by.ref, repository: by.repository, path: by.workflow } },
        internalParameters: {
          github: {
            event_name: by.trigger,
            repository_id: by.repositoryId,
            repository_owner_id: by.ownerId,
          },
        },
        resolvedDependencies: [{ uri: `git+${by.repository}@${by.ref}`, digest: { gitCommit: by.commit } }],
      },
      runDetails: {
        builder: { id: `https://github.com/actions/runner/${by.runner}` },
        metadata: { invocationId: by.run },
      },
    },
  };
}

/** SLSA v0.2 provenance of a GitHub Actions run, as npm 9.5 wrote it. */
export function slsaV02Statement(of: StatedPackage, by: Identity): StatementJson {
  const repository = new URL(by.repository ?? 'https://github.com/').pathname.slice(1);
  const entryPoint = `${repository}/${by.workflow}@${by.ref}`;
  const [run = '', attempt = '1'] = (by.run ?? '').match(/\d+(?=\/attempts)|\d+$/g) ?? [];
  return {
    _type: 'https://in-toto.io/Statement/v0.1',
    subject: [subjectOf(of)],
    predicateType: SLSA_V02_TYPE,
    predicate: {
      buildType: 'https://github.com/npm/cli/gha@v1',
      builder: { id: 'https://github.com/npm/cli@9.5.0' },
      invocation: {
        configSource: { uri: `git+${by.repository}@${by.ref}`, digest: { sha1: by.commit }, entryPoint },
        parameters: {},
        environment: {
          GITHUB_EVENT_NAME: by.trigger,
          GITHUB_REF: by.ref,
          GITHUB_REPOSITORY: repository,
          GITHUB_REPOSITORY_ID: by.repositoryId,
          GITHUB_REPOSITORY_OWNER_ID: by.ownerId,
          GITHUB_RUN_ATTEMPT: attempt,
          GITHUB_RUN_ID: run,
          GITHUB_SHA: by.commit,
          GITHUB_WORKFLOW_REF: entryPoint,
          GITHUB_WORKFLOW_SHA: by.commit,
        },
      },
      metadata: {
        buildInvocationId: `${run}-${attempt}`,
        completeness: { parameters: false, environment: false, materials: false },
        reproducible: false,
      },
      materials: [{ uri: `git+${by.repository}`, digest: { sha1: by.commit } }],
    },
  };
}

function subjectOf(of: StatedPackage): StatementJson['subject'][number] {
  return { name: purlOf(of), digest: { sha512: of.sha512 } };
}
