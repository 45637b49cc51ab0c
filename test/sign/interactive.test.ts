/** A person signs in: in the browser, or by a code. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { createRegistry, type Registry } from '../../lib/registry/index.ts';
import { openCallback } from '../../lib/sign/callback.ts';
import { signIn } from '../../lib/sign/interactive.ts';
import { parseIdentityToken } from '../../lib/sigstore/index.ts';
import { aHost, type FakeHost } from '../support/host.ts';
import { type SigningServices, startSigningServices } from '../support/services/index.ts';
import { aTempDirectory } from '../support/temp.ts';

let services: SigningServices;
let registry: Registry;
before(async () => {
  // Tokens of a sign-in are held against the real clock by the library that checks them.
  services = await startSigningServices();
  const env = {
    HOME: aTempDirectory('home'),
    npm_config_cache: aTempDirectory('cache'),
    npm_config_fetch_retries: '0',
  };
  const options = { registries: [], offline: false, preferOffline: false, concurrency: 4 };
  registry = await createRegistry(aHost({ env }), options);
});
beforeEach(() => services.behave());
after(async () => {
  await registry.close();
  await services.close();
});

/** Follows the page as a browser does, back to whoever waits. */
async function browse(page: string): Promise<void> {
  const answer = await fetch(page, { redirect: 'manual' });
  const back = await fetch(answer.headers.get('location') ?? assert.fail('no way back'));
  assert.equal(await back.text(), 'You are signed in. This page can be closed.');
}

function inBrowser(host: FakeHost, openPage = browse) {
  return signIn(host, { ask: registry.service, issuer: services.tokens.signInUrl, openPage });
}

describe('signing in', () => {
  it('in the browser gives a token of the person, with PKCE, state and nonce', async () => {
    const host = aHost();
    const pages: string[] = [];
    const token = await inBrowser(host, async (page) => {
      pages.push(page);
      await browse(page);
    });
    assert.equal(parseIdentityToken(token, 'test').challenge, 'alice@acme.example');
    const asked = new URL(pages[0] ?? '').searchParams;
    assert.equal(asked.get('client_id'), 'sigstore');
    assert.equal(asked.get('code_challenge_method'), 'S256');
    assert.match(asked.get('redirect_uri') ?? '', /^http:\/\/localhost:\d+\/auth\/callback$/);
    for (const name of ['state', 'nonce', 'code_challenge']) assert.ok(asked.get(name));
    assert.match(host.stderr(), /^npmsign: sign in at http:\/\/127\.0\.0\.1:\d+\/sign-in\/auth\?/);
    assert.equal(host.stdout(), '');
  });

  it('by a code works where there is no browser', async () => {
    const host = aHost({ platform: 'linux', env: { SSH_CONNECTION: '10.0.0.1 22 10.0.0.2 22' } });
    const token = await signIn(host, { ask: registry.service, issuer: services.tokens.signInUrl });
    assert.equal(parseIdentityToken(token, 'test').challenge, 'alice@acme.example');
    assert.match(host.stderr(), /sign in at \S+\/sign-in\/device with the code ABCD-EFGH\n$/);
  });

  it('shows the token nowhere', async () => {
    const host = aHost();
    const token = await inBrowser(host);
    for (const part of token.split('.')) assert.ok(!host.stderr().includes(part));
  });

  const troubles: readonly (readonly [string, Parameters<SigningServices['tokens']['fail']>[0]])[] = [
    ['a nonce of another sign-in', { kind: 'lie', lie: 'wrong-nonce' }],
    ['an answer without a token', { kind: 'lie', lie: 'no-token' }],
    ['a page instead of an answer', { kind: 'garbage' }],
    ['a refusal', { kind: 'status', status: 403 }],
    ['a broken connection', { kind: 'reset' }],
  ];
  for (const [what, trouble] of troubles) {
    it(`ends in one clear error on ${what}`, async () => {
      services.tokens.fail(trouble);
      const error = await inBrowser(aHost()).then(
        () => assert.fail('it signed in'),
        (thrown: unknown) => thrown,
      );
      assert.ok(
        error instanceof Error && 'code' in error && error.code === 'NO_IDENTITY_TOKEN',
        inspect(error),
      );
      const shown = inspect(error, { depth: 10, showHidden: true });
      for (const token of services.tokens.issued)
        assert.ok(!token.split('.').some((part) => shown.includes(part)));
    });
  }
});

describe('the page a browser comes back to', () => {
  it('counts only with the state it was sent out with', async () => {
    const callback = await openCallback('expected');
    try {
      const wrong = await fetch(`${callback.url}?code=evil&state=other`);
      assert.equal(wrong.status, 404);
      const elsewhere = await fetch(new URL('/?code=evil&state=expected', callback.url));
      assert.equal(elsewhere.status, 404);
      assert.equal((await fetch(`${callback.url}?code=good&state=expected`)).status, 200);
      assert.equal((await callback.arrived).searchParams.get('code'), 'good');
    } finally {
      callback.close();
    }
  });
});
