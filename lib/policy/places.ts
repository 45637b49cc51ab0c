/** The only places a policy can lie in, and the names that would make it a program. */

/** Policy files, relative to a folder of the project. */
export const FILE_PLACES = [
  '.npmsignrc',
  '.npmsignrc.json',
  '.npmsignrc.yaml',
  '.npmsignrc.yml',
  '.config/npmsignrc',
  '.config/npmsignrc.json',
  '.config/npmsignrc.yaml',
  '.config/npmsignrc.yml',
] as const;

/** Holds a policy under the key `npmsign`. */
export const PACKAGE_PLACE = 'package.json';

/** What cosmiconfig runs as a program by default. A policy is data: these are refused, never run, and never passed over. */
export const SCRIPT_PLACES: readonly string[] = ['.npmsignrc', '.config/npmsignrc', 'npmsign.config'].flatMap(
  (stem) => ['.js', '.ts', '.cjs', '.mjs'].map((extension) => stem + extension),
);
