/** What the bundler must know about the libraries npmsign is built on. */
import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { basename, join, relative } from 'node:path';
import type { Plugin } from 'esbuild';

/** Spells Node's modules `node:…`, which nothing in a project can shadow. */
export const nodeModulesByFullName: Plugin = {
  name: 'node-modules-by-full-name',
  setup({ onResolve }) {
    onResolve({ filter: /^[a-z_/0-9]+$/ }, ({ path }) =>
      isBuiltin(path) ? { path: `node:${path}`, external: true } : undefined,
    );
  },
};

/**
 * Asks Node for its larger modules where the code that uses them begins, and not at the beginning of the file: a run that needs no network
 * loads none of what speaks over one.
 */
export const nodeModulesOnFirstUse: Plugin = {
  name: 'node-modules-on-first-use',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(?:node:)?[a-z_/0-9]+$/ }, ({ path, kind }) => {
      const name = path.replace(/^node:/, '');
      return kind === 'import-statement' && LARGE.has(name)
        ? { path: name, namespace: 'node', sideEffects: false }
        : undefined;
    });
    onLoad({ filter: /.*/, namespace: 'node' }, async ({ path }) => {
      const names = Object.keys(await import(`node:${path}`)).filter((name) => name !== 'default');
      const lines = [
        `const whole = process.getBuiltinModule('node:${path}');`,
        'const take = (name) => whole[name];',
        'export default whole;',
        // Whatever nobody imports is left out.
        ...names.map((name) => `export const ${name} = /* @__PURE__ */ take('${name}');`),
      ];
      return { contents: lines.join('\n'), loader: 'js' };
    });
  },
};

/** Those that Node has not loaded by itself when a program begins, and that not every run needs. */
const LARGE: ReadonlySet<string> = new Set([
  ...[
    'assert',
    'child_process',
    'crypto',
    'dns',
    'dns/promises',
    'http',
    'http2',
    'https',
    'net',
    'readline',
  ],
  ...['readline/promises', 'stream', 'stream/promises', 'tls', 'tty', 'v8', 'worker_threads', 'zlib'],
]);

/** Packages stand below `node_modules` several times over where their users did not agree on a place: one of each version is enough. */
export function oneOfEachVersion(): Plugin {
  const known = new Map<string, string>();
  return {
    name: 'one-of-each-version',
    setup({ onResolve, resolve }) {
      onResolve({ filter: /^[a-z@]/ }, async ({ path, importer, namespace, pluginData, ...place }) => {
        if (pluginData === SETTLED || namespace !== 'file' || !importer.includes('node_modules'))
          return undefined;
        const found = await resolve(path, { ...place, importer, namespace, pluginData: SETTLED });
        const folder = /^.*node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(found.path)?.[0];
        if (found.external || found.errors.length > 0 || folder === undefined) return undefined;
        const { name, version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
        const first = known.get(`${name}@${version}`) ?? folder;
        known.set(`${name}@${version}`, first);
        return { ...found, path: join(first, relative(folder, found.path)) };
      });
    },
  };
}

const SETTLED = Symbol('resolved by esbuild itself');

/** Of package.json npm's configuration wants to know the workspaces and names alone: one file instead of thirty packages. */
export function smallPackageJson(root: string): Plugin {
  return {
    name: 'small-package-json',
    setup({ onResolve }) {
      onResolve({ filter: /^@npmcli\/package-json$/ }, () => ({
        path: join(root, 'scripts/build/package-json.ts'),
      }));
    },
  };
}

/** npm's configuration asks about workspaces only where a project lies below another; what it needs for that is loaded then. */
export const workspacesOnFirstUse: Plugin = {
  name: 'workspaces-on-first-use',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]@npmcli[\\/]config[\\/]lib[\\/]index\.js$/ }, async ({ path }) => {
      const parts = (await readFile(path, 'utf8')).split(
        /require\('(@npmcli\/(?:package-json|map-workspaces))'\)/,
      );
      if (parts.length !== 5) throw new Error(`${path} no longer asks for workspaces as it did.`);
      // What stands in for package-json is a module of ours, and has no default export.
      const contents = parts
        .map((part, at) => (at % 2 === 0 ? part : `(await import('${part}'))`))
        .join('')
        .replace("import('@npmcli/map-workspaces'))", '$&.default');
      return { contents, loader: 'js' };
    });
  },
};

