/** How each manager says the same: workspaces, overrides, catalogs and patches. */

/** Whose project it is: the managers word the same wishes differently. */
export type ProjectKind = 'npm' | 'pnpm8' | 'pnpm' | 'yarn1' | 'yarn3' | 'yarn4' | 'bun';

/** The manager's own words. */
export type Words = {
  /** What the manager can say instead of `^1.0.0`. */
  readonly catalog: string;
  readonly workspace: string;
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly dependencies: Readonly<Record<string, string>>;
  /** Further files of settings. */
  readonly settings: Readonly<Record<string, string>>;
};

const OVERRIDES = { old: 'npm:renewed@^2.0.0' };
const WORKSPACES = { workspaces: ['packages/*'] };
const PATCHES = { patchedDependencies: { 'patched@1.0.0': 'patches/patched@1.0.0.patch' } };
const BERRY = {
  workspace: 'workspace:*',
  manifest: { ...WORKSPACES, resolutions: OVERRIDES },
  dependencies: { linked: 'portal:../outside' },
};
const BERRY_PATCH = 'patch:patched@npm%3A1.0.0#';

/** Workspaces, overrides, catalogs and patches, in the manager's own words. npm 12 and yarn 1 have no patches. */
export const WORDS: { readonly [Kind in ProjectKind]: Words } = {
  npm: {
    catalog: '^1.0.0',
    workspace: '*',
    manifest: { ...WORKSPACES, overrides: OVERRIDES },
    dependencies: { linked: 'file:../outside' },
    settings: {},
  },
  pnpm8: {
    catalog: '^1.0.0',
    workspace: 'workspace:*',
    manifest: { pnpm: { overrides: OVERRIDES, ...PATCHES } },
    dependencies: {},
    settings: { 'pnpm-workspace.yaml': 'packages:\n  - packages/*\n' },
  },
  pnpm: {
    catalog: 'catalog:',
    workspace: 'workspace:*',
    manifest: {},
    dependencies: {},
    settings: {
      'pnpm-workspace.yaml':
        'packages:\n  - packages/*\ncatalog:\n  cataloged: ^1.0.0\noverrides:\n  old: npm:renewed@^2.0.0\n' +
        'patchedDependencies:\n  patched@1.0.0: patches/patched@1.0.0.patch\n',
    },
  },
  yarn1: {
    catalog: '^1.0.0',
    workspace: '0.2.0',
    manifest: { ...WORKSPACES, resolutions: OVERRIDES },
    dependencies: {},
    settings: {},
  },
  yarn3: {
    ...BERRY,
    catalog: '^1.0.0',
    dependencies: { ...BERRY.dependencies, patched: `${BERRY_PATCH}./patches/patched@1.0.0.patch` },
    settings: { '.yarnrc.yml': 'nodeLinker: node-modules\n' },
  },
  yarn4: {
    ...BERRY,
    catalog: 'catalog:',
    dependencies: { ...BERRY.dependencies, patched: `${BERRY_PATCH}~/patches/patched@1.0.0.patch` },
    settings: {
      '.yarnrc.yml':
        'nodeLinker: node-modules\napprovedGitRepositories: ["**"]\ncatalog:\n  cataloged: ^1.0.0\n',
    },
  },
  bun: {
    catalog: 'catalog:',
    workspace: 'workspace:*',
    manifest: {
      workspaces: { packages: WORKSPACES.workspaces, catalog: { cataloged: '^1.0.0' } },
      overrides: OVERRIDES,
      ...PATCHES,
    },
    dependencies: {},
    settings: {},
  },
};
