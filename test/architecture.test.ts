/** Holds the house to its plan: who may import whom, which file opens which outside package, what is pure. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const GROUND = ['model', 'errors.ts', 'version.ts', 'text'];

/** What each folder may import besides the ground floor and itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  model: [],
  'errors.ts': [],
  'version.ts': [],
  text: [],
  policy: [],
  tree: [],
  state: [],
  memory: ['state'],
  registry: ['state'],
  sigstore: [],
  carry: ['registry', 'state'],
  checks: [],
  lock: [],
  programs: [],
  git: ['programs'],
  managers: ['programs', 'state'],
  setup: [],
  report: [],
  proving: ['sigstore'],
  evidence: ['registry', 'sigstore', 'proving'],
  evaluate: ['checks'],
  sign: ['sigstore'],
  opening: ['registry', 'sigstore'],
  sources: ['registry', 'sigstore', 'opening', 'carry', 'evidence', 'evaluate'],
  project: ['policy', 'tree'],
  export: ['project', 'evidence', 'carry', 'sources'],
  change: ['project', 'tree', 'git', 'lock', 'evidence', 'sources'],
  author: ['policy', 'registry', 'sigstore', 'sign', 'opening'],
  guard: ['setup', 'state', 'tree'],
  installed: [],
  publish: ['author', 'checks', 'managers', 'policy', 'registry', 'sigstore', 'sign', 'opening', 'tree'],
  verify: [
    'project',
    'tree',
    'lock',
    'guard',
    'sources',
    'evidence',
    'checks',
    'evaluate',
    'installed',
    'report',
    'state',
  ],
  'index.ts': [
    'verify',
    'carry',
    'export',
    'publish',
    'change',
    'guard',
    'installed',
    'opening',
    'author',
    'policy',
    'project',
    'tree',
    'registry',
    'sigstore',
    'evidence',
    'checks',
    'evaluate',
    'lock',
    'report',
    'git',
    'managers',
    'setup',
  ],
  verdaccio: ['registry', 'sigstore'],
  // What is remembered is told without loading what judges; to judge, or to sign, takes less than the whole library.
  cli: ['index.ts', 'author', 'memory', 'verify'],
  hooks: ['cli', 'index.ts', 'author', 'proving', 'verdaccio'],
};

/** Which files open which outside package. A package that is not listed may not be imported at all. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  cosmiconfig: ['policy/find.ts'],
  yaml: ['text/yaml.ts', 'setup/yaml-edit.ts'],
  'jsonc-parser': ['setup/json-edit.ts'],
  diff: ['report/setup.ts'],
  // Lockfiles are megabytes: it reads them in a tenth of the other's time, and is what pnpm and yarn read them with.
  'js-yaml': ['tree/yaml-text.ts'],
  minimatch: ['text/pattern.ts'],
  semver: ['text/pattern.ts', 'text/semver.ts'],
  '@npmcli/config': ['registry/npm-config.ts'],
  'http-proxy-agent': ['registry/proxy.ts'],
  'https-proxy-agent': ['registry/proxy.ts'],
  '@sigstore/tuf': ['sigstore/embedded-root.ts'],
  '@tufjs/models': ['sigstore/tuf-archive.ts'],
  'tuf-js': ['sigstore/tuf-refresh.ts'],
  tar: ['sign/tarball.ts', 'installed/unpack.ts'],
  'openid-client': ['sign/interactive.ts'],
  ora: ['cli/progress.ts'],
  chalk: ['report/style.ts'],
};

const NODE_DOORS: Readonly<Record<string, readonly string[]>> = {
  'node:child_process': ['git/index.ts', 'managers/run.ts', 'sign/browser.ts'],
  'node:worker_threads': ['cli/thread.ts', 'proving/serve.ts'],
  'node:vm': [],
};

/** Pure rooms: no clock, no disk, no network, no terminal, no waiting. */
const PURE = ['model', 'text', 'checks', 'evaluate', 'report'];
const IMPURE: readonly (readonly [RegExp, string])[] = [
  [/from 'node:(?!util'|buffer')/, 'imports a node: module'],
  [/\bprocess\./, 'touches process'],
  [/\bawait\b/, 'waits'],
  [/\bnew Date\(\)|\bDate\.now\(/, 'reads the clock'],
  [/\bfetch\(/, 'fetches'],
  [/\bMath\.random\(/, 'throws dice'],
];

type Source = { readonly path: string; readonly room: string; readonly text: string };

const sources: readonly Source[] = [...filesBelow('lib'), ...filesBelow('hooks')];

describe('the house', () => {
  it('is not empty', () => {
    assert.ok(sources.length > 40, `only ${sources.length} files found`);
  });

  it('has no arrow but those of the plan', () => {
    const wrong = sources.flatMap((source) =>
      importsOf(source)
        .filter(({ target }) => target.startsWith('.'))
        .map(({ target }) => ({ source, room: roomOf(resolve(ROOT, dirname(source.path), target)) }))
        .filter(({ source: from, room }) => !mayImport(from.room, room))
        .map(({ source: from, room }) => `${from.path} imports ${room}`),
    );
    assert.deepEqual(wrong, []);
  });

  it('is entered through the front door of each folder', () => {
    const wrong = sources.flatMap((source) =>
      importsOf(source)
        .filter(({ target }) => target.startsWith('.'))
        .map(({ target }) => relative(ROOT, resolve(ROOT, dirname(source.path), target)))
        .filter((path) => {
          const room = roomOf(resolve(ROOT, path));
          if (room === source.room || GROUND.includes(room) || path === 'lib/index.ts') return false;
          return !/\/(index|define|main)\.ts$/.test(path) && !path.startsWith('lib/types/');
        })
        .map((path) => `${source.path} enters ${path}`),
    );
    assert.deepEqual(wrong, []);
  });

  it('has no circle', () => {
    assert.deepEqual(circles(), []);
  });

  it('opens every outside package at its door', () => {
    const wrong = sources.flatMap((source) =>
      importsOf(source)
        .filter(({ target }) => !target.startsWith('.') && !target.startsWith('node:'))
        .filter(({ target }) => !(DOORS[packageOf(target)] ?? []).includes(source.path.replace(/^lib\//, '')))
        .map(({ target }) => `${source.path} imports ${target}`),
    );
    assert.deepEqual(wrong, []);
  });

  it('starts no process, thread or sandbox outside its doors', () => {
    const wrong = sources.flatMap((source) =>
      importsOf(source)
        .filter(({ target }) => target in NODE_DOORS)
        .filter(({ target }) => !(NODE_DOORS[target] ?? []).includes(source.path.replace(/^lib\//, '')))
        .map(({ target }) => `${source.path} imports ${target}`),
    );
    assert.deepEqual(wrong, []);
  });

  it('touches process only where the real world begins', () => {
    const allowed = ['lib/cli/bin.ts', 'hooks/'];
    const wrong = sources
      .filter(({ path }) => !allowed.some((door) => path.startsWith(door)))
      .filter(({ text }) => /(?<![\w.'])process\.\w/.test(codeOf(text)));
    assert.deepEqual(
      wrong.map(({ path }) => path),
      [],
    );
  });

  it('keeps the pure rooms pure', () => {
    const wrong = sources
      .filter(({ room }) => PURE.includes(room))
      .flatMap(({ path, text }) =>
        IMPURE.filter(([pattern]) => pattern.test(codeOf(text))).map(([, what]) => `${path} ${what}`),
      );
    assert.deepEqual(wrong, []);
  });
});

describe('every file', () => {
  it('is at most 250 lines long', () => {
    const long = sources.filter(({ text }) => text.trimEnd().split('\n').length > 250);
    assert.deepEqual(
      long.map(({ path }) => path),
      [],
    );
  });

  it('says in its first line what it is for', () => {
    const silent = sources.filter(({ text }) => !/^(#!.*\n)?\/\*\*/.test(text));
    assert.deepEqual(
      silent.map(({ path }) => path),
      [],
    );
  });

  it('has no default export, no module-level let, no any, and no unfinished mark', () => {
    const rules: readonly (readonly [RegExp, string])[] = [
      [/^export default\b/m, 'default export'],
      [/^let\b/m, 'module-level let'],
      [/:\s*any\b|\bas any\b|<any>/, 'any'],
      [/\b(TODO|FIXME|XXX)\b/, 'unfinished mark'],
      [/\bprocess\.exit\(/, 'process.exit'],
    ];
    const wrong = sources.flatMap(({ path, text }) =>
      rules.filter(([pattern]) => pattern.test(codeOf(text))).map(([, what]) => `${path}: ${what}`),
    );
    assert.deepEqual(wrong, []);
  });
});

function filesBelow(folder: string): Source[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort()
    .map((path) => ({ path, room: roomOf(join(ROOT, path)), text: readFileSync(join(ROOT, path), 'utf8') }));
}

function roomOf(path: string): string {
  const parts = relative(ROOT, path).replaceAll('\\', '/').split('/');
  return (parts[0] === 'lib' ? parts[1] : parts[0]) ?? '';
}

function importsOf({ text }: Source): { readonly target: string; readonly typeOnly: boolean }[] {
  const statements = codeOf(text).matchAll(
    /^(?:import|export)(\s+type)?\s[^;]*?from\s+'([^']+)'|\b(?:import|getBuiltinModule)\('([^']+)'\)|^import\s+'([^']+)'/gm,
  );
  return [...statements].map((found) => ({
    target: found[2] ?? found[3] ?? found[4] ?? '',
    typeOnly: found[1] !== undefined,
  }));
}

function mayImport(from: string, to: string): boolean {
  if (from === to || GROUND.includes(to) || to === 'types') return true;
  return (MAY_IMPORT[from] ?? []).includes(to);
}

function packageOf(target: string): string {
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');
}

/** The code without its comments, so that prose is not mistaken for it. */
function codeOf(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

function circles(): string[] {
  const graph = new Map(
    sources.map((source) => [
      source.path,
      importsOf(source)
        .filter(({ target, typeOnly }) => target.startsWith('.') && !typeOnly)
        .map(({ target }) =>
          relative(ROOT, resolve(ROOT, dirname(source.path), target)).replaceAll('\\', '/'),
        ),
    ]),
  );
  const done = new Set<string>();
  const found: string[] = [];
  const walk = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) found.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
    if (done.has(path) || trail.includes(path)) return;
    for (const next of graph.get(path) ?? []) walk(next, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) walk(path, []);
  return found;
}
