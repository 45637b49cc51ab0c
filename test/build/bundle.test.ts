/** Tests of what is published: nothing left to resolve, exactly one package, and what it says of itself. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { Ajv } from 'ajv';
import { buildInto } from '../../scripts/build.ts';
import { projectRoot } from '../support/corpus.ts';
import { ownNpm, type RunResult, run } from '../support/managers.ts';
import { aTempDirectory } from '../support/temp.ts';

const packed = aTempDirectory('package');
const dist = join(packed, 'dist');
/** Files beside `dist/` that are published. */
const PUBLISHED = /^([A-Z]+(\.md)?|package\.json|schema\.json)$/;

before(async () => {
  await buildInto(dist);
  for (const name of readdirSync(projectRoot).filter((file) => PUBLISHED.test(file))) {
    cpSync(join(projectRoot, name), join(packed, name));
  }
});

describe('the bundles', () => {
  it("import nothing but Node's own modules and each other", () => {
    const foreign = scripts().flatMap((file) =>
      [
        ...textOf(file).matchAll(
          /^(?:import|export)[^'"]*?from "([^"]+)";|\bimport\("([^"]+)"\)|\b__require\("([^"]+)"\)/gm,
        ),
      ]
        .map(([, ...targets]) => targets.find((target) => target !== undefined) ?? '')
        .filter(
          (target) => !target.startsWith('node:') && !target.startsWith('./') && !target.startsWith('../'),
        )
        .map((target) => `${file}: ${target}`),
    );
    assert.deepEqual(foreign, []);
  });

  it('load nothing by a computed name, but the version npm states of itself', () => {
    const computed = scripts().flatMap((file) =>
      textOf(file)
        .split('\n')
        .map((line) => line.trim())
        .filter(
          (line) => /\b(?:__require|import|require)\((?!["'`)])/.test(line) && !/^(?:\*|\/\/)/.test(line),
        ),
    );
    const known =
      /^defaultsObject\["npm-version"\] = __require\(join\d*\(this\.npmPath, "package\.json"\)\)\.version;$/;
    assert.deepEqual(
      computed.filter((line) => !known.test(line)),
      [],
    );
  });

  it('hold no path of the machine they were built on', () => {
    const telling = scripts().filter((file) => textOf(file).includes(projectRoot));
    assert.deepEqual(telling, []);
  });

  it('hold no letter beyond Latin-1, for the sake of which every letter would take two bytes', () => {
    const wide = scripts().filter((file) => /[^\0-\xff]/.test(textOf(file)));
    assert.deepEqual(wide, []);
  });

  it('are readable: the gate keeps names and lines', () => {
    const lines = textOf('gate.mjs').split('\n');
    assert.ok(lines.length > 1000);
    assert.match(textOf('gate.mjs'), /async function preinstall\(host\)/);
    // esbuild writes above each module where it is from.
    const minified = scripts().filter((file) => /^\/\/ .*\.min\.[cm]?js$/m.test(textOf(file)));
    assert.deepEqual(minified, []);
  });
});

describe('the gate', () => {
  it('loads nothing that speaks over a network before it has a reason to ask somebody', async () => {
    const project = aTempDirectory('project');
    const told = join(project, 'loaded.json');
    const hook = join(project, 'hook.cjs');
    writeFileSync(
      hook,
      `process.on('exit', () => require('fs').writeFileSync(${JSON.stringify(told)}, JSON.stringify(process.moduleLoadList)));`,
    );
    const { code } = await start(
      process.execPath,
      ['--require', hook, join(dist, 'gate.mjs'), 'preinstall'],
      project,
    );
    assert.equal(code, 2);
    const loaded = new Set<string>(JSON.parse(readFileSync(told, 'utf8')));
    assert.ok(loaded.has('NativeModule crypto'));
    const early = ['http', 'https', 'http2', 'tls', 'dns', 'assert'].filter((name) =>
      loaded.has(`NativeModule ${name}`),
    );
    assert.deepEqual(early, []);
  });

  it('is one file that runs with nothing beside it', async () => {
    const project = aTempDirectory('project');
    cpSync(join(dist, 'gate.mjs'), join(project, 'gate.mjs'));
    writeFileSync(join(project, 'package.json'), '{"name":"project","version":"1.0.0"}');
    const { code, stdout, stderr } = await start(
      process.execPath,
      [join(project, 'gate.mjs'), 'preinstall'],
      project,
    );
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /\[LOCKFILE_MISSING\]/);
  });

  it('is small enough to be read before every install', () => {
    const size = textOf('gate.mjs').length;
    assert.ok(size < 1_900_000, `${size} characters are read before the gate can say anything`);
  });

  it('prints nothing of a policy it reads, whatever the environment asks of its libraries', async () => {
    const project = aTempDirectory('project');
    writeFileSync(join(project, 'package.json'), '{"name":"project","version":"1.0.0"}');
    writeFileSync(join(project, '.npmsignrc'), 'extends: observe\n');
    const bare = '{"name":"project","version":"1.0.0","lockfileVersion":3,"packages":{"":{}}}';
    writeFileSync(join(project, 'package-lock.json'), bare);
    const { code, stdout } = await run(process.execPath, [join(dist, 'gate.mjs'), 'preinstall'], {
      cwd: project,
      env: { HOME: project, USERPROFILE: project, CI: '1', LOG_TOKENS: '1', LOG_STREAM: '1' },
    });
    assert.deepEqual([code, stdout], [0, '']);
  });

  it('knows the workspaces of a folder above, whose configuration counts there', async () => {
    const root = aTempDirectory('root');
    const inside = join(root, 'packages/inside');
    mkdirSync(inside, { recursive: true });
    writeFileSync(join(root, 'package.json'), '{"name":"root","workspaces":["packages/*"]}');
    writeFileSync(join(root, '.npmrc'), 'registry=not-a-registry\n');
    const flags = ['--offline', '--lockfile', 'package-lock.json'];
    const bare = '{"name":"inside","version":"1.0.0","lockfileVersion":3,"packages":{"":{}}}';
    for (const [name, text] of [
      ['package.json', '{"name":"inside"}'],
      ['package-lock.json', bare],
    ] as const)
      writeFileSync(join(inside, name), text);
    const member = await start(process.execPath, [join(dist, 'bin.mjs'), 'verify', ...flags], inside);
    assert.match(member.stderr, /not-a-registry/);
    writeFileSync(join(root, 'package.json'), '{"name":"root","workspaces":["other/*"]}');
    const stranger = await start(process.execPath, [join(dist, 'bin.mjs'), 'verify', ...flags], inside);
    assert.equal(stranger.code, 0, stranger.stderr);
  });

  it('refuses to be called as something else, its own second thread among that', async () => {
    for (const args of [[], ['verify'], ['prover']]) {
      const { code, stdout, stderr } = await start(process.execPath, [join(dist, 'gate.mjs'), ...args]);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, /One of: preinstall, dependencies\./);
    }
  });
});

describe('the program of the thread that proves', () => {
  it('does nothing by itself, and says so', async () => {
    const { code, stdout, stderr } = await start(process.execPath, [join(dist, 'prover.mjs')]);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /^npmsign: this is a part of npmsign, and not a program to run by itself\.\n$/);
  });
});

describe('the hook for postpack', () => {
  it('is one file where there is nothing to sign, and says so without what signs', async () => {
    const alone = aTempDirectory('postpack');
    cpSync(join(dist, 'postpack.mjs'), join(alone, 'postpack.mjs'));
    const packs = (env: Readonly<Record<string, string>>, ...args: readonly string[]) =>
      run(process.execPath, [join(alone, 'postpack.mjs'), ...args], {
        cwd: alone,
        env: { npm_lifecycle_event: 'postpack', ...env },
      });
    for (const [env, why] of [
      [{ npm_config_dry_run: 'true' }, 'this is a dry run'],
      [{ NPMSIGN_SIGNS_LATER: '1' }, 'the packed tarball is signed afterwards'],
    ] as const) {
      const { code, stdout, stderr } = await packs(env);
      assert.deepEqual([code, stdout, stderr], [0, '', `npmsign: nothing signed: ${why}\n`]);
    }
    // With something to sign, or an argument to understand, what signs is asked for: without it nothing is silently left unsigned.
    assert.equal((await packs({})).code, 70);
    assert.equal((await packs({ npm_config_dry_run: 'true' }, '--quiet')).code, 70);
  });
});

describe('the plugin for Verdaccio', () => {
  it('is a function, to whoever asks for it by the name of its folder, of its file, or of the package', () => {
    const require = createRequire(import.meta.url);
    const byFolder = require(join(dist, 'verdaccio-npmsign'));
    assert.equal(typeof byFolder, 'function');
    assert.equal(require(join(dist, 'verdaccio.cjs')), byFolder);
    assert.equal(createRequire(join(packed, 'dist/index.mjs'))('npmsign/verdaccio'), byFolder);
  });
});

describe('the executable', () => {
  const version = String(JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')).version);

  it('starts, and knows its version', async () => {
    const result = await start(process.execPath, [join(dist, 'bin.mjs'), '--version']);
    assert.deepEqual(result, { code: 0, stdout: `${version}\n`, stderr: '' });
    assert.match(textOf('bin.mjs'), /^#!\/usr\/bin\/env node\n/);
  });

  it('loads every command', async () => {
    for (const command of ['verify', 'verify-bundle', 'explain']) {
      const { code, stderr } = await start(process.execPath, [join(dist, 'bin.mjs'), command, '--help']);
      assert.deepEqual([code, stderr], [0, '']);
    }
  });

  it('starts on the oldest Node it promises', async (t) => {
    const node = process.env['NPMSIGN_OLDEST_NODE'];
    if (node === undefined) return t.skip('no Node 20.17 here: set NPMSIGN_OLDEST_NODE to its path');
    for (const command of ['verify', 'verify-bundle', 'explain']) {
      const { code, stderr } = await start(node, [join(dist, 'bin.mjs'), command, '--help']);
      assert.deepEqual([code, stderr], [0, '']);
    }
    const { code } = await start(node, [join(dist, 'gate.mjs'), 'preinstall']);
    assert.equal(code, 2);
  });

  it('loads neither library nor spinner to print its version', () => {
    const first = [...textOf('bin.mjs').matchAll(/^import\b[^"]*"(\.[^"]+)";/gm)].map(
      ([, file]) => file ?? '',
    );
    const size = ['bin.mjs', ...first].reduce((sum, file) => sum + textOf(file).length, 0);
    assert.ok(size < 60_000, `${size} characters are read before the first flag`);
  });
});

describe('the package', () => {
  it('holds what it should and nothing else', async () => {
    const { code, stdout } = await ownNpm().run(['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: packed,
    });
    assert.equal(code, 0);
    const files = filesIn(JSON.parse(stdout));
    const expected = [
      'package.json',
      'README.md',
      'LICENSE',
      'schema.json',
      'dist/bin.mjs',
      'dist/index.mjs',
      'dist/postpack.mjs',
      'dist/signing.mjs',
      'dist/gate.mjs',
      'dist/verdaccio.cjs',
      'dist/verdaccio-npmsign/package.json',
    ];
    const beside = [
      'dist/sbom.cdx.json',
      'dist/THIRD-PARTY-LICENSES.txt',
      'dist/schema.json',
      'dist/types/lib/index.d.ts',
    ];
    assert.deepEqual(
      [...expected, ...beside].filter((file) => !files.includes(file)),
      [],
    );
    const allowed = /^dist\/(chunks\/|types\/|verdaccio-npmsign\/|[\w.-]+$)/;
    assert.deepEqual(
      files.filter((file) => !allowed.test(file) && !PUBLISHED.test(file)),
      [],
    );
  });

  it('depends on nothing', () => {
    const manifest = JSON.parse(readFileSync(join(packed, 'package.json'), 'utf8'));
    const kinds = ['dependencies', 'optionalDependencies', 'peerDependencies', 'bundleDependencies'];
    assert.deepEqual(
      kinds.filter((kind) => kind in manifest),
      [],
    );
    const scripts = ['preinstall', 'install', 'postinstall', 'prepare'];
    assert.deepEqual(
      scripts.filter((name) => name in manifest.scripts),
      [],
    );
  });

  it('declares types that a project without our libraries can use', async () => {
    const project = aTempDirectory('consumer');
    cpSync(packed, join(project, 'node_modules/npmsign'), { recursive: true });
    cpSync(join(projectRoot, 'node_modules/@types/node'), join(project, 'node_modules/@types/node'), {
      recursive: true,
    });
    cpSync(join(projectRoot, 'node_modules/undici-types'), join(project, 'node_modules/undici-types'), {
      recursive: true,
    });
    const use = `import { verify, type Host, type Report } from 'npmsign';
      export const effect = async (host: Host): Promise<Report['effect']> => (await verify(host)).effect;`;
    writeFileSync(join(project, 'use.mts'), use);
    const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--types', 'node'];
    const compiler = join(createRequire(import.meta.url).resolve('typescript/package.json'), '../bin/tsc');
    const result = await start(process.execPath, [compiler, ...flags, 'use.mts'], project);
    assert.deepEqual(result, { code: 0, stdout: '', stderr: '' });
  });
});

describe('the bill of materials', () => {
  const bom = () => JSON.parse(textOf('sbom.cdx.json'));

  it('is valid CycloneDX 1.6', () => {
    const schemas = createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-library/package.json');
    const read = (name: string) => JSON.parse(readFileSync(join(schemas, '../res/schema', name), 'utf8'));
    const ajv = new Ajv({ strict: false, validateFormats: false });
    for (const name of ['spdx.SNAPSHOT.schema.json', 'jsf-0.82.SNAPSHOT.schema.json']) {
      ajv.addSchema(read(name), `http://cyclonedx.org/schema/${name}`);
    }
    const validate = ajv.compile(read('bom-1.6.SNAPSHOT.schema.json'));
    assert.equal(validate(bom()), true, JSON.stringify(validate.errors));
    assert.equal(validate({ ...bom(), specVersion: 1.6 }), false);
  });

  it('names the packages that are inside, and none that are not', () => {
    const names = bom().components.map(({ group, name }: Record<string, string>) =>
      group ? `${group}/${name}` : name,
    );
    for (const name of ['semver', 'minimatch', 'cosmiconfig', '@npmcli/config', 'tuf-js', 'ora', 'chalk']) {
      assert.ok(names.includes(name), `${name} is missing`);
    }
    for (const name of ['typescript', 'esbuild', 'tsx', 'ajv'])
      assert.ok(!names.includes(name), `${name} is there`);
  });

  it('names the same packages as the licences', () => {
    const licences = textOf('THIRD-PARTY-LICENSES.txt');
    for (const { purl } of bom().components) {
      const [, name, version] = /^pkg:npm\/(.+)@([^@]+)$/.exec(decodeURIComponent(purl)) ?? [];
      assert.ok(licences.includes(`${name} ${version}\nLicense: `), `${purl} has no licence`);
    }
  });
});

function scripts(): readonly string[] {
  return readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.mjs'));
}

function textOf(file: string): string {
  return readFileSync(join(dist, file), 'utf8');
}

/** npm 12 prints an object keyed by name where its forerunners print a list. */
function filesIn(printed: unknown): readonly string[] {
  const [first] = Object.values(Object(printed));
  return Object(first).files.map(({ path }: { readonly path: string }) => path);
}

function start(node: string, args: readonly string[], cwd = aTempDirectory('nowhere')): Promise<RunResult> {
  return run(node, args, { cwd, env: { PATH: process.env['PATH'] ?? '', HOME: cwd, USERPROFILE: cwd } });
}
