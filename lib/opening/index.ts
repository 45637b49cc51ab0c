/** Opens a registry and a trust root as policy and request want them: all that signing and publishing need, without what judges. */
import type { Host } from '../model/host.ts';
import type { Policy } from '../model/policy.ts';
import type { VerifyRequest } from '../model/request.ts';
import type { createRegistry, Registry } from '../registry/index.ts';
import { openTrust, type Trust } from '../sigstore/index.ts';

/** Servers answer that many requests at once unless a request says otherwise. */
export const DEFAULT_CONCURRENCY = 64;

/** What opening a trust root rests on. */
export type TrustContext = {
  readonly policy: Pick<Policy, 'trust'>;
  readonly request: {
    readonly trustedRoot?: string;
    readonly offline?: boolean;
    /** Signed metadata that somebody brought. */
    readonly carriedTrust?: string;
  };
  readonly registry: Registry;
};

/** The trust root a policy names, fetched through the registry's client. Throws `TrustError`. */
export function openTrustFor(host: Host, { policy, request, registry }: TrustContext): Promise<Trust> {
  return openTrust({
    policy: policy.trust,
    cwd: host.cwd,
    offline: request.offline ?? false,
    now: host.now,
    download: registry.download,
    ...(registry.cacheDirectory === undefined ? {} : { cacheDirectory: registry.cacheDirectory }),
    ...(request.trustedRoot === undefined ? {} : { trustedRoot: request.trustedRoot }),
    ...(request.carriedTrust === undefined ? {} : { carried: request.carriedTrust }),
  });
}

/** How the registry is asked, under a policy. */
export function registryOptions(
  policy: Policy,
  request: VerifyRequest,
): Parameters<typeof createRegistry>[1] {
  return {
    registries: policy.registries,
    offline: request.offline ?? false,
    preferOffline: request.preferOffline ?? false,
    concurrency: request.concurrency ?? DEFAULT_CONCURRENCY,
    ...(request.registry === undefined ? {} : { registryUrl: request.registry }),
  };
}