/**
 * Makes packages absent for good: asking for one fails as it does where it is not installed. For those that a library uses
 * when they happen to be there: in a project they would be the project's own, and run inside the gate.
 */
export function absentPackages(names: readonly string[]): Plugin {
  return {
    name: 'absent-packages',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^[\w@]/ }, ({ path }) =>
        names.includes(path) ? { path, namespace: 'absent' } : undefined,
      );
      onLoad({ filter: /.*/, namespace: 'absent' }, ({ path }) => ({
        contents: `throw Object.assign(new Error('npmsign brings no ${path}'), { code: 'MODULE_NOT_FOUND' });`,
        loader: 'js',
      }));
    },
  };
}

/**
 * Leaves out those of our own modules that are loaded on first use and match, and whatever else of ours nobody uses: what is judged before
 * every install should be quick to read.
 */
export function leftOut(root: string, modules: RegExp): Plugin {
  return {
    name: 'left-out',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\.\.?\// }, ({ path, kind, importer, resolveDir }) => {
        if (importer.includes('node_modules') || !path.endsWith('.ts')) return undefined;
        const file = join(resolveDir, path);
        const name = relative(root, file).replaceAll('\\', '/');
        if (kind === 'dynamic-import' && modules.test(name)) return { path: name, namespace: 'left-out' };
        // No module of ours does anything but declare.
        return name.startsWith('lib/') ? { path: file, sideEffects: false } : undefined;
      });
      onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path }) => ({
        contents: `throw new Error('npmsign brings no ${path} here');`,
        loader: 'js',
      }));
    },
  };
}

/** Where the half of `postpack` that signs lies, beside the one that finds nothing to sign. */
export const SIGNING = './signing.mjs';

/** Leaves that half to a bundle of its own. */
export const signingApart: Plugin = {
  name: 'signing-apart',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/signing\.ts$/ }, () => ({ path: SIGNING, external: true }));
  },
};

/**
 * Gives a package that our own code loads on first use the export names Node gives it. A chunk which esbuild cuts from a CommonJS package
 * has a default export alone.
 */
export function namedExportsOfLazyPackages(root: string): Plugin {
  return {
    name: 'named-exports-of-lazy-packages',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^[a-z@]/ }, ({ path, kind, importer }) =>
        kind === 'dynamic-import' && !path.startsWith('node:') && !importer.includes('node_modules')
          ? { path, namespace: 'lazy-package' }
          : undefined,
      );
      onLoad({ filter: /.*/, namespace: 'lazy-package' }, async ({ path }) => {
        const names = Object.keys(await import(path)).filter((name) => /^[\w$]+$/.test(name));
        return { contents: `export { ${names.join(', ')} } from '${path}';`, resolveDir: root, loader: 'js' };
      });
    },
  };
}

/**
 * Takes the YAML library in its form of modules, of which what nobody uses stays out. It is otherwise the same as the form for Node, which also
 * prints what it reads where the environment says LOG_TOKENS or LOG_STREAM.
 */
export function yamlOfModules(root: string): Plugin {
  return {
    name: 'yaml-of-modules',
    setup({ onResolve }) {
      onResolve({ filter: /^yaml$/ }, () => ({
        path: join(root, 'node_modules/yaml/browser/dist/index.js'),
        sideEffects: false,
      }));
    },
  };
}

/** cosmiconfig can load scripts. A policy is data only, so the shipped one cannot. */
export function dataOnlyCosmiconfig(root: string): Plugin {
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
