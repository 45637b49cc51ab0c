/** The project that is judged, and the policy it is judged by: those of the root that its package manager installs from. */
import { dirname, relative, resolve } from 'node:path';
import { PolicyFileError } from '../errors.ts';
import type { Host } from '../model/host.ts';
import type { Tree } from '../model/package.ts';
import type { Policy } from '../model/policy.ts';
import type { Notice } from '../model/report.ts';
import type { VerifyRequest } from '../model/request.ts';
import { findPoliciesBelow, loadPolicy } from '../policy/index.ts';
import { tame } from '../text/sanitize.ts';
import { findProject, findRoot, readTree } from '../tree/index.ts';

/** Which files are meant, where they are named; relative to `host.cwd`. */
export type ProjectRequest = Pick<VerifyRequest, 'policy' | 'lockfile'>;

/** A policy, and the tree it is about. */
export type Project = {
  readonly policy: Policy;
  readonly tree: Tree;
  /** The folder of the lockfile, absolute. */
  readonly folder: string;
  /** What a reader in `host.cwd` might not expect of them. */
  readonly notices: readonly Notice[];
};

/** Reads policy and lockfile of the project `host.cwd` is in. Throws `PolicyFileError`, `TreeError`. */
export async function openProject(host: Host, request: ProjectRequest): Promise<Project> {
  const { root, lockfile } = await findPlace(host, request);
  const { policy, notices } = await policyAt(host, { root, named: request.policy });
  const tree = await readTree(host, lockfile);
  const isAbove = request.lockfile === undefined && resolve(host.cwd) !== root;
  return {
    policy,
    tree,
    folder: dirname(resolve(host.cwd, tree.lockfile.path)),
    notices: [...(isAbove ? [aboveNotice(root)] : []), ...notices],
  };
}

/** The policy alone, as {@link openProject} reads it. */
export async function openPolicy(host: Host, request: ProjectRequest): Promise<Policy> {
  const { root } = await findPlace(host, request);
  return (await policyAt(host, { root, named: request.policy })).policy;
}

/** A lockfile that is named may be one of several, or lie anywhere: the policy is that of where npmsign was started. */
async function findPlace(
  host: Host,
  { lockfile }: ProjectRequest,
): Promise<{ root: string; lockfile?: string }> {
  return lockfile === undefined ? findProject(host) : { root: await findRoot(host), lockfile };
}

async function policyAt(
  host: Host,
  { root, named }: { readonly root: string; readonly named: string | undefined },
): Promise<{ readonly policy: Policy; readonly notices: readonly Notice[] }> {
  const at = { ...host, cwd: root };
  if (named !== undefined) return { policy: await loadPolicy(at, resolve(host.cwd, named)), notices: [] };
  const policy = await loadPolicy(at);
  const unused = await findPoliciesBelow(root, host.cwd);
  if (policy.path === undefined) refuseUnused(unused, root);
  return { policy, notices: unused.map((file) => unusedNotice(file, root)) };
}

// Somebody wrote a policy for what is about to be judged. To judge by a preset, without a word, would be to ignore it.
function refuseUnused([file]: readonly string[], root: string): void {
  if (file === undefined) return;
  const inside = shownFrom(root, file);
  throw new PolicyFileError(
    'POLICY_MISSING',
    `The project in ${tame(root, 200)} has no policy; ${inside} lies in one of its folders and does not apply to all of it.`,
    { hint: `Move it beside the lockfile, or name it with --policy <file>.` },
  );
}

function aboveNotice(root: string): Notice {
  return {
    code: 'PROJECT_ABOVE',
    message: `this folder is part of the project in ${tame(root, 400)}, which is judged`,
  };
}

function unusedNotice(file: string, root: string): Notice {
  const message = `${shownFrom(root, file)} is not used: the lockfile is the whole project's, and so is the policy`;
  return { code: 'POLICY_NOT_USED', message };
}

function shownFrom(root: string, file: string): string {
  return tame(relative(root, file).replaceAll('\\', '/'), 400);
}
