/** The way from a lockfile to a report, and from a report to words: what nearly every run is for, without what it does not need. */
import { checks } from '../checks/index.ts';
import { evaluate, suggestionFor } from '../evaluate/index.ts';
import { collectEvidence, type Sources } from '../evidence/index.ts';
import { guardNotices } from '../guard/index.ts';
import { lockNotices, readLock } from '../lock/index.ts';
import type { Evidence } from '../model/evidence.ts';
import type { Host } from '../model/host.ts';
import type { Tree } from '../model/package.ts';
import type { Report } from '../model/report.ts';
import type { VerifyRequest } from '../model/request.ts';
import { openProject } from '../project/index.ts';
import { type Format, type RenderStyle, renderSuggestion, render as renderWith } from '../report/index.ts';
import { groundsOf, openSources } from '../sources/index.ts';
import { readAllowances } from '../tree/index.ts';
import { VERSION } from '../version.ts';
import { otherRegistries } from './other-registries.ts';
import { passedBefore } from './passed.ts';

/**
 * Judges the project's lockfile under its policy. A bad package is a verdict in the report;
 * throws `NpmsignError` when the work itself cannot be done (policy, lockfile, trust root).
 */
export async function verify(host: Host, request: VerifyRequest = {}): Promise<Report> {
  await host.self?.optimiseLate?.();
  const opened = await openProject(host, request);
  const { policy, tree: read, folder: project } = opened;
  if (read.packages.length > MANY) await host.self?.saveMemory?.();
  const [allowances, lock] = await Promise.all([readAllowances(host, project), readLock(host, project)]);
  const sources = await openSources(host, policy, request);
  try {
    const grounds = groundsOf(host, { project, policy, ...sources, request });
    request.onGrounds?.(grounds);
    const { tree, notices } = await hashed(read, sources.registry, request);
    const recalled = request.recall?.(grounds);
    const [evidence, aboutGates] = await Promise.all([
      collectEvidence(tree, { ...sources, ...(recalled && { recalled }) }, (progress) =>
        request.onProgress?.({ stage: 'verifying', ...progress }),
      ),
      guardNotices(host, {
        project,
        lockfile: tree.lockfile.path,
        requireGate: request.requireGate ?? false,
      }),
    ]);
    const before = recalled && passedBefore(recalled, { policy, allowances, lock, evidence });
    const installed =
      request.installed === true ? await inspect({ project, tree, evidence, sources, request }) : undefined;
    const report = evaluate({
      policy,
      tree,
      evidence,
      allowances,
      ...(lock === undefined ? {} : { lock }),
      ...(before && { passed: before.passed }),
      now: host.now,
      trust: sources.trust.origin,
      tool: { name: 'npmsign', version: VERSION },
      notices: [
        ...opened.notices,
        ...sources.trust.notices,
        ...sources.registry.notices(),
        ...otherRegistries(tree, { project, registry: sources.registry }),
        ...notices,
        ...lockNotices(tree, lock),
        ...aboutGates,
        ...(installed?.notices ?? []),
      ],
    });
    before?.remember(report);
    recalled?.close();
    return installed === undefined ? report : { ...report, installed: installed.found };
  } finally {
    await sources.registry.close();
  }
}

/** Packages of a tree so large that memory counts for more than a few hundredths of the time. */
const MANY = 2000;

/** The tree as it was read, or with the hashes of tarballs that were fetched because somebody asked for that. */
async function hashed(tree: Tree, { manifest, tarball }: Sources['registry'], request: VerifyRequest) {
  if (request.hashTarballs !== true) return { tree, notices: [] };
  const { hashTree } = await import('../installed/index.ts');
  return hashTree(tree, {
    ...{ manifest, tarball },
    onProgress: (progress) => request.onProgress?.({ stage: 'hashing', ...progress }),
  });
}

type Inspection = {
  readonly project: string;
  readonly tree: Tree;
  readonly evidence: ReadonlyMap<string, Evidence>;
  readonly sources: Sources;
  readonly request: VerifyRequest;
};

/** What lies in node_modules, beside the tarballs the lockfile pins. */
async function inspect({ project, tree, evidence, sources, request }: Inspection) {
  const { compareInstalled, installedNotices } = await import('../installed/index.ts');
  const found = await compareInstalled({
    project,
    tree,
    tarball: sources.registry.tarball,
    runsScripts({ key, hasInstallScript }) {
      const manifest = evidence.get(key)?.manifest;
      return (
        hasInstallScript === true || (manifest?.status === 'told' && manifest.value.installScripts.length > 0)
      );
    },
    onProgress: (progress) => request.onProgress?.({ stage: 'comparing', ...progress }),
  });
  return { found, notices: installedNotices(found) };
}

/** Renders a report. */
export function render(report: Report, format: Format, style: RenderStyle): string {
  return renderWith(report, format, { ...style, rules: checks });
}

/** The smallest policy edit that would let a run pass, as YAML; empty when it passes. Nothing is applied. */
export function suggest(report: Report): string {
  return renderSuggestion(suggestionFor(report));
}
