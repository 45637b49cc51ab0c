/** Finds out who signs: a build's own token, one that was handed over, or a person who signs in. */
import { SigningError } from '../errors.ts';
import type { Host } from '../model/host.ts';
import type { SignPolicy } from '../model/policy.ts';
import { type AskService, type IdentityToken, parseIdentityToken } from '../sigstore/index.ts';
import { findAmbient } from './ambient.ts';
import { findGoogle } from './google.ts';

/** Somebody who can get a token, or nobody. Finding out asks nobody. */
export type Signer =
  | {
      readonly kind: 'signer';
      readonly name: string;
      readonly fetchToken: (services: TokenServices) => Promise<IdentityToken>;
    }
  | { readonly kind: 'nobody'; readonly because: string };

/** With whose help a token is got. */
export type TokenServices = {
  readonly ask: AskService;
  /** Where a person signs in. */
  readonly oidcIssuer: string;
};

/** Where a token comes from; `undefined` from `fetch` where it turns out that there is no identity after all. */
export type Source = {
  readonly name: string;
  readonly fetch: (ask: AskService) => Promise<string>;
};

/** Opens a page for a person; resolves when that was tried. */
export type OpenPage = (url: string) => Promise<void>;

/**
 * Who would sign in this environment. In CI, a missing permission throws `SigningError` `NO_IDENTITY_TOKEN`, whose hint is the line to add;
 * elsewhere nobody is an answer.
 */
export async function findSigner(
  host: Host,
  policy: SignPolicy,
  openPage: OpenPage | undefined,
): Promise<Signer> {
  const source = findAmbient(host.env) ?? (await findGoogle(host));
  if (source !== undefined) {
    const { name } = source;
    return {
      kind: 'signer',
      name,
      fetchToken: async ({ ask }) => parseIdentityToken(await source.fetch(ask), name),
    };
  }
  if (policy.identity === 'interactive') return interactiveSigner(host, openPage);
  if (isCi(host.env)) throw noTokenInCi();
  return { kind: 'nobody', because: 'there is no identity to sign with' };
}

function interactiveSigner(host: Host, openPage: OpenPage | undefined): Signer {
  if (!host.interactive) {
    throw new SigningError('NO_IDENTITY_TOKEN', 'Nobody is there to sign in.', {
      hint: 'The policy says sign.identity: interactive; run it in a terminal, or set SIGSTORE_ID_TOKEN.',
    });
  }
  return {
    kind: 'signer',
    name: 'the sign-in',
    async fetchToken({ ask, oidcIssuer }) {
      // A build never signs in: what it needs for that is loaded by people only.
      const { signIn } = await import('./interactive.ts');
      const text = await signIn(host, {
        ask,
        issuer: oidcIssuer,
        ...(openPage === undefined ? {} : { openPage }),
      });
      return parseIdentityToken(text, 'the sign-in');
    },
  };
}

function isCi(env: Host['env']): boolean {
  const ci = env['CI'];
  return ci !== undefined && ci !== '' && ci !== 'false' && ci !== '0';
}

function noTokenInCi(): SigningError {
  return new SigningError('NO_IDENTITY_TOKEN', 'This build has no identity token to sign with.', {
    hint: 'Ask your CI for an OIDC token for the audience sigstore, and set it as SIGSTORE_ID_TOKEN in this step.',
  });
}
