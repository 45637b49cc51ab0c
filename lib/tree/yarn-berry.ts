/** Reads the lockfile of yarn 3 and later: yarn.lock, versions 6 to 10. */
import { TreeError } from '../errors.ts';
import { tame } from '../text/sanitize.ts';
import { type LockfileReader, PROJECT } from './reader.ts';
import { createRefusal, type Refusal } from './refusal.ts';
import { usesOf, wishesFor } from './uses.ts';
import { mapIn, plainText, textIn, type Written, type WrittenMap } from './written.ts';
import { parseYamlText } from './yaml-text.ts';
import { indexOf, wishesOf, type YarnBerryEntry } from './yarn-berry-graph.ts';
import { packageOf } from './yarn-berry-package.ts';
import { originOf } from './yarn-berry-source.ts';
import { parseYarnIdent } from './yarn-locator.ts';

const REWRITE = 'Run yarn install --mode=update-lockfile to rewrite it, and review the difference.';
const METADATA = '__metadata';
const VERSIONS = new Set(['6', '7', '8', '9', '10']);

/**
 * Its hashes are of yarn's own archives, so packages have no `integrity` but a reason for that. A patched package is an entry of its own, beside
 * the one the patch is laid upon; both are judged as what the registry published.
 */
export const yarnBerry: LockfileReader = {
  format: 'yarn-berry',
  fileNames: ['yarn.lock'],
  parse({ text, file, manifest }) {
    const refusal = createRefusal(file, REWRITE);
    const written = parseYamlText({ text: text.replace(/^\u{feff}/u, ''), firstLine: 1 }, refusal);
    assertVersion(written, refusal, file);
    const entries = entriesOf(written, refusal);
    const index = indexOf(entries);
    const wishes = entries.flatMap((entry) => refusal.reading(entry, () => wishesOf(entry, index, manifest)));
    const context = { wishes: wishesFor(wishes), uses: usesOf(wishes) };
    return entries
      .filter(({ key }) => key !== PROJECT)
      .map((entry) => refusal.reading(entry, () => packageOf(entry, context)));
  },
};

function assertVersion(written: WrittenMap, { reading }: Refusal, file: string): void {
  const version = reading({ key: METADATA }, () => {
    const metadata = mapIn(written, METADATA);
    return metadata === undefined ? undefined : textIn(metadata, 'version');
  });
  if (VERSIONS.has(version ?? '')) return;
  const found = version === undefined ? 'no version' : `version ${tame(version, 20)}`;
  throw new TreeError('LOCKFILE_VERSION', `${file} has ${found}; npmsign reads 6 to 10, and 1 of yarn 1.`, {
    hint: 'Run yarn install --mode=update-lockfile with yarn 3 or later to rewrite it.',
  });
}

function entriesOf(written: WrittenMap, refusal: Refusal): readonly YarnBerryEntry[] {
  const seen = new Set<string>();
  const once = (text: string, line: number): string => {
    if (seen.has(text))
      throw refusal.refuse({ line }, `has ${tame(JSON.stringify(text), 200)} in two entries`);
    seen.add(text);
    return text;
  };
  return [...written.entries]
    .filter(([key]) => key !== METADATA)
    .map(([key, value]) => {
      const entry = refusal.reading({ key, line: value.line }, () => entryOf(key, value));
      for (const descriptor of entry.descriptors) once(`descriptor ${descriptor}`, entry.line);
      once(entry.key === PROJECT ? 'the project itself' : `resolution ${entry.resolution}`, entry.line);
      return entry;
    });
}

function entryOf(key: string, value: Written): YarnBerryEntry {
  if (value.kind !== 'map') throw new Error('an entry that is not an object');
  const resolution = textIn(value, 'resolution');
  if (resolution === undefined) throw new Error('no resolution');
  const origin = originOf(resolution);
  const descriptors = key.split(/ *, */);
  for (const descriptor of descriptors) parseYarnIdent(descriptor);
  const isProject = origin.source.kind === 'workspace' && origin.source.path === '.';
  return {
    key: isProject ? PROJECT : plainText(key, 'its key'),
    descriptors,
    resolution,
    origin,
    fields: value,
    line: value.line,
  };
}
