/** What a package manager is: which one, which version, and how it is run. */

/** The package managers npmsign drives; yarn 1 and yarn 2 or later have nothing in common but the name. */
export type ManagerKind = 'npm' | 'pnpm' | 'yarn-classic' | 'yarn-berry' | 'bun';

/** The names people call them by. */
export type ManagerName = 'npm' | 'pnpm' | 'yarn' | 'bun';

/** A program by its absolute path, and the arguments that come before all others, such as the script a node is to run. */
export type Program = { readonly file: string; readonly first: readonly string[] };

/** A package manager that was found. */
export type Manager = {
  readonly kind: ManagerKind;
  readonly name: ManagerName;
  readonly version: string;
  readonly program: Program;
};

/** The name of a kind. */
export function nameOf(kind: ManagerKind): ManagerName {
  return kind === 'yarn-classic' || kind === 'yarn-berry' ? 'yarn' : kind;
}
