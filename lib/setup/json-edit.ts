/** Edits JSON in place: indentation, order of keys, line ends, byte order mark and everything else stay as they are. */
// Written by others because an edit that keeps the rest of a file needs a parser that knows where everything stands.
import { modify, parse } from 'jsonc-parser';
import { SetupError } from '../errors.ts';

/** Where a value stands: keys, and positions in lists. -1 is the place behind a list's last item. */
export type JsonPath = readonly (string | number)[];

/** Parses a file strictly. Throws `SetupError` `SETUP_UNREADABLE` for anything but a JSON object. */
export function parseObject(text: string, file: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(bodyOf(text));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch (cause) {
    throw new SetupError('SETUP_UNREADABLE', `${file} is not valid JSON.`, { cause });
  }
  throw new SetupError('SETUP_UNREADABLE', `${file} is not a JSON object.`);
}

/** The value at a path; `undefined` where there is none. */
export function valueIn(text: string, path: JsonPath): unknown {
  let value: unknown = parse(bodyOf(text));
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** The text with a value put at a path, or taken away where it is `undefined`; a value behind a list's last item is added. */
export function withValue(text: string, path: JsonPath, value: unknown): string {
  const body = bodyOf(text);
  const mark = text.slice(0, text.length - body.length);
  const edits = modify(body, [...path], value, {
    formattingOptions: formatOf(body),
    isArrayInsertion: path.at(-1) === -1,
  });
  return mark + edits.reduceRight(applied, body);
}

function applied(
  text: string,
  edit: { readonly offset: number; readonly length: number; readonly content: string },
): string {
  return text.slice(0, edit.offset) + edit.content + text.slice(edit.offset + edit.length);
}

function bodyOf(text: string): string {
  return text.replace(/^\ufeff/, '');
}

/** How the file is written today: two spaces where it does not say. */
function formatOf(body: string): { insertSpaces: boolean; tabSize: number; eol: string } {
  const indent = /^[^\S\r\n]+(?=")/m.exec(body)?.[0] ?? '  ';
  return {
    insertSpaces: !indent.startsWith('\t'),
    tabSize: indent.startsWith('\t') ? 4 : indent.length,
    eol: body.includes('\r\n') ? '\r\n' : '\n',
  };
}
