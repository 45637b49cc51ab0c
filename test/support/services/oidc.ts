/** Everybody who hands out identity tokens: GitHub Actions, Buildkite's agent, Google's metadata server, and a sign-in page. */
import { createHash } from 'node:crypto';
import { type Answer, json, type Received, type Service } from './misbehaviour.ts';
import { aToken, buildkiteClaims, type Claims, emailClaims, githubClaims } from './tokens.ts';

/** What GitHub's runner and Buildkite's agent want to be shown. */
export const BEARER = 'runner-secret-0a1b2c3d4e5f';

/** Every token this issuer has given out, so that tests can look for them where they must not be. */
export type TokenOffice = { readonly service: Service; readonly issued: string[] };

/** Where a request goes; `origin` is the address of the service itself. */
export function tokenOffice(now: () => Date, origin: () => string): TokenOffice {
  const issued: string[] = [];
  const issue = (claims: Claims): string => {
    const token = aToken(claims);
    issued.push(token);
    return token;
  };
  const signIn = signInService({ issue, now, origin });
  const service: Service = (request, lie) => {
    const { method, headers } = request;
    const url = new URL(request.path, origin());
    if (url.pathname === '/github/token') {
      if (headers.authorization !== `Bearer ${BEARER}`) return json(401, { message: 'Unauthorized' });
      const audience = url.searchParams.get('audience') ?? 'https://github.com/acme';
      return json(200, { count: 1, value: issue({ ...githubClaims(now()), aud: audience }) });
    }
    if (method === 'POST' && url.pathname === '/v3/jobs/job-1/oidc/tokens') {
      if (headers.authorization !== `Token ${BEARER}`) return json(401, { message: 'Unauthorized' });
      return json(200, { token: issue(buildkiteClaims(now())) });
    }
    if (url.pathname.startsWith('/computeMetadata/v1/'))
      return metadata(request, url, issue(emailClaims(now(), 'builder@acme.iam.example')));
    return signIn(request, lie);
  };
  return { service, issued };
}

function metadata({ headers }: Received, url: URL, token: string): Answer {
  if (headers['metadata-flavor'] !== 'Google') return { status: 403, body: 'Forbidden' };
  const isIdentity =
    url.pathname.endsWith('/default/identity') && url.searchParams.get('audience') === 'sigstore';
  return isIdentity ? { status: 200, body: token } : { status: 404, body: 'Not Found' };
}

type Office = {
  readonly issue: (claims: Claims) => string;
  readonly now: () => Date;
  readonly origin: () => string;
};

/** OpenID Connect with PKCE, and device codes. Whoever comes is Alice, at once. Lies: `wrong-nonce`, `no-token`. */
function signInService({ issue, now, origin }: Office): Service {
  const codes = new Map<string, { readonly challenge: string; readonly nonce: string | null }>();
  return ({ method, path, body }, lie) => {
    const issuer = `${origin()}/sign-in`;
    const { pathname, searchParams } = new URL(path, origin());
    const form = new URLSearchParams(method === 'POST' ? body.toString('utf8') : '');
    const remember = (params: URLSearchParams): string => {
      const code = `code-${codes.size}`;
      codes.set(code, { challenge: params.get('code_challenge') ?? '', nonce: params.get('nonce') });
      return code;
    };
    switch (pathname) {
      case '/sign-in/.well-known/openid-configuration':
        return json(200, discoveryOf(issuer));
      case '/sign-in/auth': {
        const back = new URL(searchParams.get('redirect_uri') ?? '');
        back.searchParams.set('code', remember(searchParams));
        back.searchParams.set('state', searchParams.get('state') ?? '');
        return { status: 303, body: '', headers: { location: back.href } };
      }
      case '/sign-in/device/code':
        return json(200, {
          device_code: remember(form),
          user_code: 'ABCD-EFGH',
          verification_uri: `${issuer}/device`,
          expires_in: 300,
          interval: 0.01,
        });
      case '/sign-in/token': {
        const asked = codes.get(form.get('code') ?? form.get('device_code') ?? '');
        const challenge = createHash('sha256')
          .update(form.get('code_verifier') ?? '')
          .digest('base64url');
        if (asked === undefined || asked.challenge !== challenge)
          return json(400, { error: 'invalid_grant' });
        const nonce = lie === 'wrong-nonce' ? 'another' : asked.nonce;
        const id_token = issue({
          ...emailClaims(now(), 'alice@acme.example', issuer),
          ...(nonce === null ? {} : { nonce }),
        });
        const token = { access_token: 'opaque-access-token', token_type: 'bearer', expires_in: 60 };
        return json(200, lie === 'no-token' ? token : { ...token, id_token });
      }
      default:
        return json(404, { error: 'not_found' });
    }
  };
}

function discoveryOf(issuer: string): object {
  return {
    issuer,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    device_authorization_endpoint: `${issuer}/device/code`,
    jwks_uri: `${issuer}/keys`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    code_challenge_methods_supported: ['S256'],
  };
}
