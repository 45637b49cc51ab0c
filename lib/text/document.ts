/** What the readers of JSON and YAML share: plain data with the line of everything in it, and the limits a document must keep. */
import { PolicyFileError } from '../errors.ts';
import { tame } from './sanitize.ts';

/** Where something stands inside a document: names and indexes, outermost first. */
export type DocumentPath = readonly (string | number)[];

/** A document, read. Its objects have no prototype, so no key in it can mean more than it says. */
export type ParsedDocument = {
  readonly value: unknown;
  /** The 1-based line of a key or list item; `undefined` when nothing stands there. */
  readonly lineOf: (path: DocumentPath) => number | undefined;
};

/** The largest document that is read, in bytes. */
export const MAX_BYTES = 1_048_576;

/** The deepest nesting that is read. */
export const MAX_DEPTH = 64;
const MAX_VALUES = 100_000;

/** Collects the lines of a document while it is read. `note` throws when the document is too deep or too large. */
export type LineNotes = {
  readonly note: (path: DocumentPath, line: number) => void;
  readonly lineOf: ParsedDocument['lineOf'];
};

/** Empty notes about `file`. */
export function createLineNotes(file: string): LineNotes {
  const lines = new Map<string, number>();
  return {
    note(path, line) {
      if (path.length > MAX_DEPTH) throw malformed({ file, line, message: 'is nested too deeply' });
      if (lines.size >= MAX_VALUES) throw malformed({ file, line, message: 'holds too many values' });
      lines.set(JSON.stringify(path), line);
    },
    lineOf: (path) => lines.get(JSON.stringify(path)),
  };
}

/** An object to fill while reading: `__proto__` and `constructor` are keys like any other. */
export function anEmptyRecord(): Record<string, unknown> {
  return Object.create(null);
}

/** One thing wrong with a document. `message` continues "the file …". */
export type Malformation = { readonly file: string; readonly line?: number; readonly message: string };

/** The error every malformed document raises: `POLICY_INVALID`, naming file and line. */
export function malformed({ file, line, message }: Malformation): PolicyFileError {
  const shown = tame(file);
  const at = line === undefined ? shown : `${shown}:${line}`;
  return new PolicyFileError('POLICY_INVALID', `${at}: ${message}`, {
    issues: [{ path: '', message, file: shown, ...(line === undefined ? {} : { line }) }],
  });
}

/** Throws when the text is longer than any honest document. */
export function refuseOversize(text: string, file: string): void {
  if (text.length > MAX_BYTES) throw malformed({ file, message: `is larger than ${MAX_BYTES} bytes` });
}
