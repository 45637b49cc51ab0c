/** Google Cloud: the metadata server says who the machine, or the service account it may act as, is. */
import { readFile } from 'node:fs/promises';
import type { Host } from '../model/host.ts';
import { type AskService, posted } from '../sigstore/index.ts';
import type { Source } from './identity.ts';
import { fetchSecret } from './token-request.ts';

const METADATA = { 'metadata-flavor': 'Google' };
const PRODUCT = '/sys/class/dmi/id/product_name';
const IAM = 'https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts';

/** Where the machine's token comes from; `undefined` outside of Google Cloud. Asks nobody. */
export async function findGoogle(host: Host): Promise<Source | undefined> {
  const account = host.env['GOOGLE_SERVICE_ACCOUNT_NAME'];
  if (account !== undefined && account !== '') {
    return { name: 'Google Cloud', fetch: (ask) => fetchAs(ask, host, account) };
  }
  if (!(await isGoogleMachine(host))) return undefined;
  return { name: 'Google Cloud', fetch: (ask) => fetchOwn(ask, host) };
}

/** As Google's own libraries tell: a metadata host that is set, or the product name in the firmware. */
async function isGoogleMachine({ env, platform }: Host): Promise<boolean> {
  if (env['GCE_METADATA_HOST']) return true;
  if (platform !== 'linux') return false;
  try {
    return /^Google(?: Compute Engine)?$/.test((await readFile(PRODUCT, 'utf8')).trim());
  } catch {
    return false; // No such file: not a machine with firmware, hence not theirs.
  }
}

/** The identity of the machine's default service account. */
function fetchOwn(ask: AskService, host: Host): Promise<string> {
  return fetchSecret(ask, {
    from: "Google Cloud's metadata server",
    url: `${metadataOf(host)}/identity?audience=sigstore&format=full`,
    headers: METADATA,
    member: 'text',
  });
}

/** The identity of another service account, which the machine's own may impersonate. */
async function fetchAs(ask: AskService, host: Host, account: string): Promise<string> {
  const access = await fetchSecret(ask, {
    from: "Google Cloud's metadata server",
    url: `${metadataOf(host)}/token?scopes=https://www.googleapis.com/auth/cloud-platform`,
    headers: METADATA,
    member: 'access_token',
  });
  const { body, headers } = posted({ audience: 'sigstore', includeEmail: true });
  return fetchSecret(ask, {
    from: "Google Cloud's IAM service",
    url: `${IAM}/${encodeURIComponent(account)}:generateIdToken`,
    headers: { ...headers, authorization: `Bearer ${access}` },
    ...(body === undefined ? {} : { body }),
    member: 'token',
  });
}

function metadataOf({ env }: Host): string {
  const server = env['GCE_METADATA_HOST'] || 'metadata.google.internal';
  return `http://${server}/computeMetadata/v1/instance/service-accounts/default`;
}
