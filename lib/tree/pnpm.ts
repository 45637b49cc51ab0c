/** Reads pnpm's lockfile: pnpm-lock.yaml, versions 6.0, 6.1 and 9.0. */
import { TreeError } from '../errors.ts';
import { tame } from '../text/sanitize.ts';
import type { PnpmDocument } from './pnpm-entries.ts';
import { packagesOf } from './pnpm-package.ts';
import type { PnpmFormat } from './pnpm-path.ts';
import type { LockfileReader } from './reader.ts';
import { createRefusal, type Refusal } from './refusal.ts';
import { lineFeedsIn } from './text-lines.ts';
import { textIn, type WrittenMap } from './written.ts';
import { parseYamlText, type YamlText } from './yaml-text.ts';

const REWRITE = 'Run pnpm install --lockfile-only --ignore-scripts to rewrite it, and review the difference.';

const FORMATS: ReadonlyMap<string, PnpmFormat> = new Map([
  ['6.0', 6],
  ['6.1', 6],
  ['9.0', 9],
]);

/**
 * pnpm 11 and later put a document before the lockfile proper: what pnpm itself is made of, and its plugins. That is fetched and run too, so
 * its packages are packages of the tree, their keys beginning with `env:`.
 */
export const pnpm: LockfileReader = {
  format: 'pnpm',
  fileNames: ['pnpm-lock.yaml'],
  parse({ text, file }) {
    const refusal = createRefusal(file, REWRITE);
    const { env, main } = documentsOf(text);
    return [
      ...(env === undefined ? [] : packagesOf(documentIn(env, 'env:', refusal, file), refusal)),
      ...(main === undefined ? [] : packagesOf(documentIn(main, '', refusal, file), refusal)),
    ];
  },
};

const START = '---\n';
const SEPARATOR = '\n---\n';

/** Cut as pnpm cuts it, by text and not by YAML. */
function documentsOf(text: string): { readonly env?: YamlText; readonly main?: YamlText } {
  const content = text.replace(/^\u{feff}/u, '').replaceAll('\r\n', '\n');
  if (!content.startsWith(START)) return { main: { text: content, firstLine: 1 } };
  const end = content.indexOf(SEPARATOR, START.length);
  if (end === -1) return { env: { text: content.slice(START.length), firstLine: 2 } };
  const before = content.slice(0, end + SEPARATOR.length);
  return {
    env: { text: content.slice(START.length, end + 1), firstLine: 2 },
    main: { text: content.slice(before.length), firstLine: lineFeedsIn(before) + 1 },
  };
}

function documentIn(text: YamlText, prefix: string, refusal: Refusal, file: string): PnpmDocument {
  const written = parseYamlText(text, refusal);
  return { written, prefix, format: formatOf(written, refusal, file) };
}

function formatOf(written: WrittenMap, { reading }: Refusal, file: string): PnpmFormat {
  const found = reading({ key: 'lockfileVersion' }, () => textIn(written, 'lockfileVersion'));
  const format = FORMATS.get(found ?? '');
  if (format !== undefined) return format;
  const words = found === undefined ? 'no lockfileVersion' : `lockfileVersion ${tame(found, 20)}`;
  throw new TreeError('LOCKFILE_VERSION', `${file} has ${words}; npmsign reads 6.0, 6.1 and 9.0.`, {
    hint: 'Run pnpm install --lockfile-only --ignore-scripts with pnpm 8 or later to rewrite it.',
  });
}
