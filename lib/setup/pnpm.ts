/** What a project of pnpm gets: a hook in its pnpmfile, and the pnpmfile's checksum in its lockfile. */
import { createHash } from 'node:crypto';
import type { Draft } from './draft.ts';
import { lineEndOf } from './lines.ts';

const PNPMFILE = '.pnpmfile.cjs';
const LOCKFILE = 'pnpm-lock.yaml';

/** Lines at the end of the pnpmfile: hooks the project has of its own stay, and run after the gate. */
const HOOKS = [
  '// npmsign: judges pnpm-lock.yaml before anything is fetched. Written by npmsign init; npmsign init --remove takes these lines out.',
  'module.exports = ((own) => {',
  "  const gate = () => import('./.npmsign/gate.mjs?hook');",
  '  const preResolution = async (context, logger) => {',
  '    await (await gate()).pnpm.preResolution(context);',
  '    return own.hooks?.preResolution?.(context, logger);',
  '  };',
  '  const readPackage = async (manifest, context) => {',
  '    await (await gate()).pnpm.readPackage(manifest);',
  '    return own.hooks?.readPackage ? own.hooks.readPackage(manifest, context) : manifest;',
  '  };',
  "  const { argv } = require('node:process');",
  "  const rebuilds = argv.slice(2).some((word) => ['rebuild', 'rb', 'approve-builds'].includes(word));",
  '  const updateConfig = async (config) => {',
  '    if (rebuilds) await (await gate()).pnpm.rebuild(__dirname);',
  '    if (config.configDependencies) (await gate()).pnpm.configured(config.userAgent);',
  '    return own.hooks?.updateConfig ? own.hooks.updateConfig(config) : config;',
  '  };',
  '  const canFetch = async (id, resolution) => (await gate()).pnpm.canFetch(__dirname, id, resolution);',
  '  const fetchers = [{ canFetch, fetch: canFetch }, ...(own.fetchers ?? [])];',
  '  return { ...own, hooks: { ...own.hooks, updateConfig, preResolution, readPackage }, fetchers };',
  '})(module.exports);',
];

/** The row of SPEC 5 for pnpm 10, 11 and 12. */
export function setUpPnpm(draft: Draft): void {
  const because = otherPnpmfile(draft);
  if (because !== undefined) {
    draft.byHand(`${because}: add to it what ${PNPMFILE} would hold:\n${HOOKS.join('\n')}`);
    return;
  }
  const existing = draft.textOf(PNPMFILE) ?? '';
  if (!existing.replaceAll('\r\n', '\n').includes(HOOKS.join('\n'))) draft.append(PNPMFILE, HOOKS);
  pinPnpmfile(draft);
  draft.gate(
    'pnpm install, add and update: the hook preResolution stops them before anything is fetched, and what the lockfile does not hold is refused.',
  );
  draft.gate('pnpm rebuild and approve-builds: the hook updateConfig stops them before a script runs.');
  draft.note(
    'pnpm add and update are refused what pnpm-lock.yaml does not hold yet: npmsign install <package> resolves, judges, then installs.',
  );
}

/** Another file than .pnpmfile.cjs counts: one of the newer kind, or one that a setting names. */
function otherPnpmfile(draft: Draft): string | undefined {
  if (draft.textOf('.pnpmfile.mjs') !== undefined) return '.pnpmfile.mjs takes the place of .pnpmfile.cjs';
  if (/^pnpmfile\s*:/m.test(draft.textOf('pnpm-workspace.yaml') ?? ''))
    return 'pnpm-workspace.yaml names a pnpmfile';
  if (/^\s*pnpmfile\s*=/m.test(draft.textOf('.npmrc') ?? '')) return '.npmrc names a pnpmfile';
  return undefined;
}

/** Keys of pnpm-lock.yaml that pnpm writes behind the checksum. */
const BEHIND = /^(?:ignoredOptionalDependencies|patchedDependencies|importers|packages|snapshots):/m;

/** A frozen install compares the pnpmfile with the lockfile: the lockfile names the new one, as pnpm itself would write it. */
function pinPnpmfile(draft: Draft): void {
  const lockfile = draft.textOf(LOCKFILE);
  if (lockfile === undefined) return;
  const text = (draft.textOf(PNPMFILE) ?? '').replaceAll('\r\n', '\n');
  const line = `pnpmfileChecksum: sha256-${createHash('sha256').update(text).digest('base64')}`;
  const known = /^pnpmfileChecksum:[^\r\n]*/m.exec(lockfile);
  if (known?.[0] === line) return;
  if (known !== null) {
    draft.insert(LOCKFILE, { offset: known.index, was: known[0] }, line);
    return;
  }
  const end = lineEndOf(lockfile);
  const offset = BEHIND.exec(lockfile)?.index ?? lockfile.length;
  draft.insert(LOCKFILE, { offset }, `${line}${end}${end}`);
}
