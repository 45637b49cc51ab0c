/** Finds where a list of a YAML file grows: the text around stays as it is, comments and all. */
import { isMap, isSeq, parseDocument } from 'yaml';
import { appended, lineEndOf } from './lines.ts';

/** A piece of text, and where it goes. */
export type YamlEdit = { readonly offset: number; readonly piece: string };

/**
 * One more item, a map of `key: value` lines, at the end of a top-level list, which is made if it is not there. `undefined` where that cannot be
 * done by adding lines: the file is no map, or the list is written in brackets.
 */
export function withListItem(text: string, list: string, lines: readonly string[]): YamlEdit | undefined {
  const document = parseDocument(text, { keepSourceTokens: true });
  const { contents } = document;
  if (document.errors.length > 0 || (contents !== null && (!isMap(contents) || contents.flow === true)))
    return undefined;
  const found = isMap(contents) ? contents.get(list, true) : undefined;
  if (found === undefined) {
    return { offset: text.length, piece: appended(text, [`${list}:`, ...itemLines('  ', lines)]) };
  }
  const last = isSeq(found) && found.flow !== true ? found.items.at(-1) : undefined;
  const [start, end] = rangeOf(last);
  return start === undefined || end === undefined ? undefined : behind(text, { start, end }, lines);
}

/** A new item behind one that stands from `start` to `end`, as far in as that one. */
function behind(
  text: string,
  { start, end }: { start: number; end: number },
  lines: readonly string[],
): YamlEdit | undefined {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const indent = /^([^\S\r\n]*)-\s/.exec(text.slice(lineStart, start));
  if (indent === null) return undefined;
  const lineEnd = text.indexOf('\n', Math.max(start, end - 1));
  const offset = lineEnd === -1 ? text.length : lineEnd + 1;
  const item = itemLines(indent[1] ?? '', lines);
  if (lineEnd === -1) return { offset, piece: appended(text, item) };
  return { offset, piece: item.map((line) => line + lineEndOf(text)).join('') };
}

function itemLines(indent: string, [first = '', ...rest]: readonly string[]): readonly string[] {
  return [`${indent}- ${first}`, ...rest.map((line) => `${indent}  ${line}`)];
}

/** Where a node starts and where its value ends; empty for what is no node. */
function rangeOf(node: unknown): readonly (number | undefined)[] {
  const { range } = Object(node);
  return Array.isArray(range) ? range : [];
}
