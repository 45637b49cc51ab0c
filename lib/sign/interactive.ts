/** Lets a person sign in: in the browser (OpenID Connect with PKCE), or by a code where there is no browser (RFC 8628). */
// Written by others because what a sign-in must check (issuer, state, nonce, PKCE, expiry) is long, and each omission is a hole.
import * as oidc from 'openid-client';
import { NpmsignError, SigningError } from '../errors.ts';
import type { Host } from '../model/host.ts';
import type { AskService } from '../sigstore/index.ts';
import { tame } from '../text/sanitize.ts';
import { hasBrowser, openInBrowser } from './browser.ts';
import { openCallback } from './callback.ts';
import type { OpenPage } from './identity.ts';

/** Where a person signs in, and how the page is opened. */
export type SignIn = {
  readonly ask: AskService;
  readonly issuer: string;
  readonly openPage?: OpenPage;
};

/** The public client every Sigstore identity provider knows. */
const CLIENT = 'sigstore';
const SCOPE = 'openid email';

/** Signs in and resolves to the identity token. Throws `SigningError` `NO_IDENTITY_TOKEN`; nothing the provider said is in it. */
export async function signIn(host: Host, request: SignIn): Promise<string> {
  try {
    const config = await discover(request);
    const token =
      request.openPage !== undefined || hasBrowser(host)
        ? await throughBrowser(host, config, request)
        : await byCode(host, config);
    if (token !== undefined) return token;
  } catch (error) {
    if (error instanceof NpmsignError) throw error;
    // Neither its words nor itself: the provider's answers, which may hold the token, hang on it.
    throw notSignedIn(request, error instanceof Error ? error.name : 'unknown trouble');
  }
  throw notSignedIn(request, 'no identity token came with the answer');
}

async function discover({ issuer, ask }: SignIn): Promise<oidc.Configuration> {
  const isLocal = /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?(?:\/|$)/.test(issuer);
  return oidc.discovery(new URL(issuer), CLIENT, undefined, oidc.None(), {
    [oidc.customFetch]: fetchThrough(ask),
    ...(isLocal ? { execute: [oidc.allowInsecureRequests] } : {}),
  });
}

/** The library's requests go the way all ours go: npm's proxy, authorities, limits. */
function fetchThrough(ask: AskService): oidc.CustomFetch {
  return async (url, { body, headers }) => {
    const text = typeof body === 'string' || body instanceof URLSearchParams ? body.toString() : undefined;
    const answer = await ask({
      url,
      headers,
      limit: 1024 * 1024,
      ...(text === undefined ? {} : { body: Buffer.from(text) }),
    });
    const hasBody = answer.status !== 204 && answer.status !== 304;
    return new Response(hasBody ? Buffer.from(answer.body) : null, {
      status: answer.status,
      headers: { 'content-type': 'application/json' },
    });
  };
}

async function throughBrowser(
  host: Host,
  config: oidc.Configuration,
  { openPage }: SignIn,
): Promise<string | undefined> {
  const [state, nonce, verifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()];
  const callback = await openCallback(state);
  try {
    const page = oidc.buildAuthorizationUrl(config, {
      redirect_uri: callback.url,
      scope: SCOPE,
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }).href;
    host.err(`npmsign: sign in at ${tame(page, 2000)}\n`);
    await (openPage === undefined ? openInBrowser(host, page) : openPage(page));
    const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier };
    return (await oidc.authorizationCodeGrant(config, await callback.arrived, checks)).id_token;
  } finally {
    callback.close();
  }
}

async function byCode(host: Host, config: oidc.Configuration): Promise<string | undefined> {
  const verifier = oidc.randomPKCECodeVerifier();
  const device = await oidc.initiateDeviceAuthorization(config, {
    scope: SCOPE,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const page = device.verification_uri_complete ?? device.verification_uri;
  host.err(`npmsign: sign in at ${tame(page, 2000)} with the code ${tame(device.user_code, 60)}\n`);
  return (await oidc.pollDeviceAuthorizationGrant(config, device, { code_verifier: verifier })).id_token;
}

function notSignedIn({ issuer }: SignIn, why: string): SigningError {
  return new SigningError(
    'NO_IDENTITY_TOKEN',
    `Signing in at ${tame(issuer, 120)} did not work (${tame(why, 60)}).`,
    {
      hint: 'Run it again, or set SIGSTORE_ID_TOKEN.',
    },
  );
}
