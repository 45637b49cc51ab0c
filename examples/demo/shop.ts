/** The demo's world: a registry and a Sigstore on loopback, honest packages, and a small project that depends on them. */
import { copyFileSync, mkdirSync } from 'node:fs';
import {
  aPackageLock,
  aProject,
  type CanaryRequest,
  dependenciesOn,
  type PackageLockJson,
  type Project,
  publishCanary,
} from '../../test/support/project.ts';
import { type LoopbackRegistry, type Published, startRegistry } from '../../test/support/registry/index.ts';
import { keysTargetJson } from '../../test/support/sigstore/index.ts';

/** Everything the acts of the demo share. */
export type Shop = {
  readonly registry: LoopbackRegistry;
  /** Built from its release tag, with provenance. Its postinstall script was reviewed and is allowed. */
  readonly lib: Published;
  /** What `lib` depends on: provenance too. */
  readonly tiny: Published;
  /** Somebody else's: signed by the registry, no provenance, no scripts. */
  readonly pad: Published;
  /** That many days ago. The gate lives by the real clock, and so does this world. */
  readonly daysAgo: (days: number) => Date;
  /** Publishes another version of `@acme/lib` with the same dependencies and script. */
  readonly publishLib: (request: Omit<CanaryRequest, 'name'>) => Published;
  /** A fresh copy of the project, with other packages in its lockfile where that is asked for. */
  readonly project: (
    changed?: Partial<Pick<Shop, 'lib' | 'pad'>>,
    alter?: (lock: PackageLockJson) => void,
  ) => Project;
  readonly policy: string;
  readonly close: () => Promise<void>;
};

/** Opens the shop: starts the registry and publishes the honest packages. `gate` is the built gate its projects vendor. */
export async function openShop(gate: string): Promise<Shop> {
  const registry = await startRegistry({ identity: 'npm' });
  const opened = Date.now();
  const daysAgo = (days: number): Date => new Date(opened - days * 86_400_000);
  const tiny = registry.publish({ name: '@acme/tiny', version: '1.4.2', at: daysAgo(90), attest: {} });
  const publishLib: Shop['publishLib'] = (request) =>
    publishCanary(registry, {
      name: '@acme/lib',
      scripts: ['postinstall'],
      dependencies: { '@acme/tiny': '^1.4.0' },
      ...request,
    });
  const lib = publishLib({ version: '2.1.0', at: daysAgo(40), attest: {} });
  const pad = registry.publish({ name: 'pad-right', version: '1.3.0', at: daysAgo(400) });
  const policy = policyFor(registry);
  return {
    ...{ registry, lib, tiny, pad, daysAgo, publishLib, policy },
    close: () => registry.close(),
    project: (changed = {}, alter = () => undefined) =>
      projectWith(
        { registry, policy, gate, packages: [changed.lib ?? lib, tiny, changed.pad ?? pad] },
        alter,
      ),
  };
}

/** What the project demands. Paths are relative to the policy file. */
function policyFor({ url }: LoopbackRegistry): string {
  return `extends: recommended
checks:
  registry-signature: error            # every package is signed by the registry
  minimum-age: [error, { days: 3 }]    # and public for three days
overrides:
  - packages: ["@acme/*"]              # our own: built by our release workflow, from the tag of that version
    checks:
      provenance: error
      source-repository: [error, { allow: ["https://github.com/acme/*"] }]
      source-ref: [error, { allow: ["refs/tags/v\${version}"] }]
      build-workflow: [error, { allow: [".github/workflows/release.yml"] }]
      build-trigger: [error, { allow: [push, release] }]
registries:
  "${url}": { mirrorOf: npm, keys: ./registry-keys.json }
trust: { root: ./trusted_root.json }
`;
}

type Layout = {
  readonly registry: LoopbackRegistry;
  readonly policy: string;
  readonly gate: string;
  readonly packages: readonly Published[];
};

function projectWith(
  { registry, policy, gate, packages }: Layout,
  alter: (lock: PackageLockJson) => void,
): Project {
  const lockfile = aPackageLock(packages);
  alter(lockfile);
  const project = aProject({
    packageJson: {
      name: 'shop',
      dependencies: dependenciesOn(packages),
      scripts: { preinstall: gateCall(process.platform) },
      // The project's review of install scripts, in npm's own words: this one may run.
      allowScripts: { '@acme/lib': true },
    },
    lockfile,
    npmrc: [`registry=${registry.url}`],
    files: {
      '.npmsignrc': policy,
      'trusted_root.json': registry.sigstore.trustedRoot(),
      'registry-keys.json': keysTargetJson(registry.sigstore.registryKeys.all),
    },
  });
  mkdirSync(project.file('.npmsign'));
  copyFileSync(gate, project.file('.npmsign/gate.mjs'));
  return project;
}

/** The vendored gate, called by the path of the node that runs npm: a dependency can ship a command named `node`. */
export function gateCall(platform: NodeJS.Platform): string {
  const node = platform === 'win32' ? '"%npm_node_execpath%"' : '"$npm_node_execpath"';
  return `${node} .npmsign/gate.mjs preinstall`;
}
