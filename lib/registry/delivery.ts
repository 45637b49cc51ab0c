/** What a publisher asks of a registry: whether it takes attestations, to take one, and its tarball back. */
import { RegistryError } from '../errors.ts';
import type { PackageId } from '../model/package.ts';
import { tame } from '../text/sanitize.ts';
import { unpackBody } from './body.ts';
import type { Http } from './http.ts';
import { fieldOf, isObject } from './json.ts';
import type { Answered } from './settled.ts';
import type { RegistrySource } from './source.ts';
import { pathOf } from './versions.ts';

/** Whether a registry took an attestation; `reason` is safe to print. */
export type Taken = { readonly kind: 'taken' } | { readonly kind: 'refused'; readonly reason: string };

/** The side of a registry that publishers see. All of it throws `RegistryError` where the registry cannot be reached. */
export type Delivery = {
  /** Does it take attestations after a publish, as registries with npmsign's plugin do? */
  readonly takesAttestations: (source: RegistrySource) => Promise<boolean>;
  /** Hands over the bundle of a version that is published there. */
  readonly attach: (source: RegistrySource, id: PackageId, bundle: unknown) => Promise<Taken>;
  /** The bytes of a tarball it lists, `undefined` when it has none there. */
  readonly tarball: (url: string) => Promise<Uint8Array | undefined>;
};

const SMALL = 64 * 1024;
const LARGEST_TARBALL = 1024 ** 3;
const MINUTE = 60_000;
const JSON_TYPE = 'application/json';

/** Creates it on the client of a run. */
export function createDelivery(http: Http): Delivery {
  return {
    async takesAttestations(source) {
      const url = new URL(`${source.url}-/npmsign`);
      const answer = await http.send({ url, kind: 'npmsign', ...SHORT, credentials: 'configured' });
      const said = answer.status === 200 ? await jsonIn(answer, url.host) : undefined;
      return isObject(said) && fieldOf(said, 'attestations') === 'POST';
    },
    async attach(source, { name, version }, bundle) {
      const spec = `${pathOf(name)}@${encodeURIComponent(version)}`;
      const url = new URL(`${source.url}-/npm/v1/attestations/${spec}`);
      const answer = await http.send({
        url,
        kind: 'attach',
        ...SHORT,
        credentials: 'configured',
        headers: { 'content-type': 'application/vnd.dev.sigstore.bundle.v0.3+json' },
        body: Buffer.from(JSON.stringify(bundle), 'utf8'),
      });
      if (answer.status === 200 || answer.status === 201) return { kind: 'taken' };
      const said = await jsonIn(answer, url.host);
      const error = isObject(said) ? fieldOf(said, 'error') : undefined;
      const why = typeof error === 'string' ? `: ${tame(error, 500)}` : '';
      return { kind: 'refused', reason: `${url.host} answered ${answer.status}${why}` };
    },
    tarball: (url) => fetchTarball(http, url),
  };
}

const SHORT = { accept: JSON_TYPE, limit: SMALL, total: MINUTE } as const;

async function fetchTarball(http: Http, text: string): Promise<Uint8Array | undefined> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new RegistryError('REGISTRY_MALFORMED', `The registry lists a tarball at ${tame(text, 200)}.`);
  }
  const answer = await http.fetch({
    url,
    kind: 'tarball',
    accept: '*/*',
    credentials: 'configured',
    limit: LARGEST_TARBALL,
    total: 10 * MINUTE,
  });
  if (answer.kind !== 'found') return undefined;
  return unpackBody(answer.packed, { limit: LARGEST_TARBALL, who: url.host });
}

/** What an answer says in JSON; `undefined` where it says something else. */
async function jsonIn({ headers, bytes }: Answered, who: string): Promise<unknown> {
  const encoding = headers['content-encoding']?.toLowerCase() === 'gzip' ? 'gzip' : 'identity';
  const body = await unpackBody({ bytes, encoding }, { limit: SMALL, who });
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined; // A page for people.
  }
}
