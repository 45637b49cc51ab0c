/** Reads identities from minted and real certificates. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { Identity } from '../../lib/model/evidence.ts';
import { parseTrustedRoot, verifyBundle } from '../../lib/sigstore/index.ts';
import { anIdentity } from '../support/builders.ts';
import { corpusMissing } from '../support/corpus.ts';
import { createSigstore } from '../support/sigstore/index.ts';
import { casesOf, corpus, readJson, trustOf } from './corpus-cases.ts';

const sigstore = createSigstore();
const trust = parseTrustedRoot(sigstore.trustedRoot());
const at = new Date('2026-10-23T12:00:00Z');
const statement = {};

async function identityIn(
  identity: Identity,
  extra: ReadonlyMap<number, string> = new Map(),
): Promise<Identity | string> {
  const bundle = sigstore.mintBundle({ statement, signer: { identity, certificate: { extra } }, at });
  const result = await verifyBundle(bundle, trust);
  if (!result.ok) return result.code;
  return result.signer.kind === 'certificate' ? result.signer.identity : 'KEY';
}

/** The certificate as Fulcio made it before May 2023: only the first six extensions. */
const ONLY_OLD: ReadonlyMap<number, string> = new Map(
  [8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22].map((number) => [number, '']),
);

describe('an identity', () => {
  it('is what the certificate says, field by field', async () => {
    assert.deepEqual(await identityIn(anIdentity()), anIdentity());
  });

  it('of an old certificate comes from the old extensions and the subject', async () => {
    const { issuer, subject, repository, ref, commit, workflow, trigger } = anIdentity();
    assert.deepEqual(await identityIn(anIdentity(), ONLY_OLD), {
      issuer,
      subject,
      repository,
      ref,
      commit,
      workflow,
      trigger,
    });
  });

  it('of an old certificate has no workflow when the subject lies in another repository', async () => {
    const subject = 'https://github.com/acme/builders/.github/workflows/build.yml@refs/heads/main';
    const found = await identityIn(anIdentity({ subject }), ONLY_OLD);
    assert.ok(typeof found !== 'string' && found.workflow === undefined);
    assert.equal(found.repository, 'https://github.com/acme/lib');
  });

  it('of an old certificate has no repository when the issuer is not GitHub', async () => {
    const found = await identityIn(anIdentity({ issuer: 'https://issuer.example' }), ONLY_OLD);
    assert.ok(typeof found !== 'string' && found.repository === undefined && found.workflow === undefined);
  });

  it('of a person is the e-mail address', async () => {
    const person = { issuer: 'https://accounts.example', subject: 'ada@acme.example' };
    assert.deepEqual(await identityIn(person), person);
  });

  const configs: readonly (readonly [string, string, string | undefined])[] = [
    ['ends where the ref of the source begins', 'release.yml@refs/tags/v1.2.3', 'release.yml'],
    ['ends at the last ref when it is another', 'release.yml@refs/heads/main', 'release.yml'],
    ['keeps an at-sign in its name', 'release.yml@x.yml@refs/tags/v1.2.3', 'release.yml@x.yml'],
    [
      'keeps an at-sign in its name under another ref',
      'release.yml@x.yml@refs/heads/main',
      'release.yml@x.yml',
    ],
    ['is not cut at a ref with an at-sign', 'release.yml@refs/tags/lib@1.0.0', 'release.yml'],
  ];
  for (const [title, config, workflow] of configs) {
    it(`has a workflow whose path ${title}`, async () => {
      const identity = anIdentity();
      const uri = `${identity.repository}/.github/workflows/${config}`;
      const found = await identityIn(identity, new Map([[18, uri]]));
      assert.ok(typeof found !== 'string');
      assert.equal(found.workflow, `.github/workflows/${workflow}`);
    });
  }

  it('has no workflow when the build config lies in a repository of a longer name', async () => {
    const uri = 'https://github.com/acme/lib-evil/.github/workflows/release.yml@refs/tags/v1.2.3';
    const found = await identityIn(anIdentity(), new Map([[18, uri]]));
    assert.ok(typeof found !== 'string' && found.workflow === undefined);
  });

  it('is refused when old and new extensions contradict each other', async () => {
    assert.equal(
      await identityIn(anIdentity(), new Map([[12, 'https://github.com/acme/other']])),
      'CERTIFICATE_IDENTITY',
    );
  });

  it('of a repository elsewhere agrees with an old extension that never named the host', async () => {
    const repository = 'https://github.acme.example/acme/lib';
    const found = await identityIn(anIdentity({ repository }));
    assert.ok(typeof found !== 'string' && found.repository === repository);
  });
});

describe('identities of the corpus', { skip: corpus === '' ? corpusMissing : false }, () => {
  const known: readonly (readonly [string, Partial<Record<keyof Identity, string | undefined>>])[] = [
    [
      'pypi-gitlab-publish',
      {
        issuer: 'https://gitlab.com',
        repository: 'https://gitlab.com/facutuesca/gitlab-oidc-project',
        workflow: '.gitlab-ci.yml',
        ref: 'refs/heads/main',
      },
    ],
    [
      'gh-cli-reusable-workflow',
      {
        builder:
          'https://github.com/github/artifact-attestations-workflows/.github/workflows/attest.yml@09b495c3f12c7881b3cc17209a327792065c1a1d',
      },
    ],
    ['gh-cli-custom-issuer', { issuer: 'https://token.actions.githubusercontent.com/hammer-time' }],
    ['github-release-attestation', { issuer: '', subject: 'https://dotcom.releases.github.com' }],
  ];
  for (const [name, expected] of known) {
    it(`of ${name} are read`, async () => {
      const item = casesOf('bundles').find((candidate) => candidate.name === name);
      assert.ok(item !== undefined);
      const thresholds = item.expected['thresholds'] as { tlog: number; ctlog: number; timestamp: number };
      const bundle = readJson(path.join(item.directory, 'bundle.sigstore.json'));
      const result = await verifyBundle(bundle, trustOf(item), { thresholds });
      assert.ok(result.ok && result.signer.kind === 'certificate', JSON.stringify(result));
      for (const [field, value] of Object.entries(expected)) {
        assert.equal(result.signer.identity[field as keyof Identity], value);
      }
    });
  }
});
