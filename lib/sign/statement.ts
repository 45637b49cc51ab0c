/** States what was packed, and in CI how: the in-toto statement that gets signed (in-toto attestation framework, Statement v1). */
import type { PackageId } from '../model/package.ts';
import { purlOf } from '../text/package-id.ts';
import { githubProvenance } from './github-provenance.ts';
import { gitlabProvenance } from './gitlab-provenance.ts';

/** What a statement is made of. */
export type StatementQuestion = {
  readonly id: PackageId;
  /** Of the packed bytes, lower-case hex. */
  readonly sha512: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: Date;
  /** `off`: a build in CI says no more about itself than a person would. */
  readonly provenance: 'auto' | 'off';
};

/** An in-toto statement about one package. */
export type Statement = {
  readonly _type: 'https://in-toto.io/Statement/v1';
  /** npm's purl, and the digest npm checks. */
  readonly subject: readonly [{ readonly name: string; readonly digest: { readonly sha512: string } }];
  readonly predicateType: string;
  readonly predicate: object;
};

const SLSA = 'https://slsa.dev/provenance/v1';
const RELEASE = 'https://in-toto.io/attestation/release/v0.1';

/** SLSA provenance v1 in GitHub Actions and GitLab CI, where a build type is defined; elsewhere a release attestation. */
export function statementFor({ id, sha512, env, now, provenance }: StatementQuestion): Statement {
  const stated =
    provenance === 'off' ? undefined : (githubProvenance(env, now) ?? gitlabProvenance(env, now));
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: purlOf(id), digest: { sha512 } }],
    predicateType: stated === undefined ? RELEASE : SLSA,
    predicate: stated ?? { purl: purlOf(id) },
  };
}
