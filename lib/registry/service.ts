/** Asks services that are no registries, such as Sigstore's, through the same proxy, authorities and limits. */
import { RegistryError } from '../errors.ts';
import { tame } from '../text/sanitize.ts';
import { unpackBody } from './body.ts';
import type { Http } from './http.ts';

/** One request. What it carries is the caller's own; nothing of npm's credentials is added, and no redirect is followed. */
export type ServiceRequest = {
  readonly url: string;
  /** Posted; absent: GET. */
  readonly body?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** Most bytes of the answer. */
  readonly limit: number;
};

/** What the service answered: any status but those that mean "try again", which it was given its chances to mend. */
export type ServiceAnswer = {
  readonly status: number;
  readonly location?: string;
  readonly body: Uint8Array;
};

/** Asks. Throws `RegistryError`, whose message is safe to print and names the host only. */
export type AskService = (request: ServiceRequest) => Promise<ServiceAnswer>;

/** Longest time for one answer: a log may wait for its next checkpoint, and a build can wait for a log. */
const TOTAL = 60_000;
const FIRST_WAIT = 1_000;

/** Asks over this client; an offline run asks nobody. */
export function createAskService(http: Http, { offline }: { readonly offline: boolean }): AskService {
  return async ({ url, body, headers, limit }) => {
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
      throw new RegistryError('REGISTRY_REFUSED', `${tame(url, 120)} is not an http or https URL.`);
    }
    const { host } = parsed;
    if (offline) throw new RegistryError('REGISTRY_UNREACHABLE', `${host} was not asked: offline.`);
    const answer = await http.send({
      url: parsed,
      kind: 'service',
      accept: 'application/json',
      limit,
      total: TOTAL,
      backOff: FIRST_WAIT,
      ...(body === undefined ? {} : { body }),
      ...(headers === undefined ? {} : { headers }),
    });
    const encoding = answer.headers['content-encoding']?.toLowerCase() === 'gzip' ? 'gzip' : 'identity';
    const { location } = answer.headers;
    return {
      status: answer.status,
      ...(location === undefined ? {} : { location }),
      body: await unpackBody({ bytes: answer.bytes, encoding }, { limit, who: host }),
    };
  };
}
