/** Who signs: each CI's own token, one that is handed over, or a person; and what is said where there is nobody. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sign } from '../../lib/author/index.ts';
import { main } from '../../lib/cli/main.ts';
import { NOW } from '../support/host.ts';
import {
  aToken,
  BEARER,
  buildkiteClaims,
  type Claims,
  circleClaims,
  emailClaims,
  githubClaims,
  gitlabClaims,
  gitlabJob,
  type SigningServices,
  startSigningServices,
} from '../support/services/index.ts';
import { verifyByReference } from '../support/sigstore/reference.ts';
import { aPacking } from './world.ts';

let services: SigningServices;
before(async () => {
  services = await startSigningServices({ now: () => NOW });
});
after(() => services.close());

/** Takes GitHub out of the environment. */
const ELSEWHERE = {
  CI: undefined,
  GITHUB_ACTIONS: undefined,
  ACTIONS_ID_TOKEN_REQUEST_URL: undefined,
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: undefined,
};

async function signer(env: Readonly<Record<string, string | undefined>>) {
  const outcome = await sign(aPacking(services).host({ ...ELSEWHERE, ...env }));
  assert.equal(outcome.kind, 'signed', JSON.stringify(outcome));
  if (outcome.kind !== 'signed') return assert.fail();
  const bundle = JSON.parse(JSON.stringify(outcome.bundle));
  assert.ok(verifyByReference(bundle, { sigstore: services.sigstore }));
  return outcome;
}

describe('an identity', () => {
  it('in GitHub Actions is asked of the runner, for the audience sigstore, with its secret and nothing else', async () => {
    services.tokens.received.splice(0);
    await sign(aPacking(services).host());
    const [{ path, headers } = assert.fail('nobody asked')] = services.tokens.received;
    assert.equal(path, '/github/token?api-version=2.0&audience=sigstore');
    assert.equal(headers.authorization, `Bearer ${BEARER}`);
  });

  it('in GitLab CI comes in SIGSTORE_ID_TOKEN', async () => {
    const { identity } = await signer({ ...gitlabJob(), SIGSTORE_ID_TOKEN: aToken(gitlabClaims(NOW)) });
    assert.equal(identity.subject, 'https://gitlab.com/acme/lib//.gitlab-ci.yml@refs/tags/v1.2.3');
  });

  it('in CircleCI comes in the newer of its two variables', async () => {
    const env = {
      CI: 'true',
      CIRCLECI: 'true',
      CIRCLE_OIDC_TOKEN: 'old',
      CIRCLE_OIDC_TOKEN_V2: aToken(circleClaims(NOW)),
    };
    const { identity, predicateType } = await signer(env);
    assert.equal(identity.subject, 'https://circleci.com/api/v2/projects/2c3d/pipeline-definitions/6a7b');
    assert.equal(predicateType, 'https://in-toto.io/attestation/release/v0.1');
  });

  it('in Buildkite is asked of the agent', async () => {
    const { identity } = await signer({
      CI: 'true',
      BUILDKITE: 'true',
      BUILDKITE_AGENT_ACCESS_TOKEN: BEARER,
      BUILDKITE_JOB_ID: 'job-1',
      BUILDKITE_AGENT_ENDPOINT: `${services.tokens.url}/v3/`,
    });
    assert.equal(identity.subject, 'https://buildkite.com/acme/lib');
  });

  it('on Google Cloud is asked of the metadata server', async () => {
    const { identity } = await signer({ GCE_METADATA_HOST: new URL(services.tokens.url).host });
    assert.equal(identity.subject, 'builder@acme.iam.example');
  });

  const handedOver: readonly (readonly [string, Claims, string])[] = [
    ['of a person', emailClaims(NOW), 'alice@acme.example'],
    [
      'of a service',
      { ...emailClaims(NOW), email: undefined, email_verified: undefined, sub: 'https://acme.example/ci/7' },
      'https://acme.example/ci/7',
    ],
    ['of Buildkite', buildkiteClaims(NOW), 'https://buildkite.com/acme/lib'],
  ];
  for (const [whose, claims, subject] of handedOver) {
    it(`${whose} may be handed over in SIGSTORE_ID_TOKEN anywhere`, async () => {
      const { identity } = await signer({ SIGSTORE_ID_TOKEN: aToken(claims) });
      assert.equal(identity.subject, subject);
    });
  }

  it('behind a federated sign-in is vouched for by whoever the person signed in at', async () => {
    const claims = {
      ...emailClaims(NOW),
      federated_claims: { connector_id: 'https://github.com/login/oauth' },
    };
    const { identity } = await signer({ SIGSTORE_ID_TOKEN: aToken(claims) });
    assert.equal(identity.issuer, 'https://github.com/login/oauth');
  });

  it('handed over wins over the one of the build', async () => {
    const packing = aPacking(services, { sign: { provenance: 'off' } });
    const outcome = await sign(packing.host({ SIGSTORE_ID_TOKEN: aToken(emailClaims(NOW)) }));
    assert.equal(outcome.kind === 'signed' && outcome.identity.subject, 'alice@acme.example');
  });
});

