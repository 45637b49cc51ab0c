/** Tells files as a reader in the project would: relative to it, with forward slashes. */
import type { Outcome, Report, Verdict } from '../model/report.ts';

/** The same report with lockfile, policy and policy places named relative to the project's absolute path. */
export function withProjectPaths(report: Report, root: string): Report {
  const { lockfile, policy } = report;
  return {
    ...report,
    lockfile: { ...lockfile, path: inside(lockfile.path, root) },
    policy: { ...policy, ...(policy.path === undefined ? {} : { path: inside(policy.path, root) }) },
    verdicts: report.verdicts.map((verdict) => verdictInside(verdict, root)),
  };
}

function verdictInside(verdict: Verdict, root: string): Verdict {
  return { ...verdict, outcomes: verdict.outcomes.map((outcome) => outcomeInside(outcome, root)) };
}

function outcomeInside(outcome: Outcome, root: string): Outcome {
  const { decidedBy, exemption } = outcome;
  const at = exemption?.at;
  return {
    ...outcome,
    ...(decidedBy === undefined ? {} : { decidedBy: inside(decidedBy, root) }),
    ...(exemption === undefined || at === undefined
      ? {}
      : { exemption: { ...exemption, at: inside(at, root) } }),
  };
}

function inside(path: string, root: string): string {
  const folder = root.replace(/[\\/]+$/, '');
  const separator = path.charAt(folder.length);
  if (!path.startsWith(folder) || (separator !== '/' && separator !== '\\')) return path;
  return path.slice(folder.length + 1).replaceAll('\\', '/');
}
