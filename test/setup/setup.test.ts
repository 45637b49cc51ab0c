/** What `init` writes and takes back, on files of every flavour. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { Exemption } from '../../lib/model/policy.ts';
import type { SetupManager } from '../../lib/model/setup.ts';
import { planRemoval, planSetup, type SetupRequest, writeChanges } from '../../lib/setup/index.ts';
import { gateCall, gatedScript } from '../../lib/setup/scripts.ts';
import { aTempDirectory } from '../support/temp.ts';

type Files = Readonly<Record<string, string>>;

const GATE = '// npmsign gate 1.0.0\nconsole.log("gate");\n';
const EXEMPTION: Exemption = {
  package: 'old@1.0.0',
  checks: ['install-script', 'minimum-age'],
  reason: 'present when npmsign was adopted',
  expires: '2027-02-20',
};

const NPM_12: SetupManager = { kind: 'npm', version: '12.2.0' };
const NPM_11: SetupManager = { kind: 'npm', version: '11.19.1' };
const PNPM: SetupManager = { kind: 'pnpm', version: '11.28.11' };
const YARN_1: SetupManager = { kind: 'yarn-classic', version: '1.22.22' };
const YARN_4: SetupManager = { kind: 'yarn-berry', version: '4.18.1' };
const BUN: SetupManager = { kind: 'bun', version: '1.4.5' };

const PLAIN = '{\n  "name": "project",\n  "version": "1.0.0"\n}\n';

/** Files as people have them. Every one must come back to the byte. */
const FLAVOURS: readonly (readonly [string, SetupManager, Files])[] = [
  ['npm 12 and the plainest project', NPM_12, { 'package.json': PLAIN }],
  ['no newline at the end', NPM_12, { 'package.json': PLAIN.trimEnd() }],
  ['tabs', NPM_12, { 'package.json': '{\n\t"name": "project",\n\t"scripts": {\n\t\t"test": "x"\n\t}\n}\n' }],
  ['four spaces', NPM_12, { 'package.json': '{\n    "scripts": {},\n    "name": "project"\n}\n' }],
  ['one line', NPM_12, { 'package.json': '{"name":"project","scripts":{"test":"x"}}' }],
  [
    'Windows line ends and a byte order mark',
    NPM_12,
    { 'package.json': `\ufeff${PLAIN.replaceAll('\n', '\r\n')}` },
  ],
  ['npm 11 with settings and comments', NPM_11, { 'package.json': PLAIN, '.npmrc': '# mine\nfund=false' }],
  ['npm 11 with a section in .npmrc', NPM_11, { 'package.json': PLAIN, '.npmrc': 'a=1\r\n[x]\r\nb=2\r\n' }],
  [
    'npm 11 that said no to it',
    NPM_11,
    { 'package.json': PLAIN, '.npmrc': 'strict-allow-scripts=false\nfund=false\n' },
  ],
  ['a policy in YAML', NPM_12, { 'package.json': PLAIN, '.npmsignrc': '# why\nextends: strict   # so\n' }],
  [
    'a policy with exemptions',
    NPM_12,
    {
      'package.json': PLAIN,
      '.npmsignrc.yml': 'exemptions:\n- package: "a"   # first\n  checks: [provenance]\n\nextends: strict\n',
    },
  ],
  ['a policy in JSON', NPM_12, { 'package.json': PLAIN, '.npmsignrc.json': '{ "extends": "strict" }\n' }],
  [
    'pnpm',
    PNPM,
    { 'package.json': PLAIN, 'pnpm-lock.yaml': "lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n" },
  ],
  [
    'pnpm with hooks of its own',
    PNPM,
    {
      'package.json': PLAIN,
      '.pnpmfile.cjs': 'module.exports = { hooks: {} }; // mine',
      'pnpm-lock.yaml': "lockfileVersion: '9.0'\n\npnpmfileChecksum: sha256-old=\n\nimporters:\n\n  .: {}\n",
    },
  ],
  ['yarn 1', YARN_1, { 'package.json': PLAIN, 'yarn.lock': '' }],
  ['yarn 4 without settings', YARN_4, { 'package.json': PLAIN }],
  [
    'yarn 4 with settings',
    YARN_4,
    { 'package.json': PLAIN, '.yarnrc.yml': '# mine\nnodeLinker: node-modules' },
  ],
  [
    'yarn 4 with plugins',
    YARN_4,
    {
      'package.json': PLAIN,
      '.yarnrc.yml': 'plugins:\n    - path: a.cjs\n      spec: a # why\n\n# end\nyarnPath: x\n',
    },
  ],
  ['bun without settings', BUN, { 'package.json': PLAIN }],
  ['bun with settings', BUN, { 'package.json': PLAIN, 'bunfig.toml': '# mine\n[install]\nexact = true' }],
  [
    'bun with a table of its own',
    BUN,
    { 'package.json': PLAIN, 'bunfig.toml': '[install.security] # x\n\n[test]\na = 1\n' },
  ],
];

