/** A team with its own registry and its own Sigstore: builds that publish, and a project that installs. */
import { chmodSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Identity } from '../../lib/model/evidence.ts';
import { buildCommandInto } from '../../scripts/build.ts';
import { projectRoot } from '../support/corpus.ts';
import { type NpmMajor, npmOf, type RunResult, run } from '../support/managers.ts';
import { aProject, type Project } from '../support/project.ts';
import {
  aToken,
  githubClaims,
  githubRun,
  type SigningServices,
  startSigningServices,
} from '../support/services/index.ts';
import { identityFor } from '../support/sigstore/index.ts';
import { aTempDirectory } from '../support/temp.ts';
import type { VerdaccioRequest } from '../support/verdaccio.ts';
import { aSigningRegistry, closed, type World as RegistryWorld } from '../verdaccio/world.ts';

/** The name of the example's package. */
export const NAME = '@acme/greeting';

/** All of them. */
export type World = {
  readonly registry: RegistryWorld;
  readonly services: SigningServices;
  /** The example of this repository in a folder of its own, made ready to publish here. */
  readonly checkout: (request?: CheckoutRequest) => Checkout;
  /** A project with a strict policy about where `@acme` packages come from; `keys` are the only ones the registry may sign with. */
  readonly consumer: (keys?: object) => Project;
  /** Runs npmsign in a project of the consumer's. */
  readonly consume: (project: Project, args: readonly string[]) => Promise<RunResult>;
  readonly close: () => Promise<void>;
};

export type CheckoutRequest = {
  readonly version?: string;
  /** Whose build it is: that of the tag of `acme/greeting`, unless said otherwise. */
  readonly identity?: Partial<Identity>;
  readonly packageJson?: Readonly<Record<string, unknown>>;
  readonly npmrc?: readonly string[];
  readonly policy?: Readonly<Record<string, unknown>>;
  /** `none`: on somebody's laptop. */
  readonly build?: 'github' | 'without permission' | 'none';
  /** Further programs on PATH. */
  readonly tools?: Readonly<Record<string, readonly string[]>>;
};

/** A package in a build. */
export type Checkout = {
  readonly dir: string;
  readonly version: string;
  readonly npm: (args: readonly string[]) => Promise<RunResult>;
  readonly npmsign: (args: readonly string[]) => Promise<RunResult>;
};

/**
 * Starts registry and services, and builds the command. Its own npm is that of `major`. Where one of them cannot be started, nothing is left
 * open: the process of a test would not end.
 */
export async function aTeam(major: NpmMajor, request: VerdaccioRequest = {}): Promise<World> {
  const npm = await npmOf(major);
  const bin = await buildCommandInto(aTempDirectory('command'));
  const services = await startSigningServices();
  const registry = await aSigningRegistry(request).catch((error: unknown) => closed(services.close, error));
  const tools = toolsFolder({ npm: [npm.node, npm.npmCli], node: [npm.node] });
  const home = aTempDirectory('home');
  const plain = npm.environment({ home, registry: registry.verdaccio.url, npmrc: [registry.alice.npmrc] });
  const env = { ...plain, PATH: [tools, plain['PATH']].join(path.delimiter), NPMSIGN_NO_REMEMBER: '1' };
  const start = (cwd: string, args: readonly string[], more: Readonly<Record<string, string>>) =>
    run(process.execPath, [bin, ...args], { cwd, env: { ...env, ...more } });
  return {
    registry,
    services,
    checkout(request = {}) {
      const { dir, version, build } = checkedOut({ services, registry }, request);
      const own = toolsFolder({ npmsign: [process.execPath, bin], ...request.tools });
      const more = { ...build, PATH: [own, env.PATH].join(path.delimiter) };
      return {
        dir,
        version,
        npm: (args) => run(npm.node, [npm.npmCli, ...args], { cwd: dir, env: { ...env, ...more } }),
        npmsign: (args) => start(dir, args, more),
      };
    },
    consumer: (keys) =>
      aProject({
        files: {
          '.npmsignrc': policyFor(registry.verdaccio.url, keys === undefined ? {} : { keys: './keys.json' }),
          ...(keys === undefined ? {} : { 'keys.json': keys }),
          'trusted_root.json': services.sigstore.trustedRoot(),
        },
      }),
    consume: ({ dir }, args) => start(dir, args, {}),
    async close() {
      await Promise.all([services.close(), registry.verdaccio.stop()]);
    },
  };
}

/** A folder for PATH, in which each name starts a program. */
function toolsFolder(tools: Readonly<Record<string, readonly string[]>>): string {
  const dir = aTempDirectory('tools');
  for (const [name, command] of Object.entries(tools)) script(path.join(dir, name), command);
  return dir;
}

function script(file: string, command: readonly string[]): void {
  writeFileSync(file, `#!/bin/sh\nexec ${command.map((word) => `'${word}'`).join(' ')} "$@"\n`);
  chmodSync(file, 0o755);
}

function checkedOut(
  { services, registry }: Pick<World, 'services' | 'registry'>,
  { version = '1.2.3', identity = {}, packageJson = {}, npmrc = [], policy = {}, build }: CheckoutRequest,
): { readonly dir: string; readonly version: string; readonly build: Readonly<Record<string, string>> } {
  const dir = path.join(aTempDirectory('checkout'), 'greeting');
  cpSync(path.join(projectRoot, 'examples/signed-package'), dir, { recursive: true });
  const manifest = JSON.parse(readFileSync(path.join(dir, 'package.json'), 'utf8'));
  const write = (file: string, value: unknown) =>
    writeFileSync(path.join(dir, file), typeof value === 'string' ? value : JSON.stringify(value));
  write('package.json', { ...manifest, version, ...packageJson });
  write('.npmsignrc', { trust: { root: './trusted_root.json' }, sign: services.policy(), ...policy });
  write('trusted_root.json', services.sigstore.trustedRoot());
  if (npmrc.length > 0) write('.npmrc', `${npmrc.join('\n')}\n`);
  const who = identityFor({ name: NAME, version }, identity);
  const token = aToken(githubClaims(new Date(), who));
  const inBuild = {
    ...(build === 'none' ? {} : githubRun(who)),
    ...(build === undefined || build === 'github' ? { SIGSTORE_ID_TOKEN: token } : {}),
  };
  return { dir, version, build: { npm_config_registry: registry.verdaccio.url, ...inBuild } };
}

/** Repository, ref, workflow and trigger are pinned; only the age of what was published a second ago is not asked. */
function policyFor(url: string, registry: object): object {
  return {
    extends: 'strict',
    checks: { 'minimum-age': 'off' },
    overrides: [
      {
        packages: ['@acme/*'],
        checks: {
          'source-repository': ['error', { allow: ['https://github.com/acme/*'] }],
          // biome-ignore lint/suspicious/noTemplateCurlyInString: the policy's own placeholder.
          'source-ref': ['error', { allow: ['refs/tags/v${version}'] }],
          'build-workflow': ['error', { allow: ['.github/workflows/release.yml'] }],
          'build-trigger': ['error', { allow: ['push'] }],
        },
      },
    ],
    registries: { [url]: registry },
    trust: { root: './trusted_root.json' },
  };
}
