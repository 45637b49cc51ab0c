/** The way from a lockfile to a folder of evidence: asks what verifying would ask, and takes the answers down. */
import { draftEvidence, type Published } from '../carry/index.ts';
import { UsageError } from '../errors.ts';
import { collectEvidence } from '../evidence/index.ts';
import type { Host } from '../model/host.ts';
import type { Notice } from '../model/report.ts';
import type { VerifyRequest } from '../model/request.ts';
import { openProject } from '../project/index.ts';
import { openSources } from '../sources/index.ts';

/** Whose evidence, and where to. Paths are relative to `host.cwd`. */
export type ExportRequest = Omit<VerifyRequest, 'evidence' | 'installed' | 'requireGate' | 'onGrounds'> & {
  readonly directory: string;
};

/** What became of it. Nothing is judged, and nothing is written unless everything could be had. */
export type Exported = { readonly notices: readonly Notice[] } & (
  | (Published & { readonly kind: 'written'; readonly packages: number })
  /** As `url: reason`, sorted; safe to print. */
  | { readonly kind: 'incomplete'; readonly missing: readonly string[] }
);

/**
 * Exports everything a machine without a network needs to judge the lockfile under its policy. Throws `NpmsignError` where the work itself
 * cannot be done; `UsageError` where the folder's place is taken.
 */
export async function exportEvidence(host: Host, request: ExportRequest): Promise<Exported> {
  if ('evidence' in request && request.evidence !== undefined) {
    throw new UsageError(
      'BAD_FLAG_VALUE',
      'Evidence is exported from registries, not from a folder of evidence.',
      {
        hint: 'Leave --evidence and NPMSIGN_EVIDENCE out, or copy the folder.',
      },
    );
  }
  const { policy, tree, notices: aboutProject } = await openProject(host, request);
  const draft = draftEvidence(host, request.directory);
  const stopListening = host.self?.onSignal((signal) => {
    stopListening?.();
    draft.discard();
    host.self?.endBy(signal);
  });
  try {
    const sources = await openSources(host, policy, { ...request, recorder: draft.recorder });
    try {
      await collectEvidence(tree, sources, (progress) =>
        request.onProgress?.({ stage: 'collecting', ...progress }),
      );
    } finally {
      await sources.registry.close();
    }
    const notices = [
      ...aboutProject,
      ...sources.trust.notices,
      ...sources.registry.notices(),
      ...draft.notices(),
    ];
    const missing = draft.missing();
    if (missing.length > 0) return { kind: 'incomplete', missing, notices };
    const published = draft.publish(sources.trust.archive);
    return { kind: 'written', ...published, packages: tree.packages.length, notices };
  } finally {
    stopListening?.();
    draft.discard();
  }
}
