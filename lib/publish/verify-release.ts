/** Checks a release that was published before, by its name and version alone. */
import { UsageError } from '../errors.ts';
import type { Host } from '../model/host.ts';
import { openTrustFor } from '../opening/index.ts';
import { loadPolicy } from '../policy/index.ts';
import { isPackageName, splitSpec } from '../text/package-id.ts';
import { tame } from '../text/sanitize.ts';
import { isVersion } from '../text/semver.ts';
import { openDestination } from './destination.ts';
import { checkPublished, type PublishedCheck } from './published.ts';
import type { PublishRequest } from './run.ts';

/** By which policy and trust root, and at which registry, a release is looked at. */
export type ReleaseRequest = Pick<PublishRequest, 'policy' | 'trustedRoot' | 'registry'>;

/** Does a registry serve what was signed, under `name@version`? Throws `UsageError` for what names no version. */
export async function verifyRelease(
  host: Host,
  spec: string,
  request: ReleaseRequest,
): Promise<PublishedCheck> {
  const { name, range: version } = splitSpec(spec);
  if (!isPackageName(name) || version === undefined || !isVersion(version)) {
    const message = `--published is ${tame(spec, 120)}; it takes a name and an exact version, such as @acme/lib@1.2.3.`;
    throw new UsageError('BAD_FLAG_VALUE', message);
  }
  const policy = await loadPolicy(host, request.policy);
  const about = { name, ...(request.registry === undefined ? {} : { asked: request.registry }) };
  const { source, registry } = await openDestination(host, policy, about);
  try {
    const trust = await openTrustFor(host, { policy, request, registry });
    return await checkPublished({ id: { name, version }, source, registry, trust });
  } finally {
    await registry.close();
  }
}
