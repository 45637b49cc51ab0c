/** Everything a signature needs in a test: services, a trust root, a policy, and a package as npm hands it to postpack. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { aHost, type FakeHost } from '../support/host.ts';
import { hashesOf, packTarball } from '../support/registry/index.ts';
import { githubRun, type SigningServices } from '../support/services/index.ts';
import { aTempDirectory } from '../support/temp.ts';

/** A project that is being packed. */
export type Packing = {
  readonly dir: string;
  /** Where the bundle is to appear. */
  readonly file: string;
  readonly sha512: string;
  /** The host of postpack, `env` added to what npm and GitHub set. */
  readonly host: (env?: Readonly<Record<string, string | undefined>>) => FakeHost;
  readonly bundle: () => ReturnType<typeof JSON.parse>;
  /** Names of the files in the project that were not there before. */
  readonly added: () => readonly string[];
};

/** What is packed, and under which policy; all of it has an ordinary default. */
export type PackingRequest = {
  readonly packageJson?: Readonly<Record<string, unknown>>;
  readonly sign?: Readonly<Record<string, unknown>>;
  readonly log?: 'v1' | 'v2';
  /** Further parts of the policy, such as another trust root. */
  readonly policy?: Readonly<Record<string, unknown>>;
};

/** `@acme/lib@1.2.3`, just packed by `npm pack` in a GitHub Actions job. */
export function aPacking(services: SigningServices, request: PackingRequest = {}): Packing {
  const dir = aTempDirectory('packing');
  const packageJson = { name: '@acme/lib', version: '1.2.3', ...request.packageJson };
  const tarball = packTarball({ 'package.json': JSON.stringify(packageJson), 'index.js': 'export {};\n' });
  const name = `${packageJson.name.replace(/^@/, '').replace('/', '-')}-${packageJson.version}.tgz`;
  const policy = {
    trust: { root: './trusted_root.json' },
    ...request.policy,
    sign: { ...services.policy(request.log), ...request.sign },
  };
  writeFileSync(join(dir, name), tarball);
  writeFileSync(join(dir, 'package.json'), JSON.stringify(packageJson));
  writeFileSync(join(dir, '.npmsignrc'), JSON.stringify(policy));
  writeFileSync(join(dir, 'trusted_root.json'), JSON.stringify(services.sigstore.trustedRoot()));
  const before = new Set(readdirSync(dir));
  const { integrity } = hashesOf(tarball);
  const npm = {
    npm_lifecycle_event: 'postpack',
    npm_command: 'pack',
    npm_package_integrity: integrity,
    npm_package_name: packageJson.name,
    npm_package_version: packageJson.version,
    npm_package_json: join(dir, 'package.json'),
    npm_config_user_agent: 'npm/11.19.1 node/v20.20.2 linux x64 workspaces/false',
    npm_config_local_prefix: dir,
    // Waits of milliseconds: what is tried again is tried again at once.
    npm_config_fetch_retry_mintimeout: '1',
    npm_config_fetch_timeout: '2000',
    npm_config_userconfig: join(dir, '.npmrc'),
    npm_config_globalconfig: join(dir, 'global.npmrc'),
    npm_config_cache: aTempDirectory('cache'),
    INIT_CWD: dir,
    HOME: aTempDirectory('home'),
  };
  const file = join(dir, `${name}.sigstore.json`);
  return {
    dir,
    file,
    sha512: Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex'),
    host: (env = {}) => aHost({ cwd: dir, env: { ...npm, ...githubRun(), ...services.githubEnv(), ...env } }),
    bundle: () => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined),
    added: () => readdirSync(dir).filter((entry) => !before.has(entry)),
  };
}

/** The variables that are set, as a process takes them. */
export function definedIn(
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
