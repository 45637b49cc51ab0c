/** Opens what evidence is collected from: a registry and a trust root, as policy and request want them. */
import { settingsFor } from '../evaluate/index.ts';
import type { Sources, Wants } from '../evidence/index.ts';
import type { Host } from '../model/host.ts';
import type { Policy } from '../model/policy.ts';
import type { VerifyRequest } from '../model/request.ts';
import { createRegistry, type Registry } from '../registry/index.ts';
import { openTrust, type Trust } from '../sigstore/index.ts';

export { groundsOf } from './grounds.ts';

const DEFAULT_CONCURRENCY = 64;

/** Everything evidence is collected from, under a policy. Close its registry. */
export async function openSources(host: Host, policy: Policy, request: VerifyRequest): Promise<Sources> {
  const registry = await createRegistry(host, registryOptions(policy, request));
  return {
    registry,
    trust: await openTrustFor(host, { policy, request, registry }),
    wants: wantsOf(policy),
    now: host.now,
    concurrency: request.concurrency ?? DEFAULT_CONCURRENCY,
  };
}

/** What opening a trust root rests on. */
export type TrustContext = {
  readonly policy: Policy;
  readonly request: { readonly trustedRoot?: string; readonly offline?: boolean };
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

/** Further requests are made only for facts that some check, under this policy, asks for. */
function wantsOf(policy: Policy): Wants {
  return {
    minimumAge: (pkg) => {
      const asked = settingsFor('minimum-age', policy, pkg).filter(({ level }) => level !== 'off');
      return asked.length === 0 ? undefined : Math.max(...asked.map(({ options }) => options.days));
    },
    history: (pkg) => settingsFor('provenance-regression', policy, pkg).some(({ level }) => level !== 'off'),
  };
}
