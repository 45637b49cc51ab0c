/** Bundles the source with its libraries into files that resolve nothing at run time. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type BuildOptions, build, type Metafile, type OutputFile } from 'esbuild';
import { withoutBuiltinImports } from './builtins.ts';
import {
  absentPackages,
  dataOnlyCosmiconfig,
  leftOut,
  namedExportsOfLazyPackages,
  nodeModulesByFullName,
  nodeModulesOnFirstUse,
  oneOfEachVersion,
  SIGNING,
  signingApart,
  smallPackageJson,
  workspacesOnFirstUse,
  yamlOfModules,
} from './plugins.ts';

/** What a bundle is made of, and for which release. */
export type BundleRequest = {
  readonly root: string;
  readonly version: string;
  readonly outDirectory: string;
};

/** Optional packages of our libraries. */
const NEVER_THERE = ['kerberos', 'supports-color'];

/** What only the command needs: a spinner, tarballs and sign-in pages. Neither the gate nor the plugin draws or signs. */
const FOR_THE_COMMAND = ['ora', 'tar', 'openid-client'];
// The code that would use them is there, and is never run.
const NOT_MISSED = { 'import-is-undefined': 'silent' } as const;

/** Bundles the command and the library, sharing chunks; what a run does not need is loaded on first use. */
export async function bundleLibrary(request: BundleRequest): Promise<Metafile> {
  return bundle(request, {
    entryPoints: { bin: 'lib/cli/bin.ts', index: 'lib/index.ts' },
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    plugins: [absentPackages(NEVER_THERE)],
  });
}

/** What npm's `postpack` is never asked for: it knows one command. */
const NOT_FOR_POSTPACK = /^lib\/cli\/commands\/(?!sign\.ts$).*$/;
/** Nor does it sign where there is nothing to sign. */
const NOT_FOR_IDLERS = /^lib\/(?:cli\/commands\/(?!sign\.ts$)|sign\/|policy\/|registry\/|opening\/).*$/;

/**
 * Bundles the hook that signs what npm packs, by itself: of what it shares with the command it would load twenty chunks, one after another.
 * What there is to say where nothing is to be signed is one file, and what signs is another.
 */
export async function bundlePostpack(request: BundleRequest): Promise<Metafile> {
  const [idle, signing] = await Promise.all([
    bundle(request, {
      entryPoints: { postpack: 'hooks/postpack.ts' },
      plugins: [absentPackages(NEVER_THERE), signingApart, leftOut(request.root, NOT_FOR_IDLERS)],
      logOverride: NOT_MISSED,
    }),
    bundle(request, {
      entryPoints: { signing: 'hooks/signing.ts' },
      splitting: true,
      chunkNames: 'chunks/[name]-[hash]',
      plugins: [absentPackages(NEVER_THERE), leftOut(request.root, NOT_FOR_POSTPACK)],
      logOverride: NOT_MISSED,
    }),
  ]);
  return {
    inputs: { ...idle.inputs, ...signing.inputs },
    outputs: { ...idle.outputs, ...signing.outputs },
  };
}

/** Bundles the thread that proves, by itself: it loads while the command goes on. */
export async function bundleProver(request: BundleRequest): Promise<Metafile> {
  return bundle(request, { entryPoints: { prover: 'hooks/prover.ts' } });
}

/** What a gate is never asked for: it knows one command, and of that only what judges. */
const NOT_FOR_THE_GATE =
  /^lib\/(?:cli\/commands\/(?!verify\.ts$).*|index\.ts|installed\/index\.ts|setup\/plan\.ts)$/;

/** Bundles the gate into one file, to be committed into a project. It draws no progress: the spinner stays out. */
export async function bundleGate(request: BundleRequest): Promise<Metafile> {
  return bundle(request, {
    entryPoints: { gate: 'hooks/gate.ts' },
    // A vendored gate says which release it is of, so that an older one can be told from an altered one.
    banner: { js: `// npmsign gate ${request.version}\n${REQUIRE}` },
    plugins: [absentPackages([...NEVER_THERE, ...FOR_THE_COMMAND]), leftOut(request.root, NOT_FOR_THE_GATE)],
    logOverride: NOT_MISSED,
  });
}

/** Bundles the plugin for Verdaccio into one file in CommonJS, whose exports are the function that Verdaccio calls. */
export async function bundleVerdaccioPlugin(request: BundleRequest): Promise<Metafile> {
  const contents = "module.exports = require('./hooks/verdaccio.ts').verdaccioPlugin;";
  return bundle(request, {
    stdin: { contents, resolveDir: request.root, sourcefile: 'verdaccio.js' },
    outfile: join(request.outDirectory, 'verdaccio.cjs'),
    format: 'cjs',
    banner: {},
    plugins: [absentPackages([...NEVER_THERE, ...FOR_THE_COMMAND])],
    logOverride: NOT_MISSED,
  });
}

// Libraries in CommonJS ask for Node's own modules through `require`, which a module does not have.
const REQUIRE = "const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);";

async function bundle(
  { root, version, outDirectory }: BundleRequest,
  { plugins = [], ...entry }: BuildOptions,
): Promise<Metafile> {
  const result = await build({
    absWorkingDir: root,
    ...('stdin' in entry ? {} : { outdir: outDirectory, outExtension: { '.js': '.mjs' } }),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.17',
    banner: { js: REQUIRE },
    define: { NPMSIGN_VERSION: JSON.stringify(version) },
    // Its other form asks for its own parts by a `require` of its own, which no bundler can follow.
    // The others come minified, some with libraries inside that neither a reader nor the bill of materials would see.
    alias: {
      'jsonc-parser': 'jsonc-parser/lib/esm/main.js',
      ...{ glob: 'glob/raw', 'lru-cache': 'lru-cache/raw', tar: 'tar/raw' },
    },
    // Names and lines stay: the gate is reviewed in the projects it is committed to.
    minify: false,
    legalComments: 'none',
    logLevel: 'warning',
    ...entry,
    metafile: true,
    write: false,
    plugins: [
      nodeModulesOnFirstUse,
      nodeModulesByFullName,
      smallPackageJson(root),
      oneOfEachVersion(),
      workspacesOnFirstUse,
      yamlOfModules(root),
      ...plugins,
      namedExportsOfLazyPackages(root),
      dataOnlyCosmiconfig(root),
    ],
  });
  refuseLeftovers(result.metafile);
  for (const file of result.outputFiles) write(file);
  return result.metafile;
}

function write({ path, text }: OutputFile): void {
  mkdirSync(dirname(path), { recursive: true });
  // A start reads twenty chunks, of which few ask for anything by `require`.
  const [before = '', after] = text.split(REQUIRE);
  const lean = after === undefined || /\brequire\b/.test(after) ? text : `${before}${after.trimStart()}`;
  writeFileSync(path, withoutBuiltinImports(lean), { mode: text.startsWith('#!') ? 0o755 : 0o644 });
}

/** Fails the build when anything but a module of Node's own is left to be found at run time. */
function refuseLeftovers({ outputs }: Metafile): void {
  const leftovers = Object.entries(outputs).flatMap(([file, { imports }]) =>
    imports
      // npm's configuration asks where node-gyp would be, loads nothing, and lives with not being told.
      .filter(({ kind }) => kind !== 'require-resolve')
      .filter(({ external, path }) => external && !path.startsWith('node:') && path !== SIGNING)
      .map(({ path }) => `${file}: ${path}`),
  );
  if (leftovers.length > 0) throw new Error(`The bundle still imports ${leftovers.join(', ')}.`);
}