describe('init', () => {
  for (const [name, manager, files] of FLAVOURS) {
    it(`writes once, and takes it back to the byte: ${name}`, async () => {
      const project = aProjectOf(files);
      const policy = ['.npmsignrc', '.npmsignrc.yml', '.npmsignrc.json'].find((file) => file in files);
      const request = aRequest({
        project,
        manager,
        exemptions: [EXEMPTION],
        ...(policy && { policy: { file: policy } }),
      });
      const plan = await planSetup(request);
      assert.deepEqual(plan.byHand, []);
      await writeChanges(project, plan.changes);
      for (const [file, text] of Object.entries(files)) keepsLines(text, textsOf(project)[file] ?? '', file);

      const again = await planSetup(
        aRequest({ ...request, exemptions: [], policy: { file: policy ?? '.npmsignrc' } }),
      );
      assert.deepEqual(again.changes, []);

      const removal = await planRemoval(project);
      assert.deepEqual(removal.notes, []);
      await writeChanges(project, removal.changes);
      assert.deepEqual(textsOf(project), files);
    });
  }

  it('takes back only what it wrote when others have edited the same files since', async () => {
    const project = aProjectOf({
      'package.json': '{\n  "scripts": {\n    "preinstall": "echo mine"\n  }\n}\n',
      '.npmrc': 'fund=false\n',
    });
    const scripts = { kind: 'pinned', specs: ['old@1.0.0'] } as const;
    const plan = await planSetup(aRequest({ project, manager: NPM_11, scripts }));
    await writeChanges(project, plan.changes);
    edit(project, 'package.json', (text) => text.replace('{\n', '{\n  "private": true,\n'));
    edit(project, '.npmrc', (text) => `${text}audit=false\n`);
    edit(project, '.npmsignrc', (text) => text.replace('recommended', 'strict'));

    const removal = await planRemoval(project);
    await writeChanges(project, removal.changes);
    const { '.npmsignrc': policy, ...rest } = textsOf(project);
    assert.deepEqual(rest, {
      'package.json': '{\n  "private": true,\n  "scripts": {\n    "preinstall": "echo mine"\n  }\n}\n',
      '.npmrc': 'fund=false\naudit=false\n',
    });
    assert.match(policy ?? '', /extends: strict/);
    assert.match(removal.notes.join(), /\.npmsignrc was changed since npmsign wrote it/);
  });

  it('leaves a script alone that somebody has written anew', async () => {
    const project = aProjectOf({ 'package.json': PLAIN });
    await writeChanges(project, (await planSetup(aRequest({ project }))).changes);
    edit(project, 'package.json', (text) => text.replace(/"preinstall": ".*"/, '"preinstall": "echo new"'));
    const removal = await planRemoval(project);
    await writeChanges(project, removal.changes);
    assert.deepEqual(JSON.parse(textsOf(project)['package.json'] ?? '').scripts, { preinstall: 'echo new' });
    assert.match(removal.notes.join(), /scripts\.preinstall is left as it is/);
  });

  it('replaces a vendored gate of another version only when it is asked to', async () => {
    const other = '// npmsign gate 0.9.0\n';
    const project = aProjectOf({ 'package.json': PLAIN, '.npmsign/gate.mjs': other });
    const kept = await planSetup(aRequest({ project }));
    assert.ok(!kept.changes.some(({ file }) => file === '.npmsign/gate.mjs'));
    assert.match(kept.notes.join(), /--vendor replaces it/);
    const replaced = await planSetup(aRequest({ project, vendor: 'replace' }));
    assert.equal(replaced.changes.find(({ file }) => file === '.npmsign/gate.mjs')?.after, GATE);
  });

  it('writes nothing when a file is no longer what the plan was made for', async () => {
    const project = aProjectOf({ 'package.json': PLAIN });
    const plan = await planSetup(aRequest({ project }));
    edit(project, 'package.json', (text) => `${text}\n`);
    await assert.rejects(writeChanges(project, plan.changes), { code: 'SETUP_CHANGED' });
    assert.deepEqual(textsOf(project), { 'package.json': `${PLAIN}\n` });
  });

  it('keeps the permissions of a file, and writes through no link', {
    skip: process.platform === 'win32',
  }, async () => {
    const project = aProjectOf({ 'package.json': PLAIN });
    chmodSync(path.join(project, 'package.json'), 0o600);
    await writeChanges(project, (await planSetup(aRequest({ project }))).changes);
    assert.equal(statSync(path.join(project, 'package.json')).mode & 0o777, 0o600);

    const linked = aProjectOf({});
    symlinkSync(path.join(project, 'package.json'), path.join(linked, 'package.json'));
    await assert.rejects(planSetup(aRequest({ project: linked })), { code: 'SETUP_UNREADABLE' });
  });

  for (const [name, record] of [
    ['a file that init never writes', { file: 'src/index.js' }],
    ['a file outside the project', { file: '../package.json' }],
    ["a file of the project's own as its own", { file: 'package.json', kind: 'ours' }],
  ] as const) {
    it(`does not act on a record that names ${name}`, async () => {
      const exact = { sha256: '', at: 0, length: 0, was: '' };
      const edits = [{ kind: 'made', exact, undo: [], ...record }];
      const project = aProjectOf({
        'package.json': PLAIN,
        '.npmsign/init.json': JSON.stringify({ npmsign: 1, edits }),
      });
      await assert.rejects(planRemoval(project), { code: 'SETUP_UNREADABLE' });
    });
  }
});

