/** Reads the lockfile of yarn 1: yarn.lock, version 1. */
import type { Use } from '../model/package.ts';
import { tame } from '../text/sanitize.ts';
import { aliasesIn } from './manifest.ts';
import { isFields } from './npm-entry.ts';
import { type LockfileReader, PROJECT } from './reader.ts';
import { createRefusal, type Refusal } from './refusal.ts';
import { usesOf, type Wish, wishesFor } from './uses.ts';
import { textsIn } from './written.ts';
import { keyOf, packageOf } from './yarn-classic-package.ts';
import { parseYarnClassicText, type YarnClassicEntry } from './yarn-classic-text.ts';

const REWRITE = 'Run yarn install --ignore-scripts to rewrite it, and review the difference.';

const SECTIONS: readonly (readonly [string, Use])[] = [
  ['dependencies', 'production'],
  ['optionalDependencies', 'optional'],
  ['devDependencies', 'development'],
];

/**
 * The file says nothing of workspaces and of what they want. A package that only a workspace wants has a way of its own name alone, and
 * counts as needed in production.
 */
export const yarnClassic: LockfileReader = {
  format: 'yarn-classic',
  fileNames: ['yarn.lock'],
  parse({ text, file, manifest }) {
    const refusal = createRefusal(file, REWRITE);
    if (/<{7}/.test(text) && /={7}/.test(text) && />{7}/.test(text)) {
      throw refusal.refuse({}, 'has the marks of a merge conflict in it');
    }
    const entries = parseYarnClassicText(text, refusal);
    const keys = keysByPattern(entries, refusal);
    const project = isFields(manifest) ? manifest : {};
    const wishes = [
      ...projectWishes(project, keys),
      ...entries.flatMap((entry) =>
        refusal.reading({ key: keyOf(entry), line: entry.line }, () => wishesOf(entry, keys)),
      ),
    ];
    const context = {
      wishes: wishesFor(wishes),
      uses: usesOf(wishes),
      resolutions: aliasesIn([project['resolutions']]),
    };
    return entries.map((entry) =>
      refusal.reading({ key: keyOf(entry), line: entry.line }, () => packageOf(entry, context)),
    );
  },
};

function keysByPattern(
  entries: readonly YarnClassicEntry[],
  { refuse }: Refusal,
): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  const joined = new Set(entries.map(keyOf));
  if (joined.size < entries.length) throw refuse({}, 'has two entries whose patterns read alike');
  for (const entry of entries) {
    for (const pattern of entry.patterns) {
      if (keys.has(pattern)) {
        throw refuse({ line: entry.line }, `has the key ${tame(JSON.stringify(pattern), 200)} twice`);
      }
      keys.set(pattern, keyOf(entry));
    }
  }
  return keys;
}

function projectWishes(
  project: Readonly<Record<string, unknown>>,
  keys: ReadonlyMap<string, string>,
): readonly Wish[] {
  return SECTIONS.flatMap(([section, use]) => {
    const wanted = project[section];
    if (!isFields(wanted)) return [];
    return Object.entries(wanted).flatMap(([name, spec]) => {
      const to = keys.get(`${name}@${String(spec)}`);
      return to === undefined ? [] : [{ from: PROJECT, to, use }];
    });
  });
}

function wishesOf(entry: YarnClassicEntry, keys: ReadonlyMap<string, string>): readonly Wish[] {
  const from = keyOf(entry);
  return (['dependencies', 'optionalDependencies'] as const).flatMap((section) =>
    textsIn(entry.fields, section).flatMap(([name, spec]) => {
      const to = keys.get(`${name}@${spec}`);
      return to === undefined
        ? []
        : [{ from, to, use: section === 'dependencies' ? 'production' : 'optional' }];
    }),
  );
}
