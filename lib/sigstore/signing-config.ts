/** Decides which services sign: the policy's own, else those of the trust root's signing config (protobuf `SigningConfig`, v0.2). */
import { SigningError } from '../errors.ts';
import type { SignPolicy } from '../model/policy.ts';
import { tame } from '../text/sanitize.ts';
import { covers } from './chain.ts';
import { faultOf, refuse } from './fault.ts';
import { arrayAt, type JsonObject, member, objectOf, stringAt } from './json.ts';
import type { Trust } from './trust-root.ts';
import { intervalAt } from './trusted-root.ts';

/** A log to write to. `unknown`: nobody says which version of Rekor's API it speaks. */
export type RekorService = { readonly url: string; readonly api: 1 | 2 | 'unknown' };

/** Where a signature is made. Base URLs have no slash at their end; timestamp authorities are full URLs. */
export type SigningServices = {
  readonly fulcio: string;
  readonly rekor: readonly RekorService[];
  readonly timestampAuthorities: readonly string[];
  /** Where a person signs in. */
  readonly oidcIssuer: string;
  /** Everybody can read what is written there. */
  readonly isPublic: boolean;
};

/** What the services are chosen by. */
export type ServiceQuestion = {
  readonly policy: SignPolicy;
  readonly trust: Pick<Trust, 'origin' | 'signingConfig'>;
  readonly now: Date;
};

/** The services to sign with. Throws `SigningError` `NO_SIGNING_SERVICE` when one is missing or the config cannot be read. */
export function signingServices({ policy, trust, now }: ServiceQuestion): SigningServices {
  const config = configOf(trust, now);
  const rekor = policy.rekor === undefined ? config.rekor : [namedRekor(policy.rekor, config.known)];
  const { timestampAuthority } = policy;
  const fulcio = trimmed(policy.fulcio ?? config.fulcio ?? missing('certificate authority', 'sign.fulcio'));
  if (!isConfidential(fulcio)) throw inTheClear(fulcio);
  const services = {
    fulcio,
    rekor: rekor.length === 0 ? missing('transparency log', 'sign.rekor') : rekor,
    timestampAuthorities:
      timestampAuthority === undefined ? config.timestampAuthorities : [timestampUrl(timestampAuthority)],
    oidcIssuer: config.oidcIssuer,
  };
  // Under the public-good root only what stands in its public logs can be verified.
  const isPublic =
    trust.origin.root === 'public-good' || [services.fulcio, ...urlsOf(rekor)].some(isSigstores);
  return { ...services, isPublic };
}

type Config = {
  readonly fulcio: string | undefined;
  /** The logs chosen. */
  readonly rekor: readonly RekorService[];
  /** Every log in use. */
  readonly known: readonly RekorService[];
  readonly timestampAuthorities: readonly string[];
  readonly oidcIssuer: string;
};

const SIGN_IN = 'https://oauth2.sigstore.dev/auth';

/** The public-good instance as every client knows it, for a run that could not fetch its signing config. */
const PUBLIC_GOOD: Config = {
  fulcio: 'https://fulcio.sigstore.dev',
  rekor: [{ url: 'https://rekor.sigstore.dev', api: 1 }],
  known: [{ url: 'https://rekor.sigstore.dev', api: 1 }],
  timestampAuthorities: [],
  oidcIssuer: SIGN_IN,
};

const NO_CONFIG: Config = { ...PUBLIC_GOOD, fulcio: undefined, rekor: [], known: [] };

function configOf({ origin, signingConfig }: ServiceQuestion['trust'], now: Date): Config {
  if (signingConfig === undefined) return origin.root === 'public-good' ? PUBLIC_GOOD : NO_CONFIG;
  try {
    return parseConfig(signingConfig, now);
  } catch (cause) {
    const { reason } = faultOf(cause);
    throw new SigningError(
      'NO_SIGNING_SERVICE',
      `The trust root's signing config cannot be used: ${reason}.`,
      {
        hint: 'Name the services in the policy: sign.fulcio, sign.rekor, sign.timestampAuthority.',
      },
    );
  }
}

const MEDIA_TYPE = 'application/vnd.dev.sigstore.signingconfig.v0.2+json';