describe('what init leaves to a person', () => {
  const cases: readonly (readonly [string, SetupManager, Files, RegExp])[] = [
    [
      'a script with a comment',
      NPM_12,
      { 'package.json': '{"scripts":{"preinstall":"a # b"}}' },
      /scripts\.preinstall/,
    ],
    ['a pnpmfile in the newer form', PNPM, { 'package.json': PLAIN, '.pnpmfile.mjs': '' }, /\.pnpmfile\.mjs/],
    [
      'a pnpmfile of another name',
      PNPM,
      { 'package.json': PLAIN, 'pnpm-workspace.yaml': 'pnpmfile: a.cjs\n' },
      /names a pnpmfile/,
    ],
    [
      'plugins in brackets',
      YARN_4,
      { 'package.json': PLAIN, '.yarnrc.yml': 'plugins: [a]\n' },
      /add \{ path/,
    ],
    [
      'another scanner',
      BUN,
      { 'package.json': PLAIN, 'bunfig.toml': '[install.security]\nscanner = "x"\n' },
      /only one/,
    ],
    [
      'a dotted scanner',
      BUN,
      { 'package.json': PLAIN, 'bunfig.toml': '[install]\nsecurity.scanner = "x"\n' },
      /not edited here/,
    ],
  ];
  for (const [name, manager, files, told] of cases) {
    it(`is ${name}, and it is told`, async () => {
      const project = aProjectOf(files);
      const { byHand, changes } = await planSetup(aRequest({ project, manager }));
      assert.match(byHand.join('\n'), told);
      for (const [file, text] of Object.entries(files)) {
        const after = changes.find((change) => change.file === file)?.after ?? text;
        keepsLines(text, after, file);
      }
    });
  }
});

describe('the gate before a script of the project', () => {
  const cases = [
    ['echo mine', ' && echo mine # || '],
    ['a || b', ' && (a || b) && exit 0 # || '],
    ['a && b', ' && a && b # || '],
    ['a; b', ' && (a; b) && exit 0 # || '],
  ] as const;
  for (const [script, chained] of cases) {
    it(`keeps ${script}, which runs only when the gate opens`, async () => {
      const project = aProjectOf({ 'package.json': JSON.stringify({ scripts: { preinstall: script } }) });
      await writeChanges(project, (await planSetup(aRequest({ project }))).changes);
      const { preinstall } = JSON.parse(textsOf(project)['package.json'] ?? '').scripts;
      assert.ok(preinstall.startsWith(gateCall('preinstall').sh), preinstall);
      assert.ok(preinstall.includes(chained), preinstall);
    });
  }

  for (const script of ['', 'echo mine', 'a || b', 'a && b', 'a | b & c']) {
    it(`reads in cmd as the gate, then ${script === '' ? 'nothing' : script}`, () => {
      const gated = gatedScript('preinstall', script);
      assert.ok(gated.kind === 'gated');
      const gate = 'node .npmsign/gate.mjs preinstall';
      const own = /[|&]/.test(script.replaceAll('&&', '')) ? [`(${script})`] : script.split(' && ');
      const expected = script === '' ? [gate] : [gate, ...own];
      assert.deepEqual(asCmdRuns(gated.script, 'opens'), expected);
      assert.deepEqual(asCmdRuns(gated.script, 'refuses'), [gate]);
    });
  }

  it('is recognised in the spelling of earlier versions', async () => {
    const scripts = {
      preinstall: '"$npm_node_execpath" .npmsign/gate.mjs preinstall',
      dependencies: '"$npm_node_execpath" .npmsign/gate.mjs dependencies && echo mine',
    };
    const project = aProjectOf({ 'package.json': JSON.stringify({ scripts }) });
    const { changes } = await planSetup(aRequest({ project }));
    assert.ok(!changes.some(({ file }) => file === 'package.json'));
  });

  it('is not recognised behind something else', async () => {
    const scripts = { preinstall: 'true || "$npm_node_execpath" .npmsign/gate.mjs preinstall' };
    const project = aProjectOf({ 'package.json': JSON.stringify({ scripts }) });
    const { changes } = await planSetup(aRequest({ project }));
    assert.ok(changes.some(({ file }) => file === 'package.json'));
  });
});

/**
 * The commands cmd would start of a line: `||` binds weaker than `&&`, brackets are one command with nothing but an operator behind them, and
 * a program whose name has a slash in it is not there.
 */
function asCmdRuns(line: string, gate: 'opens' | 'refuses'): readonly string[] {
  const started: string[] = [];
  const succeeds = (command: string): boolean => {
    const words = command.replace(/"%npm_node_execpath%"/g, 'node').trim();
    if (words.startsWith('('))
      assert.match(words, /\)$/, `cmd refuses what stands behind the bracket: ${words}`);
    if (/^"[^"]*\//.test(words)) return false;
    started.push(words);
    return !words.startsWith('node .npmsign/') || gate === 'opens';
  };
  const alternatives = splitOutside(line, '||').map((part) => splitOutside(part, '&&'));
  // All of the line is parsed before any of it runs.
  for (const command of alternatives.flat()) assert.doesNotMatch(command, /\)\s*[^\s)]/);
  alternatives.some((chain) => chain.every(succeeds));
  return started;
}

