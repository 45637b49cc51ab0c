/** Projects with the gate built in, one that meets its policy and one whose dependency violates it with scripts that sing. */
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { gatedScript, type ScriptName } from '../../lib/setup/scripts.ts';
import { buildGateInto } from '../../scripts/build.ts';
import {
  aCanaryCage,
  aPackageLock,
  aProject,
  type CanaryCage,
  dependenciesOn,
  type Project,
  publishCanary,
} from '../support/project.ts';
import { type LoopbackRegistry, type Published, startRegistry } from '../support/registry/index.ts';
import { aTempDirectory } from '../support/temp.ts';

/** The scripts of a project's package.json, by name. */
export type Calls = Readonly<Record<string, string>>;

/** A call of the gate by the node that runs npm, whatever commands lie in `node_modules/.bin`. */
export const GATE = { preinstall: callOf('preinstall'), dependencies: callOf('dependencies') };

/** The script that `npmsign init` writes where there is none. */
function callOf(name: ScriptName): string {
  const gated = gatedScript(name, undefined);
  return gated.kind === 'gated' ? gated.script : '';
}

/** A registry with good and evil in it, and projects made for it. */
export type World = {
  readonly registry: LoopbackRegistry;
  /** Has provenance, no scripts. */
  readonly good: Published;
  /** Has install scripts that sing, and none of the provenance the policy asks of it. */
  readonly evil: Published;
  /** Ships a command named `node` that does nothing and succeeds. */
  readonly hijack: Published;
  readonly project: (dependencies: readonly Published[], calls: Calls) => Project;
  readonly cage: () => CanaryCage;
  readonly tarballsAskedFor: () => readonly string[];
  readonly close: () => Promise<void>;
};

/** Starts the registry and builds the gate once for all projects of a test file. */
export async function aGatedWorld(): Promise<World> {
  const gate = await buildGateInto(aTempDirectory('gate'));
  const registry = await startRegistry();
  const good = registry.publish({ name: 'good', version: '1.0.0', attest: {} });
  const evil = publishCanary(registry, { name: 'evil', version: '1.0.0' });
  const hijack = registry.publish({
    name: 'hijack',
    version: '1.0.0',
    attest: {},
    bin: { node: 'node.sh' },
    files: { 'node.sh': '#!/bin/sh\nexit 0\n' },
  });
  return {
    registry,
    good,
    evil,
    hijack,
    cage: aCanaryCage,
    project(dependencies, calls) {
      const project = aProject({
        // Under npm 12 a script runs only when it is allowed: here it is, so that nothing but the gate stands in its way.
        packageJson: {
          scripts: calls,
          dependencies: dependenciesOn(dependencies),
          allowScripts: { evil: true },
        },
        lockfile: aPackageLock(dependencies),
        files: {
          '.npmsignrc': policyFor(registry),
          'trusted_root.json': registry.sigstore.trustedRoot(),
        },
      });
      mkdirSync(project.file('.npmsign'));
      cpSync(gate, join(project.dir, '.npmsign/gate.mjs'));
      return project;
    },
    tarballsAskedFor: () =>
      registry.requests.flatMap(({ route }) => (route.kind === 'tarball' ? [route.name] : [])),
    close: () => registry.close(),
  };
}

/** The recommended policy for a registry of its own, with provenance asked of `evil`, and nothing that depends on today. */
function policyFor({ url }: LoopbackRegistry): object {
  return {
    extends: 'recommended',
    checks: { 'minimum-age': 'off', 'reserved-bin': 'off', 'provenance-regression': 'off' },
    overrides: [{ packages: ['evil'], checks: { provenance: 'error' } }],
    registries: { [url]: {} },
    trust: { root: './trusted_root.json', refresh: 'never' },
  };
}
