/** Bundles the source with its libraries into files that resolve nothing at run time. */
import { isBuiltin } from 'node:module';
import { basename, join } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';

/** What a bundle is made of, and for which release. */
export type BundleRequest = {
  readonly root: string;
  readonly version: string;
  readonly outDirectory: string;
};

/** Bundles the command and the library, sharing chunks; what a run does not need is loaded on first use. */
export async function bundleLibrary(request: BundleRequest): Promise<Metafile> {
  return bundle(request, {
    entryPoints: { bin: 'lib/cli/bin.ts', index: 'lib/index.ts' },
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
  });
}

/** Bundles the gate into one file, to be committed into a project. */
export async function bundleGate(request: BundleRequest): Promise<Metafile> {
  return bundle(request, { entryPoints: { gate: 'hooks/gate.ts' } });
}

// Libraries in CommonJS ask for Node's own modules through `require`, which a module does not have.
const REQUIRE = `import { createRequire as npmsignCreateRequire } from 'node:module';
const require = npmsignCreateRequire(import.meta.url);`;

async function bundle(
  { root, version, outDirectory }: BundleRequest,
  entry: BuildOptions,
): Promise<Metafile> {
  const result = await build({
    ...entry,
    absWorkingDir: root,
    outdir: outDirectory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.17',
    banner: { js: REQUIRE },
    define: { NPMSIGN_VERSION: JSON.stringify(version) },
    // Names and lines stay: the gate is reviewed in the projects it is committed to.
    minify: false,
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    write: true,
    plugins: [nodeModulesByFullName, absentPackages, dataOnlyCosmiconfig(root)],
  });
  refuseLeftovers(result.metafile);
  return result.metafile;
}

/** Spells Node's modules `node:…`, which nothing in a project can shadow. */
const nodeModulesByFullName: Plugin = {
  name: 'node-modules-by-full-name',
  setup({ onResolve }) {
    onResolve({ filter: /^[a-z_/0-9]+\/?$/ }, ({ path }) => {
      const name = path.replace(/\/$/, '');
      // A library may bring a package of the same name; a trailing slash asks for that one.
      return isBuiltin(name) && name === path ? { path: `node:${name}`, external: true } : undefined;
    });
  },
};

// Packages that libraries use when they happen to be there. In a project they would be the project's own, and run inside the gate.
const ABSENT = /^(kerberos|supports-color)$/;

/** Makes optional packages absent for good: asking for one fails as it does where it is not installed. */
const absentPackages: Plugin = {
  name: 'absent-packages',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: ABSENT }, ({ path }) => ({ path, namespace: 'absent' }));
    onLoad({ filter: /.*/, namespace: 'absent' }, ({ path }) => ({
      contents: `throw Object.assign(new Error('npmsign brings no ${path}'), { code: 'MODULE_NOT_FOUND' });`,
      loader: 'js',
    }));
  },
};

/** cosmiconfig can load scripts. A policy is data only, so the shipped one cannot. */
function dataOnlyCosmiconfig(root: string): Plugin {
  return {
    name: 'data-only-cosmiconfig',
    setup({ onResolve }) {
      onResolve({ filter: /^\.\/loaders(\.js)?$/ }, ({ importer }) =>
        basename(join(importer, '../..')) === 'cosmiconfig'
          ? { path: join(root, 'scripts/build/data-loaders.ts') }
          : undefined,
      );
    },
  };
}

/** Fails the build when anything but a module of Node's own is left to be found at run time. */
function refuseLeftovers({ outputs }: Metafile): void {
  const leftovers = Object.entries(outputs).flatMap(([file, { imports }]) =>
    imports
      .filter(({ external, path }) => external && !path.startsWith('node:'))
      .map(({ path }) => `${file}: ${path}`),
  );
  if (leftovers.length > 0) throw new Error(`The bundle still imports ${leftovers.join(', ')}.`);
}
