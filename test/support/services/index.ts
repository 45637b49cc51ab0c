/** The services a signature needs, on loopback: Fulcio, Rekor of both versions, a timestamp authority, and issuers of tokens. */
import { listenOnLoopback } from '../loopback.ts';
import { createSigstore, type Sigstore } from '../sigstore/index.ts';
import { fulcioService } from './fulcio.ts';
import { type Stage, stageFor } from './misbehaviour.ts';
import { BEARER, tokenOffice } from './oidc.ts';
import { rekorV1Service, rekorV2Service } from './rekor.ts';
import { timestampService } from './timestamps.ts';

export * from './environments.ts';
export type { Received, Trouble } from './misbehaviour.ts';
export { BEARER } from './oidc.ts';
export * from './tokens.ts';

/** One service: its address, without a slash at its end, and how it is made to go wrong. */
export type LoopbackService = Omit<Stage, 'listener'> & { readonly url: string };

/** All of them, of one minted Sigstore. */
export type SigningServices = {
  readonly sigstore: Sigstore;
  readonly fulcio: LoopbackService;
  readonly rekor: LoopbackService;
  readonly rekorV2: LoopbackService;
  readonly timestamps: LoopbackService;
  readonly tokens: LoopbackService & { readonly issued: readonly string[]; readonly signInUrl: string };
  /** `sign` of a policy that uses them. */
  readonly policy: (log?: 'v1' | 'v2') => Record<string, string>;
  /** What GitHub's runner puts into the environment of a job that may ask for a token. */
  readonly githubEnv: () => Record<string, string>;
  readonly behave: () => void;
  readonly close: () => Promise<void>;
};

/** Starts them in this process. `now` is everybody's clock; the real one unless given. */
export async function startSigningServices({
  sigstore = createSigstore(),
  now = () => new Date(),
}: {
  readonly sigstore?: Sigstore;
  readonly now?: () => Date;
} = {}): Promise<SigningServices> {
  const address = { tokens: '' };
  const office = tokenOffice(now, () => address.tokens);
  const [fulcio, rekor, rekorV2, timestamps, tokens] = await Promise.all([
    started(stageFor(fulcioService(sigstore, now))),
    started(stageFor(rekorV1Service(sigstore, now))),
    started(stageFor(rekorV2Service(sigstore, now))),
    started(stageFor(timestampService(sigstore, now))),
    started(stageFor(office.service)),
  ]);
  address.tokens = tokens.url;
  const all = [fulcio, rekor, rekorV2, timestamps, tokens];
  return {
    sigstore,
    fulcio,
    rekor,
    rekorV2,
    timestamps,
    tokens: { ...tokens, issued: office.issued, signInUrl: `${tokens.url}/sign-in` },
    policy: (log = 'v1') => ({
      fulcio: fulcio.url,
      rekor: log === 'v1' ? rekor.url : rekorV2.url,
      ...(log === 'v1' ? {} : { timestampAuthority: timestamps.url }),
    }),
    githubEnv: () => ({
      ACTIONS_ID_TOKEN_REQUEST_URL: `${tokens.url}/github/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: BEARER,
    }),
    behave: () => {
      for (const service of all) service.behave();
    },
    close: async () => {
      await Promise.all(all.map(({ close }) => close()));
    },
  };
}

async function started({
  listener,
  ...stage
}: Stage): Promise<LoopbackService & { readonly close: () => Promise<void> }> {
  const { origin, close } = await listenOnLoopback(listener);
  return { ...stage, url: origin, close };
}
