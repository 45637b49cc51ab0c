/** Says what on disk a verdict rests on besides the folder the run starts in. */
import { join, resolve } from 'node:path';
import { endOf } from '../evaluate/index.ts';
import type { Host } from '../model/host.ts';
import type { Policy, TrustPolicy } from '../model/policy.ts';
import type { Grounds, VerifyRequest } from '../model/request.ts';
import type { Registry } from '../registry/index.ts';
import type { Trust } from '../sigstore/index.ts';

/** What a run has opened by the time it can say what it rests on. */
export type Opened = {
  /** The folder of the lockfile, absolute. */
  readonly project: string;
  readonly policy: Policy;
  readonly registry: Pick<Registry, 'configFiles' | 'cacheDirectory'>;
  readonly trust: Pick<Trust, 'digest'>;
  readonly request: VerifyRequest;
};

/** Policies, npm's configuration, keys and trust roots; and until when the policy judges the same. */
export function groundsOf(
  { cwd, now }: Pick<Host, 'cwd' | 'now'>,
  { project, policy, registry, trust, request }: Opened,
): Grounds {
  const { cacheDirectory, configFiles } = registry;
  return {
    project,
    folders: cacheDirectory === undefined ? [] : [join(cacheDirectory, 'trust')],
    files: [
      ...(policy.files ?? []),
      ...policy.registries.flatMap(({ keys }) => keys ?? []),
      ...configFiles,
      // A vendored gate is compared with it.
      join(project, 'node_modules/npmsign/dist/gate.mjs'),
      ...trustFiles(policy.trust),
      ...(request.trustedRoot === undefined ? [] : [resolve(cwd, request.trustedRoot)]),
      // Its index lists everything else in the folder by digest.
      ...(request.evidence === undefined ? [] : [resolve(cwd, request.evidence, 'evidence.json')]),
    ],
    trust: trust.digest,
    until: untilFor(policy, now),
  };
}

function trustFiles({ root }: TrustPolicy): readonly string[] {
  switch (root.kind) {
    case 'public-good':
      return [];
    case 'file':
      return [root.path];
    case 'tuf':
      return [root.root];
  }
}

/** Until the first exemption ends. Who wants the trust root refreshed at every run wants every run. */
function untilFor({ exemptions, trust }: Policy, now: Date): number {
  if (trust.refresh === 'always') return now.getTime();
  const ends = exemptions.map(endOf).filter((end) => end > now.getTime());
  return Math.min(Number.MAX_SAFE_INTEGER, ...ends);
}
