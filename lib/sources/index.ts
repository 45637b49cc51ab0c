/** Opens what evidence is collected from: a registry and a trust root, as policy and request want them. */
import type { CarriedEvidence } from '../carry/index.ts';
import { settingsFor } from '../evaluate/index.ts';
import type { Sources, Wants } from '../evidence/index.ts';
import type { Host } from '../model/host.ts';
import type { Policy } from '../model/policy.ts';
import type { VerifyRequest } from '../model/request.ts';
import { DEFAULT_CONCURRENCY, openTrustFor, registryOptions } from '../opening/index.ts';
import { type AnswerRecorder, createRegistry } from '../registry/index.ts';

export { groundsOf } from './grounds.ts';

/** What is asked of sources: somebody may listen to what registries answer. */
export type SourcesRequest = VerifyRequest & { readonly recorder?: AnswerRecorder };

/**
 * Everything evidence is collected from, under a policy. Close its registry. Where a folder of evidence was carried here, that folder alone
 * answers, and nobody is asked anything.
 */
export async function openSources(host: Host, policy: Policy, request: SourcesRequest): Promise<Sources> {
  const { evidence, recorder } = request;
  const carried = evidence === undefined ? undefined : await openCarried(host, evidence);
  const asked = carried === undefined ? request : { ...request, offline: true };
  const registry = await createRegistry(host, {
    ...registryOptions(policy, asked),
    ...(carried && { carried: carried.answers }),
    ...(recorder && { recorder }),
  });
  const carriedTrust = carried?.trust === undefined ? {} : { carriedTrust: carried.trust };
  return {
    registry,
    trust: await openTrustFor(host, { policy, request: { ...asked, ...carriedTrust }, registry }),
    wants: wantsOf(policy),
    now: host.now,
    ...(host.self?.startThread === undefined ? {} : { startThread: host.self.startThread }),
    concurrency: request.concurrency ?? DEFAULT_CONCURRENCY,
  };
}

async function openCarried(host: Host, directory: string): Promise<CarriedEvidence> {
  const { openEvidence } = await import('../carry/index.ts');
  return openEvidence(host, directory);
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
