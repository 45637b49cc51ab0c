/** The author's side of the front door: what a project does with its own packages. */
import type { Host } from '../model/host.ts';
import type { Policy } from '../model/policy.ts';
import type { OpenPage, SigningWorld, SignOutcome } from '../sign/index.ts';

export type { OpenPage, SignOutcome, UnsignedCode } from '../sign/index.ts';
export type { SignedBundle } from '../sigstore/index.ts';

/** Set to 1 by whoever packs and then signs the tarball itself: `npmsign sign` in `postpack` leaves it alone. */
export const SIGNED_LATER = 'NPMSIGN_SIGNS_LATER';

/** What may be asked of a signature; everything has a default. Paths are relative to `host.cwd`. */
export type SignRequest = {
  /** Absent: what npm hands to `postpack`. */
  readonly tarball?: string;
  /** Where the bundle is written: beside the tarball, or where npm looks for it, unless given. */
  readonly output?: string;
  readonly policy?: string;
  readonly trustedRoot?: string;
  readonly registry?: string;
  readonly offline?: boolean;
  /** Opens the page on which a person signs in; the system's browser unless given. */
  readonly openPage?: OpenPage;
};

/**
 * Signs one package: a tarball, or inside `postpack` the digest npm hands over. The bundle is written only once it verifies. Throws
 * `NpmsignError`: `SigningError` with the service at fault, `PolicyFileError`, or `UsageError` where there is nothing to sign.
 */
export async function sign(host: Host, request: SignRequest = {}): Promise<SignOutcome> {
  // npm waits for its scripts: with nothing to sign, nothing is loaded.
  const idle = request.tarball === undefined ? nothingToSignIn(host.env) : undefined;
  if (idle !== undefined) return idle;
  // Loaded while the disk gives the policy, all at once: npm waits.
  const rooms = Promise.all([
    import('../sign/index.ts'),
    import('../registry/index.ts'),
    import('../opening/index.ts'),
  ]);
  const policy = await loadPolicyFor(host, request);
  const [{ sign: signWith }] = await rooms;
  return signWith(host, {
    ...request,
    policy: policy.sign,
    open: () => openWorld(host, policy, request),
  });
}

/** Why npm's `postpack` has nothing to sign, where that can be told from the environment alone. */
export function nothingToSignIn(env: Host['env']): SignOutcome | undefined {
  if (env[SIGNED_LATER] === '1') {
    return { kind: 'unsigned', code: 'SIGNED_LATER', because: 'the packed tarball is signed afterwards' };
  }
  if (env['npm_lifecycle_event'] === 'postpack' && env['npm_config_dry_run'] === 'true') {
    return { kind: 'unsigned', code: 'DRY_RUN', because: 'this is a dry run' };
  }
  return undefined;
}

/** In a workspace npm runs scripts in the workspace's folder, and says where the project is. */
async function loadPolicyFor(host: Host, request: SignRequest): Promise<Policy> {
  const { loadPolicy } = await import('../policy/index.ts');
  const policy = await loadPolicy(host, request.policy);
  const root = host.env['npm_config_local_prefix'];
  const isNpm = host.env['npm_config_user_agent']?.startsWith('npm/') ?? false;
  if (policy.path !== undefined || root === undefined || root === '' || !isNpm) return policy;
  return loadPolicy({ ...host, cwd: root }, request.policy);
}

async function openWorld(host: Host, policy: Policy, request: SignRequest): Promise<SigningWorld> {
  const { createRegistry } = await import('../registry/index.ts');
  const { openTrustFor, registryOptions } = await import('../opening/index.ts');
  const registry = await createRegistry(host, registryOptions(policy, request));
  return {
    trust: await openTrustFor(host, { policy, request, registry }),
    ask: registry.service,
    isPublicRegistry: (name, stated) => registry.destinationOf(name, stated).isNpm,
    close: registry.close,
  };
}