describe('without permission', () => {
  const cases: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
    [
      'GitHub Actions names file and line to add',
      { GITHUB_ACTIONS: 'true', GITHUB_EVENT_NAME: 'push' },
      /^ {2}Add to the job in \.github\/workflows\/release\.yml: permissions: \{ contents: read, id-token: write \}\n$/m,
    ],
    [
      'a pull request on GitHub learns that it may never sign',
      { GITHUB_ACTIONS: 'true', GITHUB_EVENT_NAME: 'pull_request' },
      /id-token: write \}\. A pull request from a fork is never given one\.\n$/,
    ],
    [
      'GitLab CI names the lines to add',
      { GITLAB_CI: 'true' },
      /\.gitlab-ci\.yml: id_tokens: \{ SIGSTORE_ID_TOKEN: \{ aud: sigstore \} \}\n$/,
    ],
    [
      'CircleCI names the step to add',
      { CIRCLECI: 'true' },
      /circleci run oidc get --claims '\{"aud":"sigstore"\}'/,
    ],
    [
      'Buildkite names the command to add',
      { BUILDKITE: 'true' },
      /buildkite-agent oidc request-token --audience sigstore/,
    ],
    [
      'any other CI says what to set',
      {},
      /OIDC token for the audience sigstore, and set it as SIGSTORE_ID_TOKEN/,
    ],
  ];
  for (const [what, env, said] of cases) {
    it(`${what}, and the pack fails`, async () => {
      const packing = aPacking(services);
      const host = packing.host({ ...ELSEWHERE, CI: 'true', ...env });
      assert.equal(await main(['sign'], host), 3);
      assert.match(host.stderr(), /\[NO_IDENTITY_TOKEN\]\n/);
      assert.match(host.stderr(), said);
      assert.deepEqual(packing.added(), []);
    });
  }

  it('a laptop packs unsigned, with a notice, and asks nobody', async () => {
    const packing = aPacking(services);
    const asked = services.fulcio.received.length;
    const host = packing.host(ELSEWHERE);
    assert.equal(await main(['sign'], host), 0);
    assert.match(
      host.stderr(),
      /^npmsign: @acme\/lib@1\.2\.3 not signed: there is no identity to sign with\n {2}To sign: /,
    );
    assert.deepEqual([packing.added(), services.fulcio.received.length], [[], asked]);
  });

  it('an interactive policy needs somebody at a terminal', async () => {
    const packing = aPacking(services, { sign: { identity: 'interactive' } });
    const host = packing.host(ELSEWHERE);
    assert.equal(await main(['sign'], host), 3);
    assert.match(host.stderr(), /Nobody is there to sign in\. \[NO_IDENTITY_TOKEN\]/);
  });
});

describe('a token', () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['that is none', 'surprise', /What SIGSTORE_ID_TOKEN gave is no identity token/],
    ['of two parts', 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0', /is no identity token/],
    ['without an issuer', aToken({ sub: 'a', aud: 'sigstore' }), /is no identity token/],
    [
      'without a subject',
      aToken({ iss: 'https://accounts.google.com', aud: 'sigstore' }),
      /is no identity token/,
    ],
    ['whose claims are a list', aToken([] as unknown as Claims), /is no identity token/],
    [
      'for somebody else',
      aToken(circleClaims(NOW, '0a1b-organization')),
      /expected audience .*\n {2}The identity token is for the audience 0a1b-organization; Sigstore wants sigstore\.\n$/,
    ],
  ];
  for (const [what, token, said] of cases) {
    it(`${what} is refused, and not shown`, async () => {
      const packing = aPacking(services);
      const host = packing.host({ SIGSTORE_ID_TOKEN: token });
      assert.equal(await main(['sign', '--verbose'], host), 3);
      assert.match(host.stderr(), said);
      for (const part of token.split('.')) assert.ok(!host.stderr().includes(part));
      assert.deepEqual(packing.added(), []);
    });
  }

  it('whose address nobody verified stands for its subject', async () => {
    const claims = { ...githubClaims(NOW), email: 'mallory@evil.example', email_verified: false };
    const outcome = await sign(aPacking(services).host({ SIGSTORE_ID_TOKEN: aToken(claims) }));
    assert.match(
      outcome.kind === 'signed' ? outcome.identity.subject : '',
      /^https:\/\/github\.com\/acme\/lib\//,
    );
  });

  it('is sent to no certificate authority that would read it unencrypted on its way', async () => {
    const packing = aPacking(services, { sign: { fulcio: 'http://fulcio.example' } });
    const asked = services.tokens.received.length;
    await assert.rejects(sign(packing.host()), { code: 'NO_SIGNING_SERVICE', message: /unencrypted/ });
    assert.equal(services.tokens.received.length, asked);
  });
});