/** Splits at an operator, but not within brackets. */
function splitOutside(line: string, operator: string): readonly string[] {
  const parts: string[] = [''];
  let depth = 0;
  for (let at = 0; at < line.length; at++) {
    const char = line[at] ?? '';
    depth += char === '(' ? 1 : char === ')' ? -1 : 0;
    if (depth === 0 && line.startsWith(operator, at)) {
      parts.push('');
      at += operator.length - 1;
    } else parts.push(`${parts.pop()}${char}`);
  }
  return parts;
}

function aRequest(request: Partial<SetupRequest> & Pick<SetupRequest, 'project'>): SetupRequest {
  return {
    manager: NPM_12,
    gate: GATE,
    vendor: 'keep',
    npmExtension: false,
    exemptions: [],
    scripts: request.manager === NPM_11 ? { kind: 'pinned', specs: [] } : { kind: 'exempted' },
    ...request,
  };
}

function aProjectOf(files: Files): string {
  const project = aTempDirectory('setup');
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(project, file)), { recursive: true });
    writeFileSync(path.join(project, file), text);
  }
  return project;
}

function textsOf(project: string): Record<string, string> {
  const files = readdirSync(project, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files.map(({ name, parentPath }) => {
      const file = path.relative(project, path.join(parentPath, name)).replaceAll('\\', '/');
      return [file, readFileSync(path.join(project, file), 'utf8')];
    }),
  );
}

function edit(project: string, file: string, change: (text: string) => string): void {
  writeFileSync(path.join(project, file), change(readFileSync(path.join(project, file), 'utf8')));
}

/** Every line with a word in it is still there, in order, with the same line end; JSON may have gained a comma. */
function keepsLines(before: string, after: string, file: string): void {
  if (file === 'package.json' || file.endsWith('.json')) {
    const [was, is] = [before, after].map((text) => JSON.parse(text.replace(/^\ufeff/, '')));
    for (const key of Object.keys(was)) assert.ok(key in is, `${file} lost ${key}`);
    assert.equal(after.startsWith('\ufeff'), before.startsWith('\ufeff'));
    assert.equal(/(?<!\r)\n/.test(after), /(?<!\r)\n/.test(before) || !before.includes('\n'));
    return;
  }
  let from = 0;
  for (const line of before
    .split('\n')
    .filter((one) => /[\w#]/.test(one) && !/Checksum|strict-allow/.test(one))) {
    const at = after.indexOf(line, from);
    assert.notEqual(at, -1, `${file} lost the line ${line}`);
    from = at + line.length;
  }
}
