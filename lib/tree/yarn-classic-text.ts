/** Reads the text format of yarn 1's lockfile, and only as yarn 1 writes it. */
import { tame } from '../text/sanitize.ts';
import { MOST_ENTRIES } from './reader.ts';
import type { Refusal } from './refusal.ts';
import { linesOf } from './text-lines.ts';
import { plainText, type Written, type WrittenMap } from './written.ts';

/** One entry: the patterns that lead to it, and its fields. */
export type YarnClassicEntry = {
  readonly patterns: readonly string[];
  readonly fields: WrittenMap;
  /** 1-based. */
  readonly line: number;
};

/**
 * Parses the whole file. yarn 1 reads more than this, and takes a file it cannot read for YAML: so whatever it would not write itself is
 * refused with its line, a repeated key too. Throws what `refuse` makes.
 */
export function parseYarnClassicText(
  text: string,
  { reading, refuse }: Refusal,
): readonly YarnClassicEntry[] {
  const entries: YarnClassicEntry[] = [];
  // What the next line may be put into: the fields of an entry, the dependencies in one of its sections.
  const open: Map<string, Written>[] = [];
  for (const { line, content } of linesOf(text)) {
    if (content === '' || content.startsWith('#')) continue;
    const { level, keys, value } = reading({ line }, () => parseLine(content));
    const inner = new Map<string, Written>();
    const written: Written =
      value === undefined
        ? { kind: 'map', entries: inner, line }
        : { kind: 'text', text: value, plain: false, line };
    if (level === 0) {
      if (written.kind !== 'map') throw refuse({ line }, NOT_YARNS);
      if (entries.length >= MOST_ENTRIES) throw refuse({}, `has more than ${MOST_ENTRIES} entries`);
      entries.push({ patterns: keys, fields: written, line });
    } else {
      const [holder, key] = [open[level - 1], keys[0]];
      if (holder === undefined || key === undefined || keys.length > 1) throw refuse({ line }, NOT_YARNS);
      if (holder.has(key)) throw refuse({ line }, `has the key ${tame(JSON.stringify(key), 200)} twice`);
      holder.set(key, written);
    }
    open.splice(level, open.length, ...(value === undefined ? [inner] : []));
  }
  return entries;
}

const NOT_YARNS = 'has a line that yarn does not write';

/** Entries stand at level 0, their fields at 1, dependencies at 2. A line ends in a colon or has a value. */
type Line = { readonly level: number; readonly keys: readonly string[]; readonly value?: string };

function parseLine(content: string): Line {
  const trimmed = content.trimStart();
  const level = (content.length - trimmed.length) / 2;
  if (!Number.isInteger(level) || level > 2 || !/^ *$/.test(content.slice(0, level * 2)))
    throw new Error(NOT_YARNS);
  const first = wordAt(trimmed, 0);
  const keys = [first.word];
  let at = first.end;
  while (trimmed.startsWith(', ', at)) {
    const { word, end } = wordAt(trimmed, at + 2);
    keys.push(word);
    at = end;
  }
  if (trimmed.slice(at) === ':') return { level, keys };
  if (trimmed[at] !== ' ' || keys.length > 1) throw new Error(NOT_YARNS);
  const value = wordAt(trimmed, at + 1);
  if (value.end !== trimmed.length) throw new Error(NOT_YARNS);
  return { level, keys, value: value.word };
}

// What yarn leaves without quotes; all else it writes as a JSON string, in which only Windows paths have backslashes.
const BARE = /(?!true|false)[a-z][^\s\\":,[\]]*/iy;
const QUOTED = /"([^"\\]*)"/y;

function wordAt(text: string, start: number): { readonly word: string; readonly end: number } {
  for (const pattern of [QUOTED, BARE]) {
    pattern.lastIndex = start;
    const found = pattern.exec(text);
    if (found !== null) {
      return { word: plainText(found[1] ?? found[0], 'a text'), end: start + found[0].length };
    }
  }
  throw new Error(NOT_YARNS);
}