function parseConfig(text: string, now: Date): Config {
  const config = objectOf(jsonOf(text), 'the signing config');
  if (member(config, 'mediaType') !== MEDIA_TYPE) refuse('MEDIA_TYPE', 'its media type is unknown');
  const select = (name: string, newest: number): readonly Service[] =>
    current(servicesAt(config, name), { newest, now });
  const [fulcio] = select('caUrls', 1);
  const [oidc] = select('oidcUrls', 1);
  const logs = select('rekorTlogUrls', 2);
  return {
    fulcio: fulcio?.url,
    rekor: chosen(logs, member(config, 'rekorTlogConfig')).map(rekorOf),
    known: logs.map(rekorOf),
    timestampAuthorities: urlsOf(chosen(select('tsaUrls', 1), member(config, 'tsaConfig'))),
    oidcIssuer: oidc?.url ?? SIGN_IN,
  };
}

function rekorOf({ url, api }: Service): RekorService {
  return { url, api: api === 2 ? 2 : 1 };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return refuse('MALFORMED', 'it is not JSON');
  }
}

type Service = {
  readonly url: string;
  readonly api: number;
  readonly start: number;
  readonly end: number;
  readonly operator: string;
};

function servicesAt(config: JsonObject, name: string): readonly Service[] {
  return arrayAt(config, name, 'signingConfig', 64).map((value, index) => {
    const path = `${name}[${index}]`;
    const service = objectOf(value, path);
    const url = stringAt(service, 'url', path);
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
      refuse('MALFORMED', `${path}.url is no URL`);
    const api = member(service, 'majorApiVersion');
    if (typeof api !== 'number') return refuse('MALFORMED', `${path}.majorApiVersion is not a number`);
    const operator = member(service, 'operator');
    return {
      url: trimmed(url),
      api,
      ...intervalAt(service, path),
      operator: typeof operator === 'string' ? operator : '',
    };
  });
}

/** Those in use now that speak a version we do: highest version first, then the newest. */
function current(
  services: readonly Service[],
  { newest, now }: { readonly newest: number; readonly now: Date },
): readonly Service[] {
  return services
    .filter((service) => service.api >= 1 && service.api <= newest && covers(service, now.getTime()))
    .sort((a, b) => b.api - a.api || b.start - a.start);
}

/** At most one of each operator; of these all, one, or exactly so many (protobuf `ServiceSelector`). */
function chosen(services: readonly Service[], selector: unknown): readonly Service[] {
  if (selector === undefined) return [];
  const config = objectOf(selector, 'a service selector');
  const one = services.filter(
    ({ operator }, index) => services.findIndex((other) => other.operator === operator) === index,
  );
  switch (member(config, 'selector')) {
    case 'ALL':
      return one;
    case 'ANY':
      return one.slice(0, 1);
    case 'EXACT': {
      const count = Number(member(config, 'count'));
      return one.length >= count && count >= 1
        ? one.slice(0, count)
        : refuse('MALFORMED', 'it asks for more services than it lists');
    }
    default:
      return refuse('MALFORMED', 'it has an unknown service selector');
  }
}

/** What the policy names may stand in the config, too, with the version it speaks. */
function namedRekor(url: string, known: readonly RekorService[]): RekorService {
  const named = trimmed(url);
  return known.find((service) => service.url === named) ?? { url: named, api: 'unknown' };
}

/** RFC 3161 has no path of its own; Sigstore's authority answers under this one. */
function timestampUrl(url: string): string {
  return new URL(url).pathname === '/' ? `${trimmed(url)}/api/v1/timestamp` : url;
}

/** Whoever reads an identity token on its way can sign in our name. What stays on this machine is not on its way. */
function isConfidential(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

function inTheClear(url: string): SigningError {
  return new SigningError(
    'NO_SIGNING_SERVICE',
    `${tame(url, 120)} would be sent the identity token unencrypted.`,
    {
      hint: 'Name an https address in the policy: sign.fulcio.',
    },
  );
}

function isSigstores(url: string): boolean {
  return /(?:^|\.)(?:sigstore|sigstage)\.dev$/.test(new URL(url).hostname);
}

function urlsOf(services: readonly { readonly url: string }[]): readonly string[] {
  return services.map(({ url }) => url);
}

function trimmed(url: string): string {
  return url.replace(/\/+$/, '');
}

function missing(what: string, setting: string): never {
  throw new SigningError('NO_SIGNING_SERVICE', `The trust root names no ${what} to sign with.`, {
    hint: `Name it in the policy: ${setting}.`,
  });
}
