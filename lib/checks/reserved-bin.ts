/** Does the package install a command named like a tool the gate relies on? */
import type { Answer } from '../model/report.ts';
import { defineCheck, fail, pass, type Subject, skip, unknown } from './define.ts';
import { isOwnCode, listed, ownCodeReason, quoted } from './words.ts';

/** Commands that the gate, npm, install scripts and npm's own command wrappers call by name. */
const RESERVED: ReadonlySet<string> = new Set([
  ...['node', 'nodejs', 'npm', 'npx', 'corepack', 'pnpm', 'pnpx', 'yarn', 'yarnpkg', 'bun', 'bunx', 'deno'],
  ...[
    'sh',
    'bash',
    'zsh',
    'dash',
    'ash',
    'ksh',
    'fish',
    'busybox',
    'cmd',
    'powershell',
    'pwsh',
    'wscript',
    'cscript',
  ],
  ...[
    'npmsign',
    'git',
    'ssh',
    'env',
    'node-gyp',
    'python',
    'python2',
    'python3',
    'make',
    'cmake',
    'cc',
    'gcc',
    'g++',
  ],
  // npm's wrappers for Windows shells (cmd-shim) call these before the command itself.
  ...['sed', 'dirname', 'basename', 'uname', 'cygpath', 'readlink'],
]);

/** Tools that are published under their own name: there, the command is the tool itself. */
const OWNERS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['node', new Set(['node'])],
  ['npm', new Set(['npm', 'npx'])],
  ['corepack', new Set(['corepack', 'pnpm', 'pnpx', 'yarn', 'yarnpkg', 'npm', 'npx'])],
  ['pnpm', new Set(['pnpm', 'pnpx'])],
  ['@pnpm/exe', new Set(['pnpm', 'pnpx'])],
  ['yarn', new Set(['yarn', 'yarnpkg'])],
  ['@yarnpkg/cli-dist', new Set(['yarn', 'yarnpkg'])],
  ['bun', new Set(['bun', 'bunx'])],
  ['deno', new Set(['deno'])],
  ['node-gyp', new Set(['node-gyp'])],
  ['npmsign', new Set(['npmsign'])],
]);

/** Stands for commands whose names cannot be known without opening the tarball. */
const UNNAMED = '*';

/** Is none of its commands named like a tool the gate relies on? */
export const reservedBin = defineCheck({
  id: 'reserved-bin',
  question:
    'Does it install a command named like a tool the gate relies on (node, npm, npx, sh, git, npmsign …)?',
  about:
    'Commands of dependencies come first on the PATH of every script, so a dependency with a command named node is asked ' +
    'whether it may be installed. Case and Windows suffixes do not count. Nested packages are judged like others, because ' +
    'install scripts beside them find their commands. Well-known tools may ship their own commands from a registry (npm: npm, ' +
    'npx) unless `names` lists them. Commands of a bundled package are seen only by the package around it.',
  restsOn: 'tree',
  ask(subject, { names }) {
    const { key, id, source } = subject.package;
    if (isOwnCode(source)) return skip(ownCodeReason(source));
    if (source.kind === 'bundled' && source.inside !== '' && key.startsWith(`${source.inside}/`)) {
      return pass(`its commands are seen only inside ${quoted(source.inside)}, whose tarball it is part of`);
    }
    const bins = binsOf(subject);
    const extra = new Set(names.map(commandOf));
    const owned = source.kind === 'registry' ? OWNERS.get(id.name) : undefined;
    const found = bins.filter((bin) => {
      const command = commandOf(bin);
      return extra.has(command) || (RESERVED.has(command) && owned?.has(command) !== true);
    });
    return found.length > 0
      ? fail(
          `installs the reserved command ${listed(found)}`,
          'Remove it, or exempt it with a reason and a date.',
        )
      : answerFor(subject, bins);
  },
});

function binsOf({ package: { bins }, evidence: { manifest } }: Subject): readonly string[] {
  return [...new Set([...(bins ?? []), ...(manifest.status === 'told' ? manifest.value.bins : [])])];
}

function answerFor({ package: pkg, evidence: { manifest } }: Subject, bins: readonly string[]): Answer {
  if (bins.includes(UNNAMED)) return unknown('installs a whole folder of commands, whose names nobody lists');
  if (pkg.source.kind === 'registry' && manifest.status !== 'told') {
    return manifest.status === 'absent'
      ? fail(manifest.reason ?? 'the registry has no such version')
      : unknown(manifest.reason);
  }
  if (pkg.bins === undefined && manifest.status !== 'told') {
    return unknown('neither lockfile nor registry says which commands it installs');
  }
  return pass(bins.length === 0 ? 'installs no command' : `installs ${listed(bins)}`);
}

/**
 * The name a shell would find a command by. npm takes the last part of a name after slash, backslash and colon
 * (npm-normalize-package-bin); Windows finds a command without case and suffix, and drops dots and spaces at the end.
 */
function commandOf(bin: string): string {
  const last = bin.split(/[\\/:]/).findLast((part) => part !== '') ?? '';
  return last
    .toLowerCase()
    .replace(/[. ]+$/, '')
    .replace(/\.(?:cmd|exe|bat|com|ps1|sh|js|cjs|mjs|vbs)$/, '');
}
