/** Temporary npm projects, their lockfiles, and canaries that tell whether their install scripts ran. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { LoopbackRegistry, Published, PublishRequest } from './registry/index.ts';
import { aTempDirectory } from './temp.ts';

/** What a project consists of. Objects are written as JSON. */
export type ProjectRequest = {
  /** `project@1.0.0`, private, unless said otherwise; given fields are added. */
  readonly packageJson?: Readonly<Record<string, unknown>>;
  /** package-lock.json. */
  readonly lockfile?: object | string;
  /** Further files by their path in the project. */
  readonly files?: Readonly<Record<string, string | object>>;
  /** Lines of `.npmrc`. */
  readonly npmrc?: readonly string[];
};

/** A project on disk. */
export type Project = {
  readonly dir: string;
  /** Absolute path of a file in it. */
  readonly file: (relative: string) => string;
  /** Writes a file, making its folder. */
  readonly write: (relative: string, content: string | object) => void;
  readonly has: (relative: string) => boolean;
  /** Names of the packages that lie in `node_modules`, scopes included; empty when there is none. */
  readonly installed: () => readonly string[];
};

/** A project in a temporary directory. */
export function aProject({ packageJson, lockfile, files = {}, npmrc }: ProjectRequest = {}): Project {
  const dir = aTempDirectory('project');
  const file = (relative: string) => path.join(dir, relative);
  const write = (relative: string, content: string | object) => {
    mkdirSync(path.dirname(file(relative)), { recursive: true });
    writeFileSync(
      file(relative),
      typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`,
    );
  };
  write('package.json', { name: 'project', version: '1.0.0', private: true, ...packageJson });
  if (lockfile !== undefined) write('package-lock.json', lockfile);
  if (npmrc !== undefined) write('.npmrc', `${npmrc.join('\n')}\n`);
  for (const [relative, content] of Object.entries(files)) write(relative, content);
  return {
    dir,
    file,
    write,
    has: (relative) => existsSync(file(relative)),
    installed: () => installedIn(file('node_modules')),
  };
}

/** One entry of a lockfile besides the package itself. */
export type LockedPackage = {
  readonly published: Published;
  /** Where it lies, `node_modules/<name>` unless said otherwise. */
  readonly key?: string;
  /** Fields added or overwritten, such as `integrity` or `dev`. */
  readonly fields?: Readonly<Record<string, unknown>>;
};

/** A package-lock.json, version 3, writable for tests that alter it. */
export type PackageLockJson = {
  name: string;
  version: string;
  lockfileVersion: number;
  requires: true;
  packages: Record<string, Record<string, unknown>>;
};

/**
 * The lockfile npm would write for these packages, the first level all dependencies of the project.
 * Give the same `dependencies` to {@link aProject}'s `packageJson`: {@link dependenciesOn} makes them.
 */
export function aPackageLock(packages: readonly (Published | LockedPackage)[]): PackageLockJson {
  const locked = packages.map((one) => ('published' in one ? one : { published: one }));
  const topLevel = locked.filter(
    ({ published, key }) => key === undefined || key === `node_modules/${published.name}`,
  );
  return {
    name: 'project',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': {
        name: 'project',
        version: '1.0.0',
        dependencies: dependenciesOn(topLevel.map(({ published }) => published)),
      },
      ...Object.fromEntries(
        locked.map((one) => [one.key ?? `node_modules/${one.published.name}`, entryOf(one)]),
      ),
    },
  };
}

/** `dependencies` of package.json on exactly these versions. */
export function dependenciesOn(packages: readonly Published[]): Record<string, string> {
  return Object.fromEntries(packages.map(({ name, version }) => [name, version]));
}

/** Where canaries leave their marks: outside every project. Give `env` to whatever runs npm. */
export type CanaryCage = {
  readonly env: Readonly<Record<string, string>>;
  /** `<package> <script>` for every script that ran, sorted. */
  readonly ranScripts: () => readonly string[];
};

/** An empty cage. */
export function aCanaryCage(): CanaryCage {
  const dir = aTempDirectory('canary');
  return {
    env: { NPMSIGN_CANARY: dir },
    ranScripts: () =>
      readdirSync(dir)
        .map((file) => Buffer.from(file, 'hex').toString())
        .sort(),
  };
}

/** Publishes a package whose preinstall, install and postinstall scripts each leave a mark in the cage, as `canary.js` does when it is called as a command. */
export function publishCanary(
  registry: LoopbackRegistry,
  { scripts = ['preinstall', 'install', 'postinstall'], ...request }: CanaryRequest,
): Published {
  return registry.publish({
    ...request,
    scripts: Object.fromEntries(scripts.map((script) => [script, `node canary.js ${script}`])),
    files: { ...request.files, 'canary.js': canarySource(request.name) },
  });
}

/** A version to publish, and which of its scripts sing. */
export type CanaryRequest = Omit<PublishRequest, 'scripts'> & {
  readonly scripts?: readonly ('preinstall' | 'install' | 'postinstall' | 'prepare')[];
};

/**
 * Writes its mark, a file named by the hex of `<package> <script>`; the script is the argument it is called with, and none is a command. Without a
 * cage it fails, so that no mark goes unseen.
 */
export function canarySource(name: string, script?: string): string {
  const sung = script === undefined ? "process.argv[2] ?? 'bin'" : JSON.stringify(script);
  return `#!/usr/bin/env node
const fs = require('node:fs');
const path = require('node:path');
const mark = Buffer.from(${JSON.stringify(name)} + ' ' + (${sung})).toString('hex');
fs.writeFileSync(path.join(process.env.NPMSIGN_CANARY, mark), '');
`;
}

function entryOf({ published, fields }: LockedPackage): Record<string, unknown> {
  const { manifest, version } = published;
  const scripts = new Map(Object.entries(manifest['scripts'] ?? {}));
  const runs = ['preinstall', 'install', 'postinstall'].some((name) => scripts.has(name));
  return {
    version,
    resolved: manifest.dist.tarball,
    integrity: manifest.dist.integrity,
    ...(runs && { hasInstallScript: true }),
    ...pick(manifest, ['license', 'dependencies', 'optionalDependencies', 'bin']),
    ...fields,
  };
}

function pick(from: Readonly<Record<string, unknown>>, fields: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    fields.flatMap((field) => (from[field] === undefined ? [] : [[field, from[field]]])),
  );
}

function installedIn(modules: string): readonly string[] {
  if (!existsSync(modules)) return [];
  const names = readdirSync(modules).filter((name) => !name.startsWith('.'));
  return names
    .flatMap((name) =>
      name.startsWith('@')
        ? readdirSync(path.join(modules, name)).map((inner) => `${name}/${inner}`)
        : [name],
    )
    .sort();
}
