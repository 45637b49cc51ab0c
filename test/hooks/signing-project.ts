/** Projects that sign when they are packed: npmsign built in, services on loopback, a trust root of their own. */
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { buildInto } from '../../scripts/build.ts';
import { anIdentity } from '../support/builders.ts';
import { aProject, type Project } from '../support/project.ts';
import { githubRun, type SigningServices, startSigningServices } from '../support/services/index.ts';
import { aTempDirectory } from '../support/temp.ts';

/** Services, and projects that use them. */
export type SigningWorld = {
  readonly services: SigningServices;
  /** A project with npmsign installed and a postpack script. */
  readonly project: (
    packageJson: Readonly<Record<string, unknown>>,
    sign?: Readonly<Record<string, unknown>>,
  ) => Project;
  /** The environment of a GitHub Actions job on the tag of `@acme/lib@1.2.3`. */
  readonly env: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
};

/** How package.json calls npmsign: by its command, or by a path that no dependency can shadow. */
export const POSTPACK = {
  command: 'npmsign sign',
  path: '"$npm_node_execpath" node_modules/npmsign/dist/postpack.mjs',
} as const;

/** Builds npmsign once for all projects of a test file. */
export async function aSigningWorld(): Promise<SigningWorld> {
  const built = aTempDirectory('npmsign');
  await buildInto(join(built, 'dist'));
  const services = await startSigningServices();
  return {
    services,
    env: { ...githubRun(anIdentity()), ...services.githubEnv() },
    project(packageJson, sign = {}) {
      const project = aProject({
        packageJson: { private: undefined, scripts: { postpack: POSTPACK.command }, ...packageJson },
        files: {
          'index.js': 'export {};\n',
          '.npmsignrc': { trust: { root: './trusted_root.json' }, sign: { ...services.policy(), ...sign } },
          'trusted_root.json': services.sigstore.trustedRoot(),
          'package-lock.json': { name: 'project', lockfileVersion: 3, requires: true, packages: {} },
        },
      });
      install(built, project);
      return project;
    },
    close: () => services.close(),
  };
}

/** As npm would: the package in `node_modules`, its command in `node_modules/.bin`. */
function install(built: string, { file, write }: Project): void {
  mkdirSync(file('node_modules/.bin'), { recursive: true });
  cpSync(built, file('node_modules/npmsign'), { recursive: true });
  write('node_modules/npmsign/package.json', {
    name: 'npmsign',
    version: '0.0.0',
    bin: 'dist/bin.mjs',
    type: 'module',
  });
  symlinkSync('../npmsign/dist/bin.mjs', file('node_modules/.bin/npmsign'));
}
