/** The world an attack takes place in: a registry known to sign everything, projects made for it, and the command that judges them. */
import { main } from '../../lib/cli/main.ts';
import type { CheckId } from '../../lib/model/policy.ts';
import { aHost, NOW } from '../support/host.ts';
import {
  aPackageLock,
  aProject,
  dependenciesOn,
  type LockedPackage,
  type PackageLockJson,
  type Project,
} from '../support/project.ts';
import {
  type LoopbackRegistry,
  type Published,
  type RegistryOptions,
  startRegistry,
} from '../support/registry/index.ts';
import { keysTargetJson } from '../support/sigstore/index.ts';
import { aTempDirectory } from '../support/temp.ts';
import { type Judgement, judgementOf } from './judgement.ts';

/** A registry and the moment everything is judged at. */
export type World = {
  readonly registry: LoopbackRegistry;
  readonly now: Date;
  /** That many hours before the world's moment. */
  readonly hoursAgo: (hours: number) => Date;
  readonly daysAgo: (days: number) => Date;
  readonly close: () => Promise<void>;
};

/** Policy, lockfile and what else makes a project. Everything has an ordinary default. */
export type CaseRequest = {
  readonly packages: readonly (Published | LockedPackage)[];
  /** Alters the lockfile npm would have written. */
  readonly lockfile?: (lock: PackageLockJson) => void;
  /** Parts of the policy, laid over `extends: recommended` and the minted world. */
  readonly policy?: PolicyJson;
  readonly packageJson?: Readonly<Record<string, unknown>>;
  readonly files?: Readonly<Record<string, string | object>>;
  /** Further lines of `.npmrc`. */
  readonly npmrc?: readonly string[];
};

/** A policy as a user writes it. */
export type PolicyJson = {
  readonly extends?: string;
  readonly checks?: Readonly<Record<string, unknown>>;
  readonly overrides?: readonly object[];
  readonly exemptions?: readonly object[];
  readonly registries?: Readonly<Record<string, object>>;
  readonly trust?: object;
};

/** How one run differs from the ordinary one: a fresh home, an empty cache, the world's moment, every check as the policy has it. */
export type RunRequest = {
  readonly off?: readonly CheckId[];
  readonly now?: Date;
  /** The user's home, cache included, to run with it twice. */
  readonly home?: string;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
};

/** A project that can be judged. */
export type Case = Project & { readonly judge: (request?: RunRequest) => Promise<Judgement> };

/** Starts a world. Its registry is judged as the public npm registry is: it signs everything, and says when it published what. */
export async function aWorld(options: RegistryOptions = {}): Promise<World> {
  const registry = await startRegistry({ identity: 'npm', ...options });
  const now = options.now ?? NOW;
  const hoursAgo = (hours: number): Date => new Date(now.getTime() - hours * 3_600_000);
  return {
    registry,
    now,
    hoursAgo,
    daysAgo: (days) => hoursAgo(days * 24),
    close: () => registry.close(),
  };
}

/** A project with a lockfile and a policy, on disk. */
export function aCase(world: World, request: CaseRequest): Case {
  const { policy = {}, npmrc = [], files = {} } = request;
  const published = request.packages.map((one) => ('published' in one ? one.published : one));
  const lock = aPackageLock(request.packages);
  request.lockfile?.(lock);
  const project = aProject({
    packageJson: { dependencies: dependenciesOn(published), ...request.packageJson },
    lockfile: lock,
    npmrc: [`registry=${world.registry.url}`, ...IMPATIENT, ...npmrc],
    files: {
      'trusted_root.json': world.registry.sigstore.trustedRoot(),
      'registry-keys.json': keysTargetJson(world.registry.sigstore.registryKeys.all),
      '.npmsignrc': policyOf(world, policy),
      ...files,
    },
  });
  return {
    ...project,
    async judge({ off = [], now = world.now, home, flags = [], env = {} } = {}) {
      if (off.length > 0) project.write('.npmsignrc', policyOf(world, switchedOff(policy, off)));
      const host = aHost({ cwd: project.dir, now, env: { ...homeEnvironment(home), ...env } });
      const code = await main(['verify', '--format', 'json', '--no-remember', ...flags], host);
      if (off.length > 0) project.write('.npmsignrc', policyOf(world, policy));
      return judgementOf({ code, stdout: host.stdout(), stderr: host.stderr() });
    },
  };
}

/** The preset `recommended` for the minted world, and whatever is laid over it. */
export function policyOf({ registry }: World, over: PolicyJson = {}): object {
  return {
    extends: 'recommended',
    registries: { [registry.url]: { mirrorOf: 'npm', keys: './registry-keys.json' } },
    trust: { root: './trusted_root.json', refresh: 'never' },
    ...over,
  };
}

/** The policy with these checks off, for every package and whatever else it says. */
export function switchedOff(policy: PolicyJson, off: readonly CheckId[]): PolicyJson {
  const checks = Object.fromEntries(off.map((check) => [check, 'off']));
  return {
    ...policy,
    checks: { ...policy.checks, ...checks },
    overrides: [...(policy.overrides ?? []), { packages: ['**'], checks }],
  };
}

/** Nothing listens there: every connection is refused, as without a network. */
const NOWHERE = 'http://127.0.0.1:9/';

/**
 * An environment in which nothing of this machine's npm is seen, and from which nothing but loopback is reached. A new home, and with it an
 * empty cache, unless one is given.
 */
export function homeEnvironment(home = aTempDirectory('home')): Record<string, string> {
  return {
    HOME: home,
    USERPROFILE: home,
    LOCALAPPDATA: home,
    APPDATA: home,
    PREFIX: home,
    npm_config_cache: `${home}/npm-cache`,
    npm_config_proxy: NOWHERE,
    npm_config_https_proxy: NOWHERE,
    npm_config_noproxy: '127.0.0.1',
  };
}

/** Retries at once. A busy machine answers late: where the answer is to be late, a test says how long it waits. */
const IMPATIENT = ['fetch-retry-mintimeout=1', 'fetch-timeout=20000'];
