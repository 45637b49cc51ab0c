/** The strong gate: the manager is let install what was judged, and only once it was. */
import path from 'node:path';
import { ManagerError, TreeError } from '../errors.ts';
import type { EndSignal, Host } from '../model/host.ts';
import type { Notice, Report } from '../model/report.ts';
import { tame } from '../text/sanitize.ts';
import type { Task } from './arguments.ts';
import { assertNoScannerPackage } from './bun-lockstep.ts';
import { inheritable } from './environment.ts';
import { findManager } from './find.ts';
import { assertJudged, assertUnchanged, readLockfileState } from './lockfile.ts';
import type { Manager } from './manager.ts';
import { assertInstalls, exitCodeOf, perform, type StepRun } from './perform.ts';
import { type Plan, planOf, type Step, withFlags } from './plan.ts';
import { assertNoConfigDependencies } from './pnpm-config.ts';
import { type Project, type ProjectPlace, readProject } from './project.ts';
import { healProject, keepProject } from './recovery.ts';
import { fillSealedCache, type SealedCache, type SealRequest } from './sealed-cache.ts';
import { Interrupted, type Watch, watched } from './watch.ts';

/** What is to be installed, how it is judged, and whom to tell. */
export type GateRequest = {
  /** The manager's own arguments. */
  readonly args: readonly string[];
  /** Where the project of a host is, and its lockfile if there is one. */
  readonly findPlace: (host: Host) => Promise<ProjectPlace>;
  /** Variables by which gates inside the manager know that it only resolves. */
  readonly resolving: Readonly<Record<string, string>>;
  /** Variables by which they know that what is installed was judged before anything was fetched. */
  readonly asked: Readonly<Record<string, string>>;
  readonly judge: (host: Host) => Promise<Report>;
  /** Present where the manager is to install from a sealed cache: has the bytes of what was judged. npm only. */
  readonly openTarballs?: (host: Host) => Promise<Tarballs>;
  /** Called with the report before anything is installed, and when nothing will be. */
  readonly onReport: (report: Report) => Promise<void>;
  /** Called with each command before it runs, as a person would write it. */
  readonly onCommand: (command: string) => void;
  readonly onNotice: (notice: Notice) => void;
};

/** Tarballs, proved to be those a lockfile pins. Close it. */
export type Tarballs = { readonly tarball: SealRequest['tarball']; readonly close: () => Promise<void> };

/** What came of it. */
export type Gated =
  /** The policy is not met: nothing was fetched, and the project is as it was. */
  | { readonly kind: 'refused'; readonly effect: Report['effect'] }
  /** The manager ran to its end; the exit code is its own, or 128 and the number of the signal it was ended by. */
  | { readonly kind: 'ended'; readonly code: number }
  /** A signal asked npmsign to end; the project is as it was. */
  | { readonly kind: 'interrupted'; readonly signal: EndSignal };

/**
 * Judges, then lets the manager install; for `install` after it has resolved. Throws `NpmsignError`: `ManagerError` where the project's
 * manager cannot be run so, `GateError` where the lockfile changed meanwhile, and what judging throws. The project is then as it was.
 */
export async function gate(host: Host, task: Task, request: GateRequest): Promise<Gated> {
  // What a manager has told its script is not meant for the manager we run, nor for the judgement.
  const own = { ...host, env: inheritable(host.env) };
  try {
    return await watched(own, (watch) => enter({ host: own, request, watch }, task));
  } catch (error) {
    if (error instanceof Interrupted) return { kind: 'interrupted', signal: error.signal };
    throw error;
  }
}

type Entry = { readonly host: Host; readonly request: GateRequest; readonly watch: Watch };
/** A run whose project and manager are known. */
type Run = Entry & { readonly root: string; readonly manager: Manager };

function stepRun({ host, request, watch, root, manager }: Run): StepRun {
  return { host, watch, root, manager, onCommand: request.onCommand };
}

async function enter(entry: Entry, task: Task): Promise<Gated> {
  const { host, request } = entry;
  const { root } = await request.findPlace(host);
  for (const notice of await healProject(host, root)) request.onNotice(notice);
  const project = await readProject(await request.findPlace(host));
  const manager = await findManager(host, project);
  const plan = planOf({ kind: manager.kind, task, args: request.args, root });
  if (manager.kind === 'bun' && task === 'install') await assertNoScannerPackage(root);
  if (request.openTarballs !== undefined && manager.kind !== 'npm') throw notSealable(manager);
  for (const notice of versionNotices(manager, project)) request.onNotice(notice);
  const run: Run = { ...entry, root, manager };
  return task === 'ci' ? installJudged(run, plan.install, project.lockfile) : resolveFirst(run, plan);
}

