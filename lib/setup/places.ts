/** Every file of a project that `init` reads or writes. */

/** npmsign's own folder in a project. */
export const HOME = '.npmsign';
/** The gate that a project vendors. */
export const GATE = `${HOME}/gate.mjs`;
/** What `init` wrote. */
export const RECORD = `${HOME}/init.json`;

/** Files of npmsign's own, deleted when it is taken out again. */
const OWN = [GATE, RECORD, `${HOME}/yarn.cjs`, `${HOME}/bun.mjs`, `${HOME}/.gitattributes`];

/** Files of a package manager, which keep what else they hold. */
const OF_MANAGERS = [
  'package.json',
  '.npmrc',
  '.npm-extension.mjs',
  '.npm-extension.cjs',
  '.pnpmfile.cjs',
  '.pnpmfile.mjs',
  'pnpm-workspace.yaml',
  'pnpm-lock.yaml',
  '.yarnrc.yml',
  'bunfig.toml',
];

/** Where a policy can be, besides package.json (SPEC 3). */
const POLICIES = ['.npmsignrc', '.config/npmsignrc'].flatMap((stem) =>
  ['', '.json', '.yaml', '.yml'].map((extension) => stem + extension),
);

/** All of them. */
export const FILES: readonly string[] = [...OWN, ...OF_MANAGERS, ...POLICIES];

/** Is this one of the files `init` may write? */
export function isEditable(file: string): boolean {
  return FILES.includes(file);
}
