/** Gathers the licences of the bundled packages into one text. */
import type { BundledPackage } from './packages.ts';

const RULE = '-'.repeat(80);

/** `THIRD-PARTY-LICENSES.txt`: each package with its licence's name and whole text. */
export function licencesText(packages: readonly BundledPackage[]): string {
  const parts = packages.map(({ name, version, license, homepage, texts }) =>
    [
      `${name} ${version}`,
      `License: ${license}`,
      ...(homepage === undefined ? [] : [homepage]),
      '',
      ...(texts.length === 0
        ? [`The package carries no licence text of its own; it states ${license}.`]
        : texts),
    ].join('\n'),
  );
  return `npmsign contains the following packages.\n\n${parts.join(`\n\n${RULE}\n\n`)}\n`;
}
