/** Finds on which line of a JSON text each key stands, without building anything else. */

/** A key that one object has twice. Parsers keep the last; a reader sees the first. */
export type DuplicateKey = {
  readonly key: string;
  /** 1-based. */
  readonly firstLine: number;
  /** 1-based. */
  readonly line: number;
};

/** Where the keys of a JSON text stand. */
export type KeyScan = {
  /** The keys of the object asked for, each with the 1-based line of its first appearance; empty when there is no such object. */
  readonly lines: ReadonlyMap<string, number>;
  /** The first key that some object, anywhere in the text, has twice. */
  readonly duplicate: DuplicateKey | undefined;
};

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

/** One open object: the lines of its keys so far, and the key whose value is being read. */
type OpenObject = { readonly lines: Map<string, number>; key: string };

/**
 * Scans a text that `JSON.parse` accepts; of any other text the result means nothing. `path` names the object whose keys are wanted,
 * from the outermost key inwards. One pass, no recursion, so depth costs memory only. Outside texts, a colon stands only after a key.
 */
export function scanKeys(text: string, path: readonly string[]): KeyScan {
  const open: (OpenObject | undefined)[] = [];
  let wanted: ReadonlyMap<string, number> = new Map();
  let duplicate: DuplicateKey | undefined;
  let line = 1;
  let string = { start: 0, end: 0 };
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case NEWLINE:
        line++;
        break;
      case QUOTE:
        string = { start: at + 1, end: endOfString(text, at + 1) };
        at = string.end;
        break;
      case COLON: {
        const top = open.at(-1);
        if (top === undefined) break;
        top.key = unescaped(text.slice(string.start, string.end));
        const firstLine = top.lines.get(top.key);
        if (firstLine === undefined) top.lines.set(top.key, line);
        else duplicate ??= { key: top.key, firstLine, line };
        break;
      }
      case OPEN_OBJECT: {
        const opened = { lines: new Map<string, number>(), key: '' };
        if (standsAt(open, path)) wanted = opened.lines;
        open.push(opened);
        break;
      }
      case OPEN_ARRAY:
        open.push(undefined);
        break;
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        open.pop();
    }
  }
  return { lines: wanted, duplicate };
}

/**
 * The same of a text whose value is known. A text that is laid out as its value is written again, as npm lays it out, is not read letter by
 * letter: a key that stood in it twice would be written once.
 */
export function scanKeysOf(value: unknown, text: string, path: readonly string[]): KeyScan {
  const indent = /^\{\n([ \t]+)"/.exec(text)?.[1];
  if (indent === undefined || !isWritten(text, value, indent)) return scanKeys(text, path);
  return { lines: linesIn(text, value, { path, indent }), duplicate: undefined };
}

function isWritten(text: string, value: unknown, indent: string): boolean {
  try {
    const room = { letters: text.length, indent: indent.length, depth: 1 };
    if (isNested(value) && roomBeside(value, room) < 0) return false;
    const written = JSON.stringify(value, null, indent);
    const more = text.length - written.length;
    return text.startsWith(written) && (more === 0 || (more === 1 && text.endsWith('\n')));
  } catch (error) {
    // What is nested too deep to be written can still be read.
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/**
 * What is left of so many letters when each value in it has a line of its own, negative where they cannot hold it: of a text that is wide
 * where it is deep, nearly all would be indentation. Throws `RangeError` for what is nested too deep to be written.
 */
function roomBeside(value: object, { letters, indent, depth }: Room): number {
  let left = letters;
  // Of each key by itself: lists of all of them would take longer than writing them.
  for (const key in value) {
    left -= indent * depth + 2;
    if (left < 0) return left;
    const inner: unknown = value[key as keyof typeof value];
    if (isNested(inner)) left = roomBeside(inner, { letters: left, indent, depth: depth + 1 });
  }
  return left;
}

type Room = { readonly letters: number; readonly indent: number; readonly depth: number };

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

type Layout = { readonly path: readonly string[]; readonly indent: string };

/** Only at the start of a line does a key stand behind that very indentation: no text has a line feed in it. */
function linesIn(text: string, value: unknown, { path, indent }: Layout): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  const place = { at: 0, line: 1 };
  const goTo = (key: string, depth: number): void => {
    const end = text.indexOf(`\n${indent.repeat(depth)}${JSON.stringify(key)}: `, place.at);
    for (; place.at <= end; place.line++) place.at = text.indexOf('\n', place.at) + 1;
  };
  let object = value;
  for (const [level, name] of path.entries()) {
    if (!isObject(object) || !Object.hasOwn(object, name)) return lines;
    goTo(name, level + 1);
    object = object[name];
  }
  if (!isObject(object)) return lines;
  for (const key of Object.keys(object)) {
    goTo(key, path.length + 1);
    lines.set(key, place.line);
  }
  return lines;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The index of the quote that ends the string whose first character is at `start`. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start);
  while (end !== -1 && isEscaped(text, end, start)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

/** A quote is escaped when an odd number of backslashes stands before it. */
function isEscaped(text: string, quote: number, start: number): boolean {
  let before = quote - 1;
  while (before >= start && text.charCodeAt(before) === BACKSLASH) before--;
  return (quote - before) % 2 === 0;
}

function unescaped(raw: string): string {
  if (!raw.includes('\\')) return raw;
  try {
    return String(JSON.parse(`"${raw}"`));
  } catch {
    // Not a JSON string, so the text is not JSON either; the caller's own parser has said so.
    return raw;
  }
}

function standsAt(open: readonly (OpenObject | undefined)[], path: readonly string[]): boolean {
  return open.length === path.length && path.every((key, level) => open[level]?.key === key);
}