/** Whatever happens between the first change and the finished install, the project is put back. */
async function resolveFirst(run: Run, plan: Plan): Promise<Gated> {
  const kept = await keepProject(run.host, run.root);
  const putBack = async (): Promise<void> => {
    const restored = await kept.restore();
    if (restored.length > 0) run.request.onNotice(restoredNotice(restored));
  };
  const outcome = await resolveThenInstall(run, plan).catch(async (error: unknown) => {
    await putBack();
    throw error;
  });
  if (outcome.kind === 'ended' && outcome.code === 0) await kept.forget();
  else await putBack();
  return outcome;
}

async function resolveThenInstall(run: Run, { resolve, install }: Plan): Promise<Gated> {
  if (resolve !== undefined) {
    if (run.manager.kind === 'pnpm') await assertNoConfigDependencies(run.root);
    const quiet = { ...resolve, env: { ...resolve.env, ...run.request.resolving } };
    const code = exitCodeOf(await perform(stepRun(run), quiet, 'notes'));
    run.watch.check();
    if (code !== 0) return { kind: 'ended', code };
  }
  const { lockfile } = await run.request.findPlace(run.host);
  return installJudged(run, install, lockfile);
}

async function installJudged(run: Run, step: Step, lockfile: string | undefined): Promise<Gated> {
  const { host, request, watch, manager } = run;
  if (lockfile === undefined) throw lockfileMissing(run);
  const before = await readLockfileState(lockfile, manager.kind);
  const report = await watch.during(request.judge(judging(host, manager)));
  await request.onReport(report);
  if (report.effect === 'fail' || report.effect === 'unverified') {
    return { kind: 'refused', effect: report.effect };
  }
  await assertInstalls(stepRun(run), lockfile);
  await assertJudged(path.resolve(host.cwd, report.lockfile.path), before);
  await assertUnchanged(before, manager.kind, 'before');
  watch.check();
  const sealed = await sealedCacheFor(run, report, lockfile);
  try {
    const last = sealedStep({ ...step, env: { ...step.env, ...request.asked } }, sealed);
    const code = exitCodeOf(await perform(stepRun(run), last, 'result'));
    if (code !== 0) watch.check();
    await assertUnchanged(before, manager.kind, 'after');
    return { kind: 'ended', code };
  } finally {
    await sealed?.remove();
  }
}

async function sealedCacheFor(
  { request, host, watch }: Run,
  { verdicts }: Report,
  lockfile: string,
): Promise<SealedCache | undefined> {
  if (request.openTarballs === undefined) return undefined;
  const { tarball, close } = await request.openTarballs(host);
  try {
    const packages = verdicts.map((verdict) => verdict.package);
    return await watch.during(fillSealedCache({ packages, lockfile, platform: host.platform, tarball }));
  } finally {
    await close();
  }
}

/**
 * npm may ask nobody, and finds what it was judged by in that cache alone. Said by variables too: npm would take the first of our flags for
 * the value of a last one of the person's that lacks it.
 */
function sealedStep(step: Step, sealed: SealedCache | undefined): Step {
  if (sealed === undefined) return step;
  const { folder } = sealed;
  return {
    ...step,
    args: withFlags(step.args, ['--offline', `--cache=${folder}`]),
    env: { ...step.env, npm_config_offline: 'true', npm_config_cache: folder },
  };
}

/** The host as npm shows itself: which lockfile counts is a matter of npm's version. */
function judging(host: Host, { kind, version }: Manager): Host {
  if (kind !== 'npm') return host;
  return { ...host, env: { ...host.env, npm_config_user_agent: `npm/${version} npmsign` } };
}

function lockfileMissing({ root, manager }: Run): TreeError {
  return new TreeError('LOCKFILE_MISSING', `${tame(root, 200)} has no lockfile of ${manager.name}.`, {
    hint:
      manager.kind === 'yarn-classic'
        ? 'Run yarn install --ignore-scripts to write one, then npmsign verify.'
        : 'Run npmsign install to write one.',
  });
}

function notSealable({ name }: Manager): ManagerError {
  return new ManagerError('MANAGER_ARGUMENT', `--sealed is for npm, and this project uses ${name}.`, {
    hint: `Without it ${name} fetches what was judged, and compares it with the lockfile.`,
  });
}

/** The manager that runs is the one that was found: it is told neither to fetch another version of itself nor to mind. */
function versionNotices({ name, version, program }: Manager, { wanted }: Project): readonly Notice[] {
  if (wanted === undefined || wanted === version) return [];
  const file = tame(program.first[0] ?? program.file, 200);
  const message = `package.json asks for ${name} ${tame(wanted, 60)}; ${file} is ${version}, and that one runs.`;
  return [{ code: 'MANAGER_VERSION', message }];
}

function restoredNotice(files: readonly string[]): Notice {
  const names = files.map((name) => tame(name, 200)).join(', ');
  const message = `${names} ${files.length === 1 ? 'is' : 'are'} as before.`;
  return { code: 'PROJECT_RESTORED', message };
}
