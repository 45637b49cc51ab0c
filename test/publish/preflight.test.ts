/** Tests of what is found before a publish: each fault beside the same circumstances without it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Manifest } from '../../lib/model/evidence.ts';
import type { Told } from '../../lib/model/proof.ts';
import { type PublishManifest, parsePublishManifest } from '../../lib/publish/manifest.ts';
import { type Circumstances, type FaultCode, faultsIn, noticesIn } from '../../lib/publish/preflight.ts';
import { githubRun, gitlabJob } from '../support/services/index.ts';

const manifest: PublishManifest = {
  id: { name: '@acme/lib', version: '1.2.3' },
  isPrivate: false,
  repository: 'git+https://github.com/acme/lib.git',
  namesProvenance: false,
  scripts: [],
};
const PRIVATE = { url: 'https://npm.acme.example/', isNpm: false };
const NPM = { url: 'https://registry.example/', isNpm: true };
const listed: Told<Manifest> = {
  status: 'told',
  value: {
    tarballs: [],
    registry: PRIVATE.url,
    signatures: [],
    announcesAttestations: true,
    announcesProvenance: true,
    installScripts: [],
    bins: [],
  },
};

/** A tagged build that publishes to a private registry which takes provenance. */
function circumstances(change: Partial<Circumstances> = {}): Circumstances {
  return {
    manifest,
    env: githubRun(),
    registry: PRIVATE,
    listed: { status: 'absent' },
    isNew: false,
    takesProvenance: 'afterwards',
    isThereUnattested: false,
    signer: { kind: 'signer' },
    isRequired: true,
    trustsPublicGood: true,
    settings: [],
    ...change,
  };
}

const toNpm: Partial<Circumstances> = { registry: NPM, takesProvenance: 'publish', access: 'public' };
const nobody = { kind: 'nobody', because: 'there is no identity' } as const;
const { repository: _, ...unnamed } = manifest;

describe('before a publish', () => {
  it('nothing stands in the way of the ordinary', () => {
    assert.deepEqual(faultsIn(circumstances()), []);
    assert.deepEqual(noticesIn(circumstances()), []);
    assert.deepEqual(faultsIn(circumstances(toNpm)), []);
  });

  const cases: readonly (readonly [
    code: FaultCode,
    what: string,
    found: Partial<Circumstances>,
    accepted: Partial<Circumstances>,
  ])[] = [
    ['PRIVATE', 'a private package', { manifest: { ...manifest, isPrivate: true } }, {}],
    ['ALREADY_PUBLISHED', 'a version that is there', { listed }, { listed, isThereUnattested: true }],
    [
      'REGISTRY_UNKNOWN',
      'a registry that does not answer',
      { listed: { status: 'unavailable', reason: 'it cannot be reached' } },
      {},
    ],
    ['NO_IDENTITY', 'nobody to sign', { signer: nobody }, { signer: nobody, isRequired: false }],
    ['REPOSITORY_MISSING', 'no repository, for npm', { ...toNpm, manifest: unnamed }, { manifest: unnamed }],
    [
      'REPOSITORY_DIFFERS',
      'another repository than the one that is built',
      { manifest: { ...manifest, repository: 'github:acme/other' } },
      { manifest: { ...manifest, repository: 'github:acme/lib' } },
    ],
    [
      'REPOSITORY_DIFFERS',
      'another repository, in GitLab',
      { env: gitlabJob() },
      { env: gitlabJob(), manifest: { ...manifest, repository: 'https://gitlab.com/acme/lib.git' } },
    ],
    [
      'ACCESS',
      'a new scoped package without access, for npm',
      { registry: NPM, takesProvenance: 'publish', isNew: true },
      { ...toNpm, isNew: true },
    ],
    [
      'NO_PLACE_FOR_PROVENANCE',
      'a registry that takes none',
      { takesProvenance: 'never' },
      { takesProvenance: 'never', isRequired: false },
    ],
    [
      'TRUST_ROOT',
      'a Sigstore of its own, for npm',
      { ...toNpm, trustsPublicGood: false },
      { trustsPublicGood: false },
    ],
    [
      'PROVENANCE_SETTING',
      'a provenance-file of npm, for another registry',
      { settings: ['.npmrc'] },
      { ...toNpm, settings: ['.npmrc'] },
    ],
  ];
  for (const [code, what, found, accepted] of cases) {
    it(`${what} is ${code}, with the next step, and its neighbour is none`, () => {
      const [fault, ...others] = faultsIn(circumstances(found));
      assert.equal(fault?.code, code);
      assert.ok((fault?.hint.length ?? 0) > 10);
      assert.deepEqual(others, []);
      assert.deepEqual(faultsIn(circumstances(accepted)), []);
    });
  }

  it('a package that names no repository is told of, with what to add, and only where a build says which', () => {
    const [notice, ...others] = noticesIn(circumstances({ manifest: unnamed }));
    assert.equal(notice?.code, 'NO_REPOSITORY');
    assert.match(
      notice?.message ?? '',
      /Add "repository": \{ .*git\+https:\/\/github\.com\/acme\/lib\.git" \}\.$/,
    );
    assert.deepEqual(others, []);
    assert.deepEqual(noticesIn(circumstances({ manifest: unnamed, env: {} })), []);
  });

  for (const [what, env, code] of [
    ['a branch', { ...githubRun(), GITHUB_REF: 'refs/heads/main' }, 'NOT_A_TAG'],
    ['the tag of another version', { ...githubRun(), GITHUB_REF: 'refs/tags/v1.2.2' }, 'OTHER_TAG'],
    ['a tag that merely ends so', { ...githubRun(), GITHUB_REF: 'refs/tags/v11.2.3' }, 'OTHER_TAG'],
    ['its tag', githubRun(), undefined],
    ['a branch in GitLab', { ...gitlabJob(), CI_COMMIT_TAG: '' }, 'NOT_A_TAG'],
    ['its tag in GitLab', gitlabJob(), undefined],
    ['nothing in particular', {}, undefined],
  ] as const) {
    it(`a build of ${what} is told of as ${code ?? 'nothing'}`, () => {
      assert.equal(noticesIn(circumstances({ env }))[0]?.code, code);
    });
  }
});

describe('a package.json', () => {
  it('says what it says', () => {
    const text = JSON.stringify({
      name: '@acme/lib',
      version: 'v1.2.3',
      private: true,
      repository: { url: 'https://git.example/a/b' },
      publishConfig: {
        '@acme:registry': 'https://a.example/',
        registry: 'https://b.example/',
        access: 'public',
      },
      scripts: { prepublishOnly: 'x', postpublish: 'y' },
    });
    assert.deepEqual(parsePublishManifest(text, 'package.json'), {
      id: { name: '@acme/lib', version: '1.2.3' },
      isPrivate: true,
      repository: 'https://git.example/a/b',
      access: 'public',
      registry: 'https://a.example/',
      namesProvenance: false,
      scripts: ['prepublishOnly', 'postpublish'],
    });
  });

  const nameless: readonly object[] = [
    {},
    { name: 'lib' },
    { name: '../lib', version: '1.0.0' },
    { name: 'lib', version: 'x' },
    [],
  ];
  for (const json of nameless) {
    it(`that names no package is refused: ${JSON.stringify(json)}`, () => {
      const parse = () => parsePublishManifest(JSON.stringify(json), 'package.json');
      assert.throws(parse, { code: 'ARTIFACT_UNREADABLE' });
    });
  }
});
