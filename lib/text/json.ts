/** Reads JSON strictly: RFC 8259, no key twice, bounded depth, the line of every value known. */
import {
  anEmptyRecord,
  createLineNotes,
  type DocumentPath,
  malformed,
  type ParsedDocument,
  refuseOversize,
} from './document.ts';
import { tame } from './sanitize.ts';

const SCALAR =
  /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** Is it JSON: named `.json`, or without an extension and starting with `{`? Anything else is YAML. */
export function isJson(text: string, file: string): boolean {
  if (/\.json$/i.test(file)) return true;
  return /(?:^|[\\/])\.?[^.\\/]+$/.test(file) && /^\ufeff?\s*\{/.test(text);
}

/**
 * Parses JSON. `JSON.parse` alone keeps the last of two equal keys and knows no lines.
 * Throws `PolicyFileError` (`POLICY_INVALID`) with the line; no text of the file enters the message but a repeated key.
 */
export function parseJson(text: string, file: string): ParsedDocument {
  refuseOversize(text, file);
  const source = createSource(text, file);
  const notes = createLineNotes(file);

  function readValue(path: DocumentPath): unknown {
    const next = source.peek();
    if (next === '{') return readObject(path);
    if (next === '[') return readArray(path);
    return source.scalar('a value');
  }

  function readObject(path: DocumentPath): unknown {
    const record = anEmptyRecord();
    source.skip('{');
    for (let first = true; !source.skip('}'); first = false) {
      if (!first) source.expect(',');
      if (source.peek() !== '"') throw source.fault('a key in double quotes');
      const line = source.line();
      const key = String(source.scalar('a key'));
      if (key in record) throw malformed({ file, line, message: `has the key "${tame(key, 60)}" twice` });
      source.expect(':');
      notes.note([...path, key], line);
      record[key] = readValue([...path, key]);
    }
    return record;
  }

  function readArray(path: DocumentPath): unknown {
    const items: unknown[] = [];
    source.skip('[');
    for (let first = true; !source.skip(']'); first = false) {
      if (!first) source.expect(',');
      source.peek();
      notes.note([...path, items.length], source.line());
      items.push(readValue([...path, items.length]));
    }
    return items;
  }

  const value = readValue([]);
  if (source.peek() !== undefined) throw source.fault('the end of the file');
  return { value, lineOf: notes.lineOf };
}

type Source = {
  /** The next character that is not blank, not consumed. */
  readonly peek: () => string | undefined;
  /** Consumes the character if it is next. */
  readonly skip: (character: string) => boolean;
  readonly expect: (character: string) => void;
  readonly scalar: (wanted: string) => unknown;
  readonly line: () => number;
  readonly fault: (wanted: string) => Error;
};

function createSource(text: string, file: string): Source {
  let index = text.startsWith('\ufeff') ? 1 : 0;
  let line = 1;

  function peek(): string | undefined {
    for (; ' \t\r\n'.includes(text[index] ?? '-'); index++) if (text[index] === '\n') line++;
    return text[index];
  }
  function skip(character: string): boolean {
    if (peek() !== character) return false;
    index++;
    return true;
  }
  function fault(wanted: string): Error {
    return malformed({ file, line, message: `is not valid JSON: ${wanted} should stand here` });
  }
  function scalar(wanted: string): unknown {
    peek();
    SCALAR.lastIndex = index;
    const token = SCALAR.exec(text)?.[0];
    if (token === undefined) throw fault(wanted);
    index += token.length;
    return JSON.parse(token);
  }
  function expect(character: string): void {
    if (!skip(character)) throw fault(`"${character}"`);
  }
  return { peek, skip, expect, scalar, line: () => line, fault };
}
