/** Reads bun's lockfile: bun.lock, versions 0, 1 and 2. */
import { TreeError } from '../errors.ts';
import { holdsTooMany, MOST_VALUES } from '../text/json-values.ts';
import { tame } from '../text/sanitize.ts';
import { type BunEntry, parseBunEntry, wantsIn } from './bun-entry.ts';
import { type BunDependent, placesOf, wishesOf } from './bun-graph.ts';
import { packageOf } from './bun-package.ts';
import { type BunText, parseBunText } from './bun-text.ts';
import { aliasesIn } from './manifest.ts';
import { isFields } from './npm-entry.ts';
import { type LockfileReader, MOST_ENTRIES, PROJECT } from './reader.ts';
import { createRefusal, type Refusal } from './refusal.ts';
import { usesOf, wishesFor } from './uses.ts';

const REWRITE = 'Run bun install --lockfile-only to rewrite it, and review the difference.';

type Fields = Readonly<Record<string, unknown>>;

/** From this version on, an entry without `hasInstallScript` has none; before, nothing is said. */
const TELLS_SCRIPTS = 2;

/** The lockfile repeats what package.json says of overrides, catalogs and patches; bun refuses a frozen install where the two differ. */
export const bun: LockfileReader = {
  format: 'bun',
  fileNames: ['bun.lock'],
  parse({ text, file }) {
    const refusal = createRefusal(file, REWRITE);
    const { lockfile, lines } = lockfileIn(text, refusal);
    assertVersion(lockfile, file);
    const place = (key: string) => {
      const line = lines.get(key);
      return line === undefined ? { key } : { key, line };
    };
    if (lines.size > MOST_ENTRIES) throw refusal.refuse({}, `has more than ${MOST_ENTRIES} entries`);
    const entries = new Map(
      Object.entries(fieldsIn(lockfile, 'packages', refusal)).map(([key, value]): [string, BunEntry] => [
        key,
        refusal.reading(place(key), () => parseBunEntry(key, value)),
      ]),
    );
    const workspaces = fieldsIn(lockfile, 'workspaces', refusal);
    const places = placesOf(entries.values());
    const wishes = dependentsIn(workspaces, entries, refusal).flatMap((one) => wishesOf(one, places));
    const context = {
      lockfile,
      entries,
      lines,
      workspaces: new Map(Object.entries(workspaces)),
      wishes: wishesFor(wishes),
      uses: usesOf(wishes),
      overrides: aliasesIn([lockfile['overrides']]),
      tellsScripts: lockfile['lockfileVersion'] === TELLS_SCRIPTS,
    };
    return [...entries.values()].map((entry) =>
      refusal.reading(place(entry.key), () => packageOf(entry, context)),
    );
  },
};

function lockfileIn(
  text: string,
  { refuse }: Refusal,
): { readonly lockfile: Fields; readonly lines: ReadonlyMap<string, number> } {
  const { value, scan } = parsed(text, refuse);
  if (!isFields(value)) throw refuse({}, 'is not a JSON object');
  if (scan.duplicate !== undefined) {
    const key = tame(JSON.stringify(scan.duplicate.key), 200);
    throw refuse({ line: scan.duplicate.line }, `has the key ${key} twice in one object`);
  }
  return { lockfile: value, lines: scan.lines };
}

function parsed(text: string, refuse: Refusal['refuse']): BunText {
  if (holdsTooMany(text)) throw refuse({}, `holds more than ${MOST_VALUES} values`);
  try {
    return parseBunText(text);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw refuse({}, 'is not JSON as bun writes it', cause);
  }
}

function assertVersion(lockfile: Fields, file: string): void {
  const version = lockfile['lockfileVersion'];
  if (version === 0 || version === 1 || version === 2) return;
  const found =
    version === undefined ? 'no lockfileVersion' : `lockfileVersion ${tame(JSON.stringify(version), 20)}`;
  throw new TreeError('LOCKFILE_VERSION', `${file} has ${found}; npmsign reads 0, 1 and 2.`, {
    hint: 'Run bun install --lockfile-only to rewrite it, or use a later npmsign.',
  });
}

function fieldsIn(lockfile: Fields, section: string, { refuse }: Refusal): Fields {
  const fields = lockfile[section];
  if (isFields(fields)) return fields;
  throw refuse({}, `has no ${section} object`);
}

/** The project, its workspaces, and every entry. A workspace's own wishes stand beside the packages. */
function dependentsIn(
  workspaces: Fields,
  entries: ReadonlyMap<string, BunEntry>,
  { reading }: Refusal,
): readonly BunDependent[] {
  const keys = new Map(
    [...entries.values()].flatMap(({ key, source }) =>
      source.kind === 'workspace' ? [[source.path, key] as const] : [],
    ),
  );
  const folders = Object.entries(workspaces).map(([path, fields]): BunDependent => {
    const key = path === '' ? PROJECT : (keys.get(path) ?? path);
    const wants = reading({ key: path }, () => {
      if (!isFields(fields)) throw new Error('a workspace that is not an object');
      return wantsIn(fields);
    });
    return { key, place: entries.get(key)?.place ?? [], wants };
  });
  // Nobody need depend on a workspace: the project holds it.
  const held = [...keys.values()].map((name) => ({ name, spec: 'workspace:*', use: 'production' as const }));
  return [...folders, { key: PROJECT, place: [], wants: held }, ...entries.values()];
}
