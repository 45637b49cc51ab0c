/** The front door of the room that edits a project's files: what `init` writes, and how it is taken back. */
import type { Report } from '../model/report.ts';
import type { Baseline, SetupManager, SetupPlan } from '../model/setup.ts';
import { baselineOf } from './baseline.ts';
import { readFiles } from './files.ts';
import { canReviewScripts } from './npm-version.ts';
import { GATE } from './places.ts';
import type { SetupRequest } from './plan.ts';

export { writeChanges } from './files.ts';
export { gateNotices, readShippedGate } from './gate-file.ts';
export { findMissingGate, readLockfileDigest, writeGateRun } from './gate-run.ts';
export type { SetupRequest } from './plan.ts';
export { ASKED_BEFORE, RESOLVES_ONLY } from './resolving.ts';

/** What today's tree violates, for a project of this manager: npm 11.16 and later can have scripts reviewed, everything else is waived. */
export function baselineFor(
  report: Report,
  { manager, now }: { readonly manager: SetupManager; readonly now: Date },
): Baseline {
  return baselineOf(report, { now, canPin: canReviewScripts(manager) });
}

/** Does the project already vendor a gate: was npmsign adopted before? */
export async function isAdopted(project: string): Promise<boolean> {
  return (await readFiles(project, [GATE])).has(GATE);
}

// The parsers that edit files are loaded when somebody edits: every other run uses this door too.

/** What would be written. Reads, and writes nothing. Throws `SetupError`. */
export async function planSetup(request: SetupRequest): Promise<SetupPlan> {
  return (await import('./plan.ts')).planSetup(request);
}

/** What taking everything back comes to; nothing where nothing was recorded. Throws `SetupError`. */
export async function planRemoval(project: string): Promise<SetupPlan> {
  return (await import('./plan.ts')).planRemoval(project);
}
