/** Opens what evidence is collected from: a registry and a trust root, as policy and request want them. */
import { settingsFor } from '../evaluate/index.ts';
import type { Sources, Wants } from '../evidence/index.ts';
import type { Host } from '../model/host.ts';
import type { Policy } from '../model/policy.ts';
import type { VerifyRequest } from '../model/request.ts';
import { DEFAULT_CONCURRENCY, openTrustFor, registryOptions } from '../opening/index.ts';
import { createRegistry } from '../registry/index.ts';

export { groundsOf } from './grounds.ts';

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
