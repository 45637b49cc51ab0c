/** Does the package come from an allowed kind of place? */
import type { PackageSource } from '../model/package.ts';
import { defineCheck, fail, pass } from './define.ts';
import { kindWords, listed, quoted } from './words.ts';

/** Is the kind of place in the policy's list? */
export const packageSource = defineCheck({
  id: 'package-source',
  question:
    'Does it come from an allowed kind of place: registry, git, remote, file, workspace, link, bundled?',
  about:
    'Only registries sign what they serve. A git dependency or a plain URL can change under the same name, is signed by nobody, ' +
    'and may run code while it is fetched.',
  restsOn: 'tree',
  ask({ package: { source } }, { allow }) {
    const found = `${kindWords(source.kind)}${placeOf(source)}`;
    return allow.includes(source.kind)
      ? pass(found)
      : fail(
          `${found}; allowed: ${allow.length === 0 ? 'nothing' : listed(allow)}`,
          `Use a published version, or add ${source.kind} to allow for this package.`,
        );
  },
});

function placeOf(source: PackageSource): string {
  switch (source.kind) {
    case 'registry':
      return '';
    case 'git':
    case 'remote':
    case 'file':
      return ` (${quoted(source.resolved)})`;
    case 'workspace':
    case 'link':
      return ` (${quoted(source.path)})`;
    case 'bundled':
      return ` (inside ${quoted(source.inside)})`;
  }
}
